"""Kernels beside what a user would otherwise call: each peer in a process of its own, interleaved, with the limits.

    case (system, sizes, inputs) -> workers (ours and the peers) -> row (times, limit, errors) -> table

A peer's library is loaded in its worker alone; a peer that is not installed, or does not know a system, is said.
"""
