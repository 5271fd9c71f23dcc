"""What depends on what on a tape."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gradproof.verify.diagnosis.tape.record import Array, Tape


class Reach:
    """Which group made a number, which inputs reach a group, which groups a group reads; the shape of the output."""

    def __init__(self, tape: Tape, output: tuple[int, ...] = ()) -> None:
        self.tape, self.output = tape, output
        self._parents: dict[tuple[int, int | None], frozenset[int]] = {}

    @cached_property
    def owner(self) -> Array:
        """For each number the group that made it."""
        out = np.zeros(len(self.tape.values), dtype=np.int64)
        for g, group in enumerate(self.tape.groups):
            out[group.ids.reshape(-1)] = g
        return out

    def parents(self, g: int, slot: int | None = None) -> frozenset[int]:
        """Return the groups that a group reads (through one slot)."""
        if (g, slot) not in self._parents:
            slots = self.tape.groups[g].slots if slot is None else (self.tape.groups[g].slots[slot],)
            self._parents[g, slot] = frozenset(int(o) for s in slots for o in np.unique(self.owner[s.parent]))
        return self._parents[g, slot]

    @cached_property
    def inputs(self) -> list[frozenset[int]]:
        """For each group the inputs that reach it, counted in their order."""
        found: list[frozenset[int]] = []
        count = 0
        for g, group in enumerate(self.tape.groups):
            if group.name == "input":
                found.append(frozenset([count]))
                count += 1
            else:
                found.append(frozenset().union(*(found[p] for p in self.parents(g))))
        return found

    @cached_property
    def ancestors(self) -> list[frozenset[int]]:
        """For each group all groups that it depends on."""
        found: list[frozenset[int]] = []
        for g in range(len(self.tape.groups)):
            direct = self.parents(g)
            found.append(direct.union(*(found[p] for p in direct)))
        return found

    def changed(self, groups: tuple[int, ...], operand: int) -> frozenset[int]:
        """Return the inputs whose gradients come through one operand of the groups."""
        found: set[int] = set()
        for g in groups:
            for s, which in enumerate(self.tape.groups[g].which):
                if which == operand:
                    for p in self.parents(g, s):
                        found |= self.inputs[p]
        return frozenset(found)

    def by(self, keys: tuple[tuple[int, int], ...]) -> frozenset[int]:
        """Return the inputs whose gradients come through these (group, slot)."""
        return frozenset().union(*(self.inputs[p] for g, s in keys for p in self.parents(g, s)))
