"""What is to be derived: outputs, inputs, the path between them; defaults and clear errors for wrong names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from gradproof.derive.check import require_system
from gradproof.derive.functions import CONVENTIONS
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Grad, names_in
from gradproof.errors import InputError


@dataclass(frozen=True, slots=True)
class Request:
    """Outputs, inputs, and the tensors between them in the order in which the adjoint pass visits them."""

    of: tuple[str, ...]
    wrt: tuple[str, ...]
    path: tuple[str, ...]
    users: dict[str, tuple[Equation, ...]]


def understand(system: System, of: str | Sequence[str] | None, wrt: str | Sequence[str] | None) -> Request:
    """Return the request, with defaults: `of` the losses of the updates or else the system's outputs; `wrt` the
    parameters, or else every real input; neither where nothing is computed.

    Raises:
        InputError: for a name that is no tensor, is no output, or is an integer tensor.
    """
    require_system(system, "derive")
    asked = [g for e in system.updates for g in sorted(e.value.atoms(Grad), key=lambda g: (g.of, g.element.name))]
    outputs = names(of, "of") or _unique(g.of for g in asked) or system.outputs
    inputs = names(wrt, "wrt") or _unique(g.element.name for g in asked) or (_default_inputs(system) if outputs else ())
    computed = {e.name for e in system.definitions}
    for name in (*outputs, *inputs):
        _known(system, name)
    for name in outputs:
        if name not in computed:
            raise InputError(f"{name} is not computed by this system", expected=f"one of {', '.join(sorted(computed))}")
    for name in inputs:
        if system[name].bound is not None:
            raise InputError(f"{name} holds integers: there is no derivative with respect to it")
    return _with_path(system, outputs, inputs)


def known_convention(kinks: str) -> None:
    """Refuse a convention at kinks that is not known.

    Raises:
        InputError: it is none of `CONVENTIONS`.
    """
    if kinks not in CONVENTIONS:
        raise InputError(f"unknown convention at kinks: {kinks!r}", expected=" or ".join(CONVENTIONS))


def names(given: str | Iterable[str] | None, option: str) -> tuple[str, ...]:
    """Return what an option of `derive` names, each once; a string by itself is one name.

    Raises:
        InputError: it is neither a name nor several.
    """
    found = () if given is None else (given,) if isinstance(given, str) else given
    if not isinstance(found, Iterable) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{option} is {given!r}", expected=f"a name or several: {option}='x', {option}=['x', 'y']")
    return _unique(found)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _default_inputs(system: System) -> tuple[str, ...]:
    return tuple(t.name for t in system.parameters or system.differentiable)


def _known(system: System, name: str) -> None:
    if name not in system.by_name:
        by_lower = {n.lower(): n for n in system.by_name}
        near = get_close_matches(name.lower(), by_lower, 1)
        hint = f"did you mean {by_lower[near[0]]}?" if near else ""
        known = f"one of {', '.join(system.by_name)}"
        raise InputError(f"there is no tensor named {name!r}", expected=known, hint=hint)


def _with_path(system: System, of: tuple[str, ...], wrt: tuple[str, ...]) -> Request:
    reads: dict[str, set[str]] = {}
    read_by: dict[str, list[Equation]] = {}
    for e in system.definitions:
        reads.setdefault(e.name, set()).update(names_in(e.value))
        for n in names_in(e.value):
            read_by.setdefault(n, []).append(e)
    below = _closure(wrt, {n: {e.name for e in users} for n, users in read_by.items()})
    above = _closure(of, reads)
    computed = dict.fromkeys(e.name for e in system.definitions if e.kind is Kind.DEFINE)
    order = [*reversed(list(computed)), *(t.name for t in system.inputs)]
    path = tuple(n for n in order if n in below and n in above)
    on_path = frozenset(path)
    users = {n: tuple(e for e in read_by.get(n, ()) if e.name in on_path) for n in path}
    return Request(of, wrt, path, users)


def _closure(start: Iterable[str], following: dict[str, set[str]]) -> set[str]:
    found, work = set(start), list(start)
    while work:
        for n in following.get(work.pop(), ()):
            if n not in found:
                found.add(n)
                work.append(n)
    return found
