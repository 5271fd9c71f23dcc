"""The reverse pass over a tape, for many variants of its edges at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gradproof.verify.diagnosis.tape.record import Array, Slot
from gradproof.verify.diagnosis.tape.run import Run

#: Variants that are carried side by side.
_TOGETHER = 128
#: What f returns, in place of a group.
OUTPUT = -1


@dataclass(frozen=True)
class Edges:
    """What a variant changes: other weights for slots, by (group, slot), and further edges out of a group.

    `exchange` are two groups of one shape whose results' cotangents change places; `moved` says for a group (for what f
    returns: OUTPUT) from which flat position each result's cotangent is taken, -1 for none.
    """

    weights: dict[tuple[int, int], Array] = field(default_factory=dict)
    extra: dict[int, Slot] = field(default_factory=dict)
    exchange: tuple[int, int] | None = None
    moved: dict[int, Array] = field(default_factory=dict)


class Reverse:
    """The reverse pass of one run, prepared once."""

    def __init__(self, run: Run, cotangent: Array | None) -> None:
        self.run, self.groups = run, run.tape.groups
        seed = np.ones(run.output.shape) if cotangent is None else np.asarray(cotangent, dtype=float)
        self.seed = np.broadcast_to(seed, run.output.shape).reshape(-1)
        self.still = frozenset[tuple[int, int]]()
        self.scatters = {
            (g, s): _Scatter(slot) for g, group in enumerate(self.groups) for s, slot in enumerate(group.slots)
        }

    def quieten(self) -> None:
        """Leave out the maxima that are subtracted for safety alone: nothing comes back through them.

        In a softmax they cancel; people leave them out of the backward pass, and in a wrong one they need not cancel.
        """
        found = set()
        adjoint = self._adjoint([Edges()])
        for g, group in enumerate(self.groups):
            if group.name in ("maximum", "minimum") and not group.elementwise:
                users = [s for later in self.groups[g + 1 :] for s in later.slots if np.isin(s.parent, group.ids).any()]
                size = max((float(np.max(np.abs(s.weight * adjoint[s.child, 0]))) for s in users), default=0.0)
                if float(np.max(np.abs(adjoint[group.ids.reshape(-1), 0]), initial=0.0)) <= 1e-9 * size:
                    found |= {(g, s) for s in range(len(group.slots))}
        self.still = frozenset(found)

    def gradients(self, variants: Sequence[Edges]) -> list[Array]:
        """Return for each input the gradients, [number of variants, *shape]."""
        parts = [self._some(variants[k : k + _TOGETHER]) for k in range(0, len(variants), _TOGETHER)]
        return [np.concatenate(g) for g in zip(*parts, strict=True)]

    def _some(self, variants: Sequence[Edges]) -> list[Array]:
        adjoint = self._adjoint(variants)
        return [adjoint[i.reshape(-1)].T.reshape(len(variants), *i.shape) for i in self.run.inputs]

    def _adjoint(self, variants: Sequence[Edges]) -> Array:
        """Return the adjoints of all numbers on the tape, [numbers, variants]."""
        extra = [slot for v in variants for slot in v.extra.values()]
        size = max((int(np.max(ids, initial=0)) + 1 for s in extra for ids in (s.child, s.parent)), default=0)
        adjoint = np.zeros((max(size, len(self.run.tape.values)), len(variants)))
        live = self.run.output.reshape(-1) >= 0
        plan = _Plan(variants)
        seeds = np.repeat(self.seed[:, None], len(variants), axis=1)
        for m, moved in plan.moved.get(OUTPUT, ()):
            seeds[:, m] = _taken(self.seed, moved)
        np.add.at(adjoint, self.run.output.reshape(-1)[live], seeds[live])
        with np.errstate(all="ignore"):
            for g in range(len(self.groups) - 1, -1, -1):
                for m, (a, b) in plan.exchanges.get(g, ()):
                    one, other = self.groups[a].ids.reshape(-1), self.groups[b].ids.reshape(-1)
                    adjoint[one, m], adjoint[other, m] = adjoint[other, m], adjoint[one, m].copy()
                for m, moved in plan.moved.get(g, ()):
                    mine = self.groups[g].ids.reshape(-1)
                    adjoint[mine, m] = _taken(adjoint[mine, m], moved)
                for s, slot in enumerate(self.groups[g].slots):
                    if (g, s) in self.still:
                        continue
                    above = adjoint[slot.child]
                    passed = slot.weight[:, None] * above
                    for m, w in plan.weights.get((g, s), ()):
                        passed[:, m] = np.where(w == 0, 0.0, w * above[:, m])
                    self.scatters[g, s].add(adjoint, passed)
                for m, slot in plan.extra.get(g, ()):
                    np.add.at(adjoint[:, m], slot.parent, slot.weight * adjoint[slot.child, m])
        return adjoint


class _Plan:
    """What is to be done at each group, for which of the variants."""

    def __init__(self, variants: Sequence[Edges]) -> None:
        self.weights: dict[tuple[int, int], list[tuple[int, Array]]] = {}
        self.extra: dict[int, list[tuple[int, Slot]]] = {}
        self.exchanges: dict[int, list[tuple[int, tuple[int, int]]]] = {}
        self.moved: dict[int, list[tuple[int, Array]]] = {}
        for m, v in enumerate(variants):
            if v.exchange is not None:
                self.exchanges.setdefault(max(v.exchange), []).append((m, v.exchange))
            for key, w in v.weights.items():
                self.weights.setdefault(key, []).append((m, w))
            for g, slot in v.extra.items():
                self.extra.setdefault(g, []).append((m, slot))
            for g, moved in v.moved.items():
                self.moved.setdefault(g, []).append((m, moved))


def _taken(cotangent: Array, places: Array) -> Array:
    """Return the entries at the places, 0 for -1."""
    return np.where(places < 0, 0.0, cotangent[places])


class _Scatter:
    """Adds what comes along edges to their parents."""

    def __init__(self, slot: Slot) -> None:
        self.order = np.argsort(slot.parent, kind="stable")
        ordered = slot.parent[self.order]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.targets = ordered[self.starts]

    def add(self, adjoint: Array, passed: Array) -> None:
        adjoint[self.targets] += np.add.reduceat(passed[self.order], self.starts, axis=0)
