"""Which tensors depend on one another: recurrences and states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import elements, names_in


def reads_of(equations: Iterable[Equation]) -> dict[str, frozenset[str]]:
    """For each computed tensor, the computed tensors that its equations read."""
    kept = [e for e in equations if e.kind is not Kind.UPDATE]
    computed = {e.name for e in kept}
    out: dict[str, frozenset[str]] = {}
    for e in kept:
        out[e.name] = out.get(e.name, frozenset()) | (names_in(e.value) & computed)
    return out


def reach(graph: Mapping[str, frozenset[str]], start: str) -> frozenset[str]:
    """Everything that `start` depends on, directly or not."""
    found: set[str] = set()
    stack = [start]
    while stack:
        for name in graph.get(stack.pop(), frozenset()) - found:
            found.add(name)
            stack.append(name)
    return frozenset(found)


def cycles(equations: Iterable[Equation]) -> dict[str, frozenset[str]]:
    """For each tensor that depends on itself, all tensors in that circle (itself among them)."""
    graph = reads_of(equations)
    below = {name: reach(graph, name) for name in graph}
    return {n: frozenset(m for m in below[n] if n in below[m]) for n in graph if n in below[n]}


def states(equations: tuple[Equation, ...]) -> frozenset[str]:
    """The tensors of a recurrence that are read at another index, or have start rows."""
    circle = cycles(equations)
    out = {e.name for e in equations if e.kind is Kind.START}
    for e in equations:
        for element in elements(e.value) if e.kind is Kind.DEFINE else ():
            if element.name in circle.get(e.name, ()) and not set(element.indices) <= set(e.target.indices):
                out.add(element.name)
    return frozenset(out)
