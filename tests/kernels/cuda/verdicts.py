"""How a program of checks that runs in a process of its own tells its parent what it found: a line for each case."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from gradproof.kernels.cuda.simulation import is_simulated


def print_verdicts(check: Callable[..., str], cases: Iterable[str]) -> None:
    """Print a line for each case, "name:of:parts verdict"; `check` takes the parts and returns the verdict.

    In the simulator threads of a block take turns, in each case by lots of its own.
    """
    for case in cases:
        _take_turns(case)
        try:
            verdict = check(*case.split(":"))
        except Exception as error:  # noqa: BLE001 - the parent process tells it
            verdict = f"{type(error).__name__}: {error}"
        sys.stdout.write(f"{case} {' '.join(verdict.split())[:400]}\n")


def _take_turns(case: str) -> None:
    if is_simulated():
        from tests.kernels.cuda.turns import take_turns  # it needs a numba that simulates

        take_turns(case)
