"""Wrong entries of a large gradient: blocks whose random direction objects are divided again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradproof.verify.calls import Array
from gradproof.verify.exactly import exact_slopes, weights
from gradproof.verify.measured import rounding_of
from gradproof.verify.report import Finding
from gradproof.verify.standing import Pair, Verdict, as_floats, badness, with_loose_constants
from gradproof.verify.traced import BudgetedTrace, LooseTrace

if TYPE_CHECKING:
    from gradproof.verify.compare import Comparison

_BLOCKS = 16
_FOUND = 12
Block = tuple[int, Array]


class Search:
    """The search for the entries that a direction objects to: (position in `wrt`, flat positions) are its blocks.

    Over balls a block objects if it does so with loose constants too; in floats beyond the sum of its roundings.
    """

    def __init__(self, task: Comparison) -> None:
        self.task = task
        self.claims = task.claims if task.why else task.loose_claims()
        self.wrong: list[Finding] = []
        self.unclear: list[Finding] = []
        self.explained = 0
        self._roundings: list[Array] | None = None

    def run(self) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return up to a dozen wrong entries, worst first, and entries that rounding hides."""
        here, wrt = self.task.here, self.task.problem.wrt
        todo: list[Block] = [(p, np.arange(here.inputs[k].size)) for p, k in enumerate(wrt)]
        while todo and len(self.wrong) < _FOUND:
            now, todo = todo[:_BLOCKS], todo[_BLOCKS:]
            parts = [(p, part) for p, chosen in now for part in np.array_split(chosen, _BLOCKS) if len(part)]
            for start in range(0, len(parts), _BLOCKS):
                todo += self._objecting(parts[start : start + _BLOCKS])
                if len(self.wrong) >= _FOUND or len(todo) > 2 * _BLOCKS:
                    break
            todo = todo[: 2 * _BLOCKS]
        return tuple(sorted(self.wrong, key=badness)), tuple(sorted(self.unclear, key=badness))

    def _objecting(self, batch: list[Block]) -> list[Block]:
        """Return the blocks that are wrong somewhere; single entries go to the findings instead."""
        task = self.task
        directions = self._directions(batch)
        kind = BudgetedTrace if task.why else LooseTrace
        rows = exact_slopes(
            task.problem, task.here.inputs, task.here.cotangent, directions, task.digits, kind=kind
        ).rows
        left = []
        for (p, part), pair in zip(batch, task.pairs(rows, self.claims, directions), strict=True):
            if self._objects(pair) and len(part) > 1:
                left.append((p, part))
            elif self._objects(pair):
                self._note(p, int(part[0]), pair)
        return left

    def _directions(self, batch: list[Block]) -> list[Array]:
        here, rng = self.task.here, self.task.rng
        directions = [np.zeros((len(batch), *here.inputs[k].shape)) for k in self.task.problem.wrt]
        for j, (p, part) in enumerate(batch):
            signs = rng.uniform(0.5, 1.5, len(part)) * rng.choice([-1.0, 1.0], len(part))
            scales = weights(here.gradients[p].reshape(-1)[part])
            directions[p][j].reshape(-1)[part] = signs * scales if len(part) > 1 else 1.0
        return directions

    def _objects(self, pair: Pair) -> bool:
        if self.task.why:
            return not pair.claimed.is_finite() or bool(pair.distance.lower() > pair.rounding)
        return not pair.claimed.is_finite() or not pair.expected.overlaps(pair.claimed)

    def _note(self, p: int, flat: int, pair: Pair) -> None:
        task = self.task
        k = task.problem.wrt[p]
        place = tuple(int(i) for i in np.unravel_index(flat, task.here.inputs[k].shape))
        verdict, pair = self._judged(p, flat, pair)
        claimed, expected = float(pair.claimed.mid()), float(pair.expected.mid())
        found = Finding(task.problem.names[k], place, claimed, expected, pair.radius + pair.rounding)
        if verdict == "right":
            self.explained += 1
        else:
            (self.unclear if verdict == "unclear" else self.wrong).append(found)

    def _judged(self, p: int, flat: int, pair: Pair) -> tuple[Verdict, Pair]:
        """Judge a single entry; one in floats with its rounding seen at more points than the blocks were."""
        here = self.task.here
        if not self.task.why:
            return with_loose_constants(pair, here.largest), pair
        if self._roundings is None:
            args = (self.task.problem, here.inputs, here.cotangent, here.gradients, self.task.rng)
            self._roundings = rounding_of(*args, samples=8, ulps=16)
        seen = Pair(pair.expected, pair.claimed, None, float(self._roundings[p].reshape(-1)[flat]))
        return as_floats(seen, here.largest), seen
