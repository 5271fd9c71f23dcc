"""The derivatives that a claim speaks of, derived: a step's system with an equation for each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from gradproof.derive.canonical import closed_values
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.derivation import derive
from gradproof.derive.jacobian import jacobian
from gradproof.derive.latex.stated.step import LEFT, RIGHT, Step
from gradproof.derive.latex.stated.values import Wanted
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Element, names_in
from gradproof.derive.order import reach
from gradproof.derive.steps import Derivation
from gradproof.errors import InputError


class Unreachable(InputError):
    """No equation leads from the variable to what is differentiated."""


@dataclass(frozen=True)
class Resolved:
    """A step with its derivatives derived.

    Attributes:
        system: the page's equations, the derivatives, both sides.
        derived: the equations of the derivatives, by name.
        derivations: the derivation of each.
        assumed: the page's assumptions that the derivations used.
    """

    system: System
    derived: dict[str, Equation]
    derivations: dict[str, Derivation]
    assumed: tuple[str, ...]


def resolved(step: Step, *, direct: Collection[str] = ()) -> Resolved:
    """Return the step with an equation for every derivative.

    Args:
        step: as read.
        direct: derivatives that take what the equation itself does not show as constant (partial in the strict
            sense), instead of going through all equations of the page.

    Raises:
        Unreachable: nothing leads from a variable to what is differentiated for it.
        InputError: what the derivation refuses.
    """
    system, names = step.system, {w.name for w in step.wanted}
    base = _base(system, names)
    derived: dict[str, Equation] = {}
    derivations: dict[str, Derivation] = {}
    for w in step.wanted:
        derived[w.name], derivations[w.name] = _derived(system, base, w, direct=w.name in direct)
    assumed = tuple(dict.fromkeys(a for d in derivations.values() for a in d.assumptions_used))
    return Resolved(_joined(system, base, derived), derived, derivations, assumed)


def ambiguous(step: Step) -> frozenset[str]:
    """Return the partial derivatives of equations that read their variable, and what else depends on it."""
    graph = {e.name: frozenset(names_in(e.value)) for e in step.system.definitions}
    found = set()
    for w in step.wanted:
        reads = graph.get(w.of, frozenset()) - {w.by[0]}
        cut = {n: r for n, r in graph.items() if n != w.by[0]}
        other_ways = any(w.by[0] in reach(cut, n) for n in reads)
        if w.sign == "partial" and w.by[0] in graph.get(w.of, ()) and other_ways:
            found.add(w.name)
    return frozenset(found)


def _base(system: System, wanted: Collection[str]) -> tuple[Equation, ...]:
    """Return the equations that read no derivative, neither side among them."""
    graph = {e.name: frozenset(names_in(e.value)) for e in system.definitions}
    return tuple(
        e for e in system.definitions if e.name not in (LEFT, RIGHT) and not reach(graph, e.name) & set(wanted)
    )


def _joined(system: System, base: tuple[Equation, ...], derived: dict[str, Equation]) -> System:
    rest = tuple(e for e in system.definitions if e not in base)
    # derivatives, and names for them, are written into the sides: what stands in both are the page's own names
    known = dict(derived)
    for e in rest:
        if e.name not in (LEFT, RIGHT):
            known[e.name] = written_in(e, known)
    rest = tuple(written_in(e, known) if e.name in (LEFT, RIGHT) else e for e in rest)
    equations = (*base, *derived.values(), *rest)
    tensors = tuple(replace(t, role=Role.OUTPUT) if t.name in derived else t for t in system.tensors)
    numbered = tuple(replace(e, number=k) for k, e in enumerate(equations, 1))
    return replace(system, tensors=tensors, equations=numbered)


def _derived(system: System, base: tuple[Equation, ...], w: Wanted, *, direct: bool) -> tuple[Equation, Derivation]:
    """Return the equation of one derivative, in the page's own names, and the derivation of it."""
    part = _part(system, base, w, direct=direct)
    of, equation, derivation = w.of, None, None
    own = {t.name for t in part.tensors}
    for k, variable in enumerate(w.by):
        if variable not in _leading(part, of):
            raise Unreachable(f"no equation on this page leads from {variable} to {w.of}")
        derivation = _derivation(part, of, variable)
        name = w.name if k == len(w.by) - 1 else f"{w.name}, {k + 1}"
        equation = _closed(derivation, own, derivation.gradients[variable if part[of].rank == 0 else of], name)
        if k < len(w.by) - 1:
            part, of = _with(part, equation), name
    assert equation is not None
    assert derivation is not None
    return equation, derivation


@lru_cache(maxsize=256)
def _derivation(part: System, of: str, variable: str) -> Derivation:
    return derive(part, of, [variable]) if part[of].rank == 0 else jacobian(part, of, variable)


def _leading(system: System, of: str) -> frozenset[str]:
    return reach({e.name: frozenset(names_in(e.value)) for e in system.definitions}, of)


def _part(system: System, base: tuple[Equation, ...], w: Wanted, *, direct: bool) -> System:
    """Return the equations that the derivative goes through; its variables come in."""
    kept = [e for e in base if e.name not in w.by]
    graph = {e.name: frozenset(names_in(e.value)) for e in kept}
    if w.of not in graph:
        raise Unreachable(f"{w.of} is no function of {' and '.join(w.by)} on this page")
    needed = {w.of} if direct else {w.of, *reach(graph, w.of)}
    equations = tuple(replace(e, number=k) for k, e in enumerate((e for e in kept if e.name in needed), 1))
    names = {n for e in equations for n in (e.name, *names_in(e.value))}
    computed = {e.name for e in equations}
    tensors = tuple(
        replace(t, role=Role.OUTPUT if t.name in computed else Role.GIVEN) for t in system.tensors if t.name in names
    )
    about = tuple(a for a in system.assumptions if names_in(a.left) | names_in(a.right) <= names)
    return replace(system, tensors=tensors, equations=equations, assumptions=about)


def _with(system: System, equation: Equation) -> System:
    shape = tuple(i.size for i in equation.indices)
    number = len(system.equations) + 1
    tensors = (*system.tensors, Tensor(equation.name, shape, Role.OUTPUT))
    return replace(system, tensors=tensors, equations=(*system.definitions, replace(equation, number=number)))


def _closed(derivation: Derivation, own: Collection[str], gradient: Equation, name: str) -> Equation:
    """Return the gradient under a name, with everything written in that the page does not name."""
    closed = closed_values(derivation.joint, own)
    found = closed.get(gradient.name) or written_in(gradient, closed)
    return replace(found, target=Element(name, *found.target.indices))


__all__ = ["Resolved", "Unreachable", "ambiguous", "resolved"]
