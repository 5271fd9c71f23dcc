"""Where a tensor stands in memory, and which of its entries a statement means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, free
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.scope import Scope


@dataclass(frozen=True, slots=True)
class Access:
    """An entry of an array.

    Attributes:
        array: its name in the text.
        slots: where, axis by axis.
        extents: the lengths of the axes.
        indices: the same places as the equation names them: h[-1] stands in slot 0 where a row stands before row 0.
        strips: axes that are kept for one stretch of an index, with where that begins and ends.
    """

    array: str
    slots: tuple[Expr, ...]
    extents: tuple[Expr, ...]
    indices: tuple[Expr, ...]
    strips: tuple[tuple[int, str, str], ...] = ()

    def strip(self, axis: int) -> tuple[str, str] | None:
        """Return where the stretch begins and ends that an axis is kept for; None for a whole axis."""
        return next(((start, stop) for a, start, stop in self.strips if a == axis), None)

    def varying(self, index: Index) -> list[int]:
        """Return the axes in which the index occurs."""
        return [axis for axis, slot in enumerate(self.slots) if index in free(slot)]


@dataclass(frozen=True, slots=True)
class Places:
    """Finds the entry that an element stands for.

    Attributes:
        plan: what is kept where.
        scope: the names.
        instead: tensors that share the array of another.
        stretches: the stretches of indices that are open: where they begin and end.
        lengths: how long an axis (of a tensor) is that is kept for a stretch only.
    """

    plan: Plan
    scope: Scope
    instead: Mapping[str, str]
    stretches: dict[Index, tuple[str, str]] = field(default_factory=dict)
    lengths: dict[tuple[str, int], Expr] = field(default_factory=dict)

    def is_scalar(self, name: str) -> bool:
        """Is the tensor a single number: of no axes, or kept in a local name?"""
        storage, place = self.plan.storage[name], self.plan.places[name]
        return storage.local or not storage.shape or place.kind == "scalar" or not place.axes

    def array(self, name: str) -> str:
        """Return the name of the tensor's array."""
        return self.scope.tensor(self.instead.get(name, name))

    def access(self, e: Element) -> Access:
        """Return the entry, of the axes that are kept; start rows stand before row 0."""
        storage, axes = self.plan.storage[e.name], self.plan.places[e.name].axes
        slots = tuple(e.indices[a] + storage.low[a] for a in axes)
        strips = tuple(
            (k, *self.stretches[e.indices[a]]) for k, a in enumerate(axes) if a in self.plan.places[e.name].strips
        )
        return Access(self.array(e.name), slots, self.extents(e.name), tuple(e.indices[a] for a in axes), strips)

    def extents(self, name: str) -> tuple[Expr, ...]:
        """Return the shape of the tensor's array."""
        storage, place = self.plan.storage[name], self.plan.places[name]
        full = [n + a + b for n, a, b in zip(storage.shape, storage.low, storage.high, strict=True)]
        return tuple(self.lengths[name, a] if a in place.strips else full[a] for a in place.axes)
