"""Which of the user's inputs is which tensor of the system: by name and shape; f's value decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.sympify import _sympify  # strict: text is refused, never parsed

from gradproof.derive.index import Size
from gradproof.derive.interpret.binding import needed_names
from gradproof.derive.model import System
from gradproof.derive.nodes import names_in
from gradproof.errors import InputError
from gradproof.verify.against.layout import Held, Layout
from gradproof.verify.against.naming import likeness
from gradproof.verify.against.slots import Slot, variants

#: So many matchings are tried against f's value.
_MOST = 400
#: What stands for tensors that no input holds, in the order in which they are tried.
_NUMBERS = (1e-5, 1e-8, 1e-12, 1e-6, 1e-7, 1e-10, 1e-3, 0.0, 1.0)


@dataclass(frozen=True)
class Inputs:
    """The user's inputs and their names, and what was said about them."""

    names: Sequence[str]
    arrays: Sequence[Any]
    mapping: Mapping[str, str]
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Choice:
    """An input for a slot, its axes in this order, and how well the names agree."""

    input: int
    order: tuple[int, ...]
    score: float


def matchings(system: System, user: Inputs) -> Iterator[Layout]:
    """Yield layouts that fit in shape, those whose names agree first.

    Raises:
        InputError: `mapping` names an input or a tensor that there is not.
    """
    needed = frozenset(needed_names(system) & {t.name for t in system.inputs})
    _refuse(user, needed)
    count = 0
    for whole in variants(system, needed):
        slots = tuple(s for s in whole if not set(s.tensors) <= set(user.given))
        for layout in _assigned(system, slots, user):
            yield layout
            count += 1
            if count >= _MOST:
                return


def _refuse(user: Inputs, needed: frozenset[str]) -> None:
    for name, tensor in user.mapping.items():
        if name not in user.names:
            raise InputError(f"mapping names the input {name!r}", expected=f"one of {', '.join(user.names)}")
        if tensor not in needed:
            raise InputError(f"mapping names the tensor {tensor!r}", expected=f"one of {', '.join(sorted(needed))}")


# ---------------------------------------------------------------- the search


def _assigned(system: System, slots: tuple[Slot, ...], user: Inputs) -> Iterator[Layout]:
    """Yield assignments of inputs to slots, the best names first, by depth-first search."""
    choices = [_choices(s, user) for s in slots]
    # What has the fewest candidates is decided first; an index or a number that nothing fits is filled in.
    order = sorted(
        range(len(slots)), key=lambda j: (len(choices[j]) == 0, -max((c.score for c in choices[j]), default=0))
    )

    def search(
        depth: int, used: frozenset[int], sizes: dict[Size, int], chosen: dict[int, _Choice]
    ) -> Iterator[Layout]:
        if depth == len(order):
            yield from _layouts(system, slots, user, sizes, chosen)
            return
        j = order[depth]
        for choice in choices[j]:
            if choice.input in used:
                continue
            shape = tuple(np.shape(user.arrays[choice.input])[a] for a in choice.order)
            known = _unified(slots[j].shape, shape, sizes)
            if known is not None:
                yield from search(depth + 1, used | {choice.input}, known, {**chosen, j: choice})
        if not any(user.mapping.get(user.names[c.input]) in slots[j].tensors for c in choices[j]):
            yield from search(depth + 1, used, sizes, chosen)

    yield from search(0, frozenset(), {}, {})


def _choices(slot: Slot, user: Inputs) -> list[_Choice]:
    """Return the inputs that may hold a slot, those that are called like it first, then those in plain order."""
    found = []
    for k, (name, a) in enumerate(zip(user.names, user.arrays, strict=True)):
        array = np.asarray(a)
        said = user.mapping.get(name)
        if array.ndim != len(slot.shape) or array.dtype.kind not in ("iu" if slot.bound else "fiub"):
            continue
        if said is not None and said not in slot.tensors:
            continue
        score = 2.0 if said is not None else likeness(name, slot.name)
        for order in permutations(range(array.ndim)):
            moved = sum(a != b for a, b in zip(order, range(array.ndim), strict=True))
            found.append(_Choice(k, order, score - 0.05 * moved))
    return sorted(found, key=lambda c: (-c.score, c.input, c.order))


def _unified(shape: tuple[sp.Expr, ...], lengths: tuple[int, ...], sizes: dict[Size, int]) -> dict[Size, int] | None:
    """Return the sizes with those that this shape gives; None where they do not fit."""
    known = dict(sizes)
    for e, n in zip(shape, lengths, strict=True):
        left = sp.expand(_sympify(e).xreplace({s: sp.Integer(v) for s, v in known.items()}))
        if left.is_Integer:
            if int(left) != n:
                return None
            continue
        factor, rest = left.as_coeff_Mul()
        if isinstance(rest, Size):
            if not factor.is_Integer or n % int(factor):
                return None
            known[rest] = n // int(factor)
    return known


# ---------------------------------------------------------------- layouts


def _layouts(
    system: System, slots: tuple[Slot, ...], user: Inputs, sizes: dict[Size, int], chosen: dict[int, _Choice]
) -> Iterator[Layout]:
    held: list[Held] = []
    for j, choice in chosen.items():
        made = _held(slots[j], user, choice, sizes)
        if made is None:
            return
        held += made
    there = {h.tensor for h in held}
    missing = [t for s in slots for t in s.tensors if t not in there]
    for filled in _filled(system, missing, sizes):
        yield Layout(tuple(held), {**filled, **dict(user.given)})


def _held(slot: Slot, user: Inputs, choice: _Choice, sizes: dict[Size, int]) -> list[Held] | None:
    array = np.asarray(user.arrays[choice.input])
    places = np.arange(array.size).reshape(array.shape).transpose(choice.order)
    words = [] if choice.order == tuple(range(array.ndim)) else [_order(choice.order)]
    out = []
    for tensor, along in slot.parts:
        bounds = [(_number(a, sizes), _number(n, sizes)) for a, n in along]
        if any(a is None or n is None for a, n in bounds):
            return None
        cut = tuple(slice(a, a + n) for a, n in bounds)  # type: ignore[operator]
        part = places[cut]
        said = [*words, *([_cut(cut, places.shape)] if part.shape != places.shape else [])]
        out.append(Held(tensor, choice.input, part, ", ".join(said)))
    return out


def _number(e: sp.Expr, sizes: dict[Size, int]) -> int | None:
    value = sp.expand(_sympify(e).xreplace({s: sp.Integer(n) for s, n in sizes.items()}))
    return int(value) if value.is_Integer else None


def _order(order: tuple[int, ...]) -> str:
    return "transposed" if order == (1, 0) else f"axes in the order {order}"


def _cut(cut: tuple[slice, ...], shape: tuple[int, ...]) -> str:
    words = []
    for axis, (c, n) in enumerate(zip(cut, shape, strict=True)):
        if c.stop - c.start < n:
            what = "entries" if len(shape) == 1 else ("rows", "columns")[axis] if axis < 2 else f"axis {axis}"
            words.append(f"{what} {c.start} to {c.stop - 1}")
    return " of ".join(words)


def _filled(system: System, missing: list[str], sizes: dict[Size, int]) -> Iterator[dict[str, Any]]:
    """Yield values for tensors that no input holds: small numbers for a number, zeros for where a state starts."""
    if not missing:
        yield {}
        return
    starts = {n for e in system.definitions if e.kind.value == "start" for n in names_in(e.value)}
    numbers = [n for n in missing if not system[n].shape and system[n].bound is None]
    zeros: dict[str, Any] = {}
    for name in missing:
        if name in numbers:
            continue
        shape = [_number(e, sizes) for e in system[name].shape]
        if name not in starts or None in shape:
            return
        zeros[name] = np.zeros([n or 0 for n in shape])
    if len(numbers) > 1:
        return
    for value in _NUMBERS if numbers else (0.0,):
        yield {**zeros, **dict.fromkeys(numbers, value)}
