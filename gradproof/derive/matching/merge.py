"""The equations of two systems as one system, in which what the second computes bears names of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from gradproof.derive.derivation import derive
from gradproof.derive.index import Size
from gradproof.derive.mapping import renamed_elements
from gradproof.derive.matching.names import Names, match_names
from gradproof.derive.matching.sizes import in_sizes, match_sizes, with_sizes
from gradproof.derive.matching.updates import with_updates
from gradproof.derive.model import Assumption, Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Element, names_in
from gradproof.derive.request import names as listed
from gradproof.errors import InputError


@dataclass(frozen=True, slots=True)
class Pair:
    """A tensor that both systems compute: `first` and `second` are its names in the merged system."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Two systems as one.

    Attributes:
        system: the equations of both.
        pairs: what is compared: the outputs.
        twins: everything that both compute, the outputs among it, in the second system's order.
        own: the second system's equations for each of its names in the merged system, as they were written.
        missing: outputs of the first system that the second does not compute.
        assumed: names of the assumptions that the first system's derivation used.
    """

    system: System
    pairs: tuple[Pair, ...]
    twins: tuple[Pair, ...]
    own: Mapping[str, tuple[Equation, ...]]
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    def as_written(self, equation: Equation) -> Equation:
        """Return an equation of the second system as its text has it."""
        return self.own[equation.name][self.system.equations_of(equation.name).index(equation)]


def merge(
    first: System,
    second: System,
    *,
    of: str | Sequence[str] | None = None,
    renamed: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> Merged:
    """Return the two as one system; where the second computes gradients, the first one's are derived.

    Args:
        first: the system that is taken to be known.
        second: another way to compute its outputs, or a backward pass: equations for d_x, dx or grad_x.
        of: the outputs whose gradients are derived (default: the first system's outputs).
        renamed: name in the second system -> name in the first.
        without: assumptions that a derivation of the gradients must not use.

    Raises:
        InputError: nothing matches, the second reads what the first does not have, or shapes do not fit.
    """
    (first, outputs), (second, compared) = with_updates(first, without), with_updates(second)
    names = match_names(first, second, renamed or {})
    computed = {e.name for e in second.definitions}
    chosen = listed(of, "of") or outputs
    left, meaning, assumed = _left(first, second, names, chosen, without)
    _require_inputs(second, meaning, left)
    meaning = {**meaning, **_only_outputs(left, second, meaning, chosen)}
    tensors = [(left[meaning[t.name]], t) for t in second.tensors if t.name in meaning]
    sizes = match_sizes(tensors, left, second)
    fresh = {n: _unused(n, left) for n in computed}
    twins = tuple(
        Pair(meaning[n], meaning[n], fresh[n])
        for n in dict.fromkeys(e.name for e in second.definitions if e.kind is Kind.DEFINE)
        if n in meaning and left.equations_of(meaning[n])
    )
    pairs = tuple(p for p in twins if p.second in {fresh[n] for n in compared})
    if not pairs:
        raise _nothing_to_compare(first, second)
    offered = {p.first for p in twins}
    missing = () if names.adjoints else tuple(n for n in chosen if n not in offered)
    system = _joined(left, second, {**meaning, **fresh}, sizes)
    own = {fresh[n]: second.equations_of(n) for n in computed}
    return Merged(system, pairs, twins, own, missing, assumed)


def _left(
    first: System, second: System, names: Names, of: Sequence[str], without: Sequence[str]
) -> tuple[System, dict[str, str], tuple[str, ...]]:
    """Return the first system, with its derivative where the second speaks of it, and what names mean in it."""
    plain = replace(first, equations=first.definitions)
    if not names.adjoints:
        return plain, dict(names.tensors), ()
    given = {t.name for t in second.inputs}
    seeds = {n: f"d_{t}" for n, t in names.adjoints.items() if n in given and t in of and first[t].shape}
    asked = dict.fromkeys(t for n, t in names.adjoints.items() if n not in seeds)
    derivation = derive(plain, list(of), list(asked), without=without)
    gradients = {n: derivation.gradients[t].name for n, t in names.adjoints.items() if n not in seeds}
    return derivation.joint, {**names.tensors, **gradients, **seeds}, derivation.assumptions_used


def _require_inputs(second: System, meaning: Mapping[str, str], left: System) -> None:
    read = {n for e in second.definitions for n in names_in(e.value)}
    for t in second.inputs:
        if t.name in read and t.name not in meaning:
            raise InputError(
                f"the second system reads {t.name}, which the first does not have",
                expected=f"one of {', '.join(left.by_name)}",
                hint=f"say what it is called in the first: rename {t.name}=NAME",
            )
        bound = None if t.name not in meaning else left[meaning[t.name]].bound
        if t.name in meaning and (bound is None) != (t.bound is None):
            raise InputError(f"{t.name} holds integers in one of the systems and real numbers in the other")


def _only_outputs(left: System, second: System, meaning: Mapping[str, str], of: Sequence[str]) -> dict[str, str]:
    """Match the outputs of two systems that have one each, whatever their names."""
    if len(second.outputs) == 1 and len(of) == 1 and second.outputs[0] not in meaning:
        name, other = second.outputs[0], of[0]
        if other not in meaning.values() and left[other].rank == second[name].rank:
            return {name: other}
    return {}


def _nothing_to_compare(first: System, second: System) -> InputError:
    return InputError(
        f"the second system computes {', '.join(second.outputs)}, and the first {', '.join(first.outputs)}: "
        "no output of one name",
        expected="outputs of the same names, or gradients of the first system: d_x, dx or grad_x",
        hint=f"say what is what: rename {second.outputs[0]}={first.outputs[0]}",
    )


def _unused(name: str, system: System) -> str:
    """Return a name for the second system's tensor that no text can hold, so that it meets no other."""
    return f"{name}''" if name in system.by_name else f"{name}'"


def own_name(name: str) -> str:
    """Return what the second system's text calls a tensor of the merged system."""
    return name.rstrip("'")


def _joined(left: System, second: System, names: Mapping[str, str], sizes: Mapping[Size, Expr]) -> System:
    last = max((e.number for e in left.equations), default=0)
    equations = [
        _in_names(replace(with_sizes(e, sizes), number=last + k), names) for k, e in enumerate(second.definitions, 1)
    ]
    computed = {e.name for e in second.definitions}
    own = [_tensor(t, names[t.name], sizes) for t in second.tensors if t.name in computed]
    edges = {names[t.name]: t.outside for t in second.inputs if t.outside is not None and t.name in names}
    known = [replace(t, outside=edges[t.name]) if t.outside is None and t.name in edges else t for t in left.tensors]
    stated = {a.name for a in left.assumptions}
    more = [_assumption(a, names, sizes) for a in second.assumptions if _about_inputs(a, names, computed)]
    return replace(
        left,
        tensors=(*known, *own),
        equations=(*left.definitions, *equations),
        assumptions=(*left.assumptions, *(a for a in more if a.name not in stated)),
        functions=tuple(dict.fromkeys((*left.functions, *second.functions))),
        sizes=tuple(dict.fromkeys((*left.sizes, *(s for s in second.sizes if s not in sizes)))),
    )


def _in_names(equation: Equation, names: Mapping[str, str]) -> Equation:
    target = Element(names[equation.name], *equation.target.indices)
    return replace(equation, target=target, value=renamed_elements(equation.value, names))


def _tensor(t: Tensor, name: str, sizes: Mapping[Size, Expr]) -> Tensor:
    role = Role.OUTPUT if t.role in (Role.GIVEN, Role.PARAM) else t.role
    return replace(t, name=name, shape=tuple(in_sizes(n, sizes) for n in t.shape), role=role)


def _about_inputs(a: Assumption, names: Mapping[str, str], computed: set[str]) -> bool:
    read = names_in(a.left) | names_in(a.right)
    return read <= set(names) and read.isdisjoint(computed)


def _assumption(a: Assumption, names: Mapping[str, str], sizes: Mapping[Size, Expr]) -> Assumption:
    both = with_sizes(Equation(0, a.left, a.right), sizes)
    return Assumption(
        names.get(a.name, a.name), renamed_elements(both.target, names), renamed_elements(both.value, names)
    )
