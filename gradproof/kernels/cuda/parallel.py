"""Whether the steps of a loop may run in any order, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp
from sympy import Expr

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, elements, free
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import distance, plain, reads
from gradproof.kernels.planner.tree import Loop, Nest, Node, Strip
from gradproof.kernels.planner.walk import products, statements


def is_parallel(index: Index, nodes: Sequence[Node]) -> bool:
    """Does every step of the loop over the index, whose body the nodes are, keep to what it made itself?"""
    if any(isinstance(n, Nest) for n in nodes) or any(i == index for n in nodes for i in _cut(n)):
        return False
    dots, plain_ones = list(products(*nodes)), list(statements(*nodes))
    made: dict[str, list[Statement]] = {}
    for s in (*plain_ones, *(d.statement for d in dots)):
        if index not in s.free and index not in s.reduced and s.kind != "add":
            return False
        made.setdefault(s.name, []).append(s)
    adds = (s for s in plain_ones if s.kind == "add")
    if not all(any(plain(slot) == index for slot in s.target.indices) for s in adds):
        return False
    accesses = [e for s in plain_ones for e in (*reads(s), s.target)]
    accesses += [e for d in dots for e in (d.left, d.right)]
    accesses += [d.statement.target for d in dots if index not in d.statement.reduced]
    return all(_is_own(w, e, index) for e in accesses for w in made.get(e.name, ()))


def _is_own(writer: Statement, access: Element, index: Index) -> bool:
    if index in writer.reduced:
        return access == writer.target  # the sum itself
    if writer.kind == "add":
        own = [a for a, slot in enumerate(writer.target.indices) if plain(slot) == index]
        return bool(own) and all(plain(access.indices[a]) == index for a in own[:1])
    return distance(writer, access, index) == 0


def _cut(node: Node) -> Iterator[Index]:
    """Yield the indices that are cut into strips under a node."""
    if isinstance(node, Strip):
        yield node.index
        yield from (i for i, _ in node.ends)
    if isinstance(node, Loop | Strip):
        for inner in node.body:
            yield from _cut(inner)


def apart_if(s: Statement, indices: tuple[Index, ...], divisors: frozenset[Size]) -> frozenset[Size] | None:
    """Return the sizes that must not be 0 for an added term to go to another place for each place of the indices.

    None where two places may add to one entry whatever the sizes, as those of equal labels.
    """
    found = [_step(s.target, i, indices) for i in indices]
    if any(step is None for step in found):
        return None
    sizes = (step for step in found if isinstance(step, Size) and not (step.least >= 1 or step in divisors))
    return frozenset(sizes)


def _step(target: Element, index: Index, indices: tuple[Index, ...]) -> Expr | None:
    """Return how far a slot moves with the index, of those that move with no other of the indices."""
    for slot in target.indices:
        if elements(slot) or index not in free(slot) or any(i in free(slot) for i in indices if i != index):
            continue
        step: Expr = sp.expand(slot).coeff(index)
        if index not in free(sp.expand(slot - step * index)) and (isinstance(step, Size) or _is_number(step)):
            return step
    return None


def _is_number(step: Expr) -> bool:
    return bool(step.is_Integer and step != 0)
