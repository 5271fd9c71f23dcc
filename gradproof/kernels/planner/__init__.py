"""The plan of a fast kernel: which loops run together, in which order, by how many threads, and what is kept where.

    program -> flatten (statements) -> classes (indices) -> products -> order -> fuse (the tree of loops) -> places

Every statement keeps its equation's number. What these passes do not take (linear systems, positions of a maximum,
products over an index) stays a loop nest of its own, run by one thread, as `lower` makes it.
"""
