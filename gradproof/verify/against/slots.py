"""What a system asks for, as users hold it: each tensor by itself, or the gates' tensors side by side in one array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import sympy as sp

from gradproof.derive.model import System, Tensor

#: More gates than these are not tried in every order.
_MOST_GATES = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """One array that holds one or several tensors.

    Attributes:
        name: what it may be called.
        shape: sizes of its axes.
        parts: tensor, and where it begins and how far it goes along each axis; a tensor by itself begins at 0.
        bound: is it an index (integers)?
    """

    name: str
    shape: tuple[sp.Expr, ...]
    parts: tuple[tuple[str, tuple[tuple[sp.Expr, sp.Expr], ...]], ...]
    bound: bool = False

    @property
    def tensors(self) -> tuple[str, ...]:
        return tuple(t for t, _ in self.parts)


def variants(system: System, needed: frozenset[str]) -> Iterator[tuple[Slot, ...]]:
    """Yield ways to hold the tensors: each by itself; gates side by side, in every order; two such on each other."""
    tensors = [t for t in system.inputs if t.name in needed]
    yield tuple(_plain(t) for t in tensors)
    gates = _gates(tensors)
    if not gates:
        return
    letters = next(iter(gates.values()))
    others = [t for t in tensors if not any(t.name in _named(prefix, letters) for prefix in gates)]
    for order in permutations(letters):
        packed = {p: _packed([_tensor(tensors, f"{p}_{s}") for s in order], p) for p in gates}
        plain = tuple(_plain(t) for t in others)
        yield (*plain, *packed.values())
        matrices = [s for s in packed.values() if len(s.shape) == 2]
        vectors = [s for s in packed.values() if len(s.shape) != 2]
        if len(matrices) == 2:
            for pair in (matrices, matrices[::-1]):
                yield (*plain, _stacked(pair[0], pair[1]), *vectors)


def _plain(t: Tensor) -> Slot:
    return Slot(t.name, t.shape, ((t.name, tuple((sp.Integer(0), n) for n in t.shape)),), t.bound is not None)


def _gates(tensors: list[Tensor]) -> dict[str, tuple[str, ...]]:
    """Return {prefix: letters} of tensors called `prefix_letter` that are alike in shape, where the letters agree."""
    found: dict[str, list[Tensor]] = {}
    for t in tensors:
        prefix, _, letter = t.name.partition("_")
        if letter and t.shape:
            found.setdefault(prefix, []).append(t)
    alike = {p: ts for p, ts in found.items() if len(ts) > 1 and len({t.shape for t in ts}) == 1}
    letters = {tuple(t.name.partition("_")[2] for t in ts) for ts in alike.values()}
    if len(letters) != 1 or len(next(iter(letters))) > _MOST_GATES:
        return {}
    return dict.fromkeys(alike, next(iter(letters)))


def _named(prefix: str, letters: tuple[str, ...]) -> set[str]:
    return {f"{prefix}_{s}" for s in letters}


def _tensor(tensors: list[Tensor], name: str) -> Tensor:
    return next(t for t in tensors if t.name == name)


def _packed(tensors: list[Tensor], name: str) -> Slot:
    """Return the tensors side by side along the last axis."""
    width = tensors[0].shape[-1]
    parts = []
    for k, t in enumerate(tensors):
        along = [(sp.Integer(0), n) for n in t.shape]
        along[-1] = (k * width, width)
        parts.append((t.name, tuple(along)))
    return Slot(name, (*tensors[0].shape[:-1], len(tensors) * width), tuple(parts))


def _stacked(top: Slot, bottom: Slot) -> Slot:
    """Return two arrays of the same width, one on the other."""
    height = top.shape[0]
    low = [(t, ((start + height, n), *rest)) for t, ((start, n), *rest) in bottom.parts]
    shape = (height + bottom.shape[0], *top.shape[1:])
    return Slot(f"{top.name}{bottom.name}", shape, (*top.parts, *((t, tuple(a)) for t, a in low)))
