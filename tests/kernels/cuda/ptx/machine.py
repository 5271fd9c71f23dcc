"""Launches: all threads of some blocks go through a program at once.

Of the threads that can go on, those at the earliest instruction do, so that they meet again where branches join. A
barrier holds a thread until all others of its block have come or ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.kernels.cuda.ptx.instructions import prepared
from tests.kernels.cuda.ptx.lanes import Lanes
from tests.kernels.cuda.ptx.memory import Fault, Global
from tests.kernels.cuda.ptx.reader import Program

#: Threads that go through a program at once, in whole blocks.
AT_ONCE = 8192
#: Instructions, of some threads each, after which a launch is given up.
MOST = 10_000_000
_RUNS, _WAITS, _ENDED = 0, 1, 2


def launch(program: Program, memory: Global, grid: int, block: int, values: Sequence[Any]) -> None:
    """Run a kernel.

    Args:
        program: what `reader.read` gives.
        memory: of the arrays that the values point to.
        grid, block: blocks, and threads of each, along the first axis.
        values: of the parameters, in order.

    Raises:
        Fault: a thread does with memory what it must not, or a barrier waits for nothing.
        NotImplementedError: an instruction that this machine does not know.
    """
    memory.forget()
    each = max(1, AT_ONCE // block)
    machine = None
    for first in range(0, grid, each):
        count = min(each, grid - first)
        if machine is None or machine.lanes.count != count * block:
            machine = Machine(program, memory, Lanes(count, block, grid), values)
        machine.run(first)


class Machine:
    """Threads of some blocks, and what they run."""

    def __init__(self, program: Program, memory: Global, lanes: Lanes, values: Sequence[Any]) -> None:
        self.program, self.lanes, self.watch = program, lanes, memory.watch
        self.steps: list[Callable[[Any], Any]] = prepared(program, memory, lanes, values)
        self.joins = frozenset(program.labels.values())
        #: What is no step in a straight line.
        self.bends = {k: i.name[0] for k, i in enumerate(program.code) if i.name[0] in _BENDS}

    def run(self, first: int) -> None:
        """Run the blocks from `first` on."""
        lanes = self.lanes
        lanes.begin(first, self.watch)
        self.at = np.zeros(lanes.count, np.int64)
        self.state = np.zeros(lanes.count, np.int8)
        self.left = MOST
        with np.errstate(all="ignore"):
            while (chosen := self._next()) is not None:
                self._walk(*chosen)

    def _next(self) -> tuple[int, Any] | None:
        """Return the earliest instruction at which threads can go on, and these threads: None if it is all of them."""
        runs = self.state == _RUNS
        if not runs.any():
            if (self.state == _ENDED).all():
                return None
            self._release()
            return self._next()
        if runs.all():
            here = int(self.at.min())
            some = self.at == here
        else:
            here = int(self.at[runs].min())
            some = runs & (self.at == here)
        return here, None if some.all() else np.flatnonzero(some)

    def _release(self) -> None:
        """Let go on what waits at a barrier: all threads of a block that have not ended are there."""
        waiting = (self.state == _WAITS).reshape(self.lanes.blocks, -1)
        places = self.at.reshape(waiting.shape)
        for rows, where in zip(waiting, places, strict=True):
            if len({int(n) for n in where[rows]}) > 1:
                raise Fault(f"{self.program.name}: threads of a block wait at different barriers")
        self.lanes.barriers += 1
        self.state[self.state == _WAITS] = _RUNS

    def _walk(self, here: int, some: Any) -> None:
        """Run from an instruction to where threads part, wait, end, or meet others."""
        program = self.program
        while True:
            self.left -= 1
            if not self.left:
                raise Fault(f"{program.name} did not end")
            bend = self.bends.get(here)
            if bend is None:
                self.steps[here](some)
                here += 1
                if some is not None and here in self.joins:
                    self.at[some] = here
                    return
                continue
            chosen = slice(None) if some is None else some
            if bend in {"ret", "exit"}:
                gone = self.steps[here](some)
                self._set(chosen, gone, here + 1, _ENDED)
                return
            if bend in {"bar", "barrier"}:
                self.at[chosen], self.state[chosen] = here + 1, _WAITS
                return
            taken = self.steps[here](some)
            target = program.labels[program.code[here].operands[0]]
            if taken.all() or not taken.any():
                here = target if taken.all() else here + 1
                if some is not None:
                    self.at[some] = here
                    return
                continue
            self.at[chosen] = np.where(taken, target, here + 1)
            return

    def _set(self, chosen: Any, gone: Any, after: int, state: int) -> None:
        self.at[chosen] = after
        self.state[chosen] = np.where(gone, state, _RUNS)


_BENDS = frozenset({"bra", "bar", "barrier", "ret", "exit"})
