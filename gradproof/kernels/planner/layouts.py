"""When tensors are matrices as they lie in memory, and which indices must be loops so that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, free
from gradproof.kernels.planner.accesses import plain, shifted


@dataclass(frozen=True, slots=True)
class Sides:
    """The indices of a product: of its rows, of its columns, of its inner sum, and those of the loops around it."""

    rows: frozenset[Index]
    columns: frozenset[Index]
    inner: frozenset[Index]
    loops: frozenset[Index]
    ranked: tuple[Index, ...]

    @property
    def all(self) -> frozenset[Index]:
        """Every index of the product."""
        return self.rows | self.columns | self.inner | self.loops

    def opening(self, index: Index) -> Sides:
        """Return the same with a loop over the index."""
        one = frozenset([index])
        return replace(self, rows=self.rows - one, columns=self.columns - one, inner=self.inner - one,
                       loops=self.loops | one)  # fmt: skip

    def ordered(self, group: frozenset[Index], *accesses: Element) -> tuple[Index, ...]:
        """Return the group in the order of the axes of the first access that has all of it."""
        for access in accesses:
            found = tuple(i for slot in access.indices if (i := shifted(slot)) in group)
            if set(found) == group:
                return found
        return tuple(i for i in self.ranked if i in group)


def opened_for(target: Element, sides: Sides) -> Sides:
    """Return the sides with so many loops that the target is a matrix: rows side by side, and columns after them."""
    while True:
        if len(_runs(_letters(target, sides))) == 2:
            return sides
        first = next(i for slot in target.indices for i in [plain(slot)] if i is not None and i not in sides.loops)
        sides = sides.opening(first)


def grouped(access: Element, group: frozenset[Index], sides: Sides) -> bool:
    """Is the access a matrix: the group's axes side by side, the inner ones too, each index alone in its axis?"""
    slots = [(slot, shifted(slot)) for slot in access.indices]
    held = [(slot, i) for slot, i in slots if i is not None and i not in sides.loops]
    if any(i is None and free(slot) & (group | sides.inner) for slot, i in slots):
        return False
    if len({i for _, i in held}) != len(held) or {i for _, i in held} != group | sides.inner:
        return False
    runs = _runs(["group" if i in group else "inner" for _, i in held])
    positions = [k for k, (_, i) in enumerate(slots) if i is not None and i not in sides.loops]
    together = positions == list(range(positions[0], positions[0] + len(positions)))
    alone = len(group) == 1 and len(sides.inner) == 1
    return len(runs) == 2 and (together or alone) and _whole(held, group)


def _whole(held: Sequence[tuple[object, Index | None]], group: frozenset[Index]) -> bool:
    """Only the first axis of several that run together may be shifted: the others must be whole."""
    seen: set[bool] = set()
    for slot, i in held:
        side = i in group
        if side in seen and slot != i:
            return False
        seen.add(side)
    return True


def _letters(target: Element, sides: Sides) -> list[str]:
    held = [i for slot in target.indices if (i := plain(slot)) is not None and i not in sides.loops]
    return ["rows" if i in sides.rows else "columns" for i in held]


def _runs(letters: list[str]) -> list[str]:
    return [a for k, a in enumerate(letters) if k == 0 or letters[k - 1] != a]
