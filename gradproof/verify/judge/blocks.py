"""Wrong entries of a large gradient: blocks whose random direction objects are divided again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradproof.verify.balls.exactly import exact_slopes, weights
from gradproof.verify.balls.traced import BudgetedTrace, LooseTrace
from gradproof.verify.calls import Array
from gradproof.verify.judge.here import rounding_of
from gradproof.verify.judge.standing import Pair, Verdict, as_floats, badness, with_loose_constants
from gradproof.verify.report import Finding

if TYPE_CHECKING:
    from gradproof.verify.judge.compare import Comparison

_BLOCKS = 16
_FOUND = 12
#: Operations after which a search that has found something ends, and one that has found nothing.
_ENOUGH, _LONG = 5_000_000, 12_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """Entries of one input: its position in `wrt`, their flat positions, and (where one was taken) their direction."""

    place: int
    flat: Array
    pair: Pair | None = None

    def __len__(self) -> int:
        return len(self.flat)

    def parts(self) -> list[Block]:
        return [Block(self.place, part) for part in np.array_split(self.flat, _BLOCKS) if len(part)]


class Search:
    """The search for the entries that a direction objects to.

    Over balls a block objects if it does so with loose constants too; in floats beyond the sum of its roundings.
    """

    def __init__(self, task: Comparison) -> None:
        self.task = task
        self.claims = task.claims if task.why else task.loose_claims
        self.wrong: list[Finding] = []
        self.unclear: list[Finding] = []
        self.explained = 0
        self.work = 0
        self._roundings: list[Array] | None = None

    def run(self) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return up to a dozen wrong entries, worst first, and entries that rounding hides.

        Small blocks come first, so that entries are found early; a search that is long ends with what it has found.
        """
        here, wrt = self.task.here, self.task.problem.wrt
        whole = [Block(p, np.arange(here.inputs[k].size)) for p, k in enumerate(wrt) if here.inputs[k].size]
        batches = [whole[start : start + _BLOCKS] for start in range(0, len(whole), _BLOCKS)]
        # Roundings add up: what the sum over a whole input hides may show in a part of it.
        todo = [block for batch in batches for block in self._objecting(batch)] or whole
        while todo and len(self.wrong) < _FOUND and not self._is_long():
            todo.sort(key=len)
            parts = todo.pop(0).parts()
            while todo and len(parts) + min(len(todo[0]), _BLOCKS) <= _BLOCKS:
                parts += todo.pop(0).parts()
            todo += self._objecting(parts)
        wrong = (*sorted(self.wrong, key=badness), *self._rest(todo))
        return wrong, tuple(sorted(self.unclear, key=badness))

    def _rest(self, todo: list[Block]) -> list[Finding]:
        """Return beside entries found wrong the inputs that a direction certainly objects to, without an entry."""
        problem, largest = self.task.problem, self.task.here.largest
        rest: dict[str, Finding] = {}
        for block in todo if self.wrong else ():
            name = problem.names[problem.wrt[block.place]]
            if block.pair is None or any(f.input == name for f in (*self.wrong, *self.unclear)):
                continue
            if self.task.why or with_loose_constants(block.pair, largest) == "wrong":
                claimed, expected = float(block.pair.claimed.mid()), float(block.pair.expected.mid())
                rest[name] = Finding(name, (), claimed, expected, block.pair.radius, "along a random direction")
        return list(rest.values())

    def _is_long(self) -> bool:
        return self.work > (_ENOUGH if self.wrong else _LONG)

    def _objecting(self, batch: list[Block]) -> list[Block]:
        """Return the blocks that are wrong somewhere; single entries go to the findings instead."""
        task = self.task
        directions = self._directions(batch)
        kind = BudgetedTrace if task.why else LooseTrace
        slopes = exact_slopes(task.problem, task.here.inputs, task.here.cotangent, directions, task.digits, kind=kind)
        self.work += slopes.work
        rows = slopes.rows
        left = []
        for block, pair in zip(batch, task.pairs(rows, self.claims, directions), strict=True):
            if self._objects(pair) and len(block) > 1:
                left.append(replace(block, pair=pair))
            elif self._objects(pair):
                self._note(block.place, int(block.flat[0]), pair)
        return left

    def _directions(self, batch: list[Block]) -> list[Array]:
        here, rng = self.task.here, self.task.rng
        directions = [np.zeros((len(batch), *here.inputs[k].shape)) for k in self.task.problem.wrt]
        for j, block in enumerate(batch):
            signs = rng.uniform(0.5, 1.5, len(block)) * rng.choice([-1.0, 1.0], len(block))
            scales = weights(here.gradients[block.place].reshape(-1)[block.flat])
            directions[block.place][j].reshape(-1)[block.flat] = signs * scales if len(block) > 1 else 1.0
        return directions

    def _objects(self, pair: Pair) -> bool:
        if self.task.rtol and pair.look() != "apart":
            return False
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
