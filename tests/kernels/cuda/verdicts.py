"""How a program of checks that runs in a process of its own tells its parent what it found: a line for each case."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable


def print_verdicts(check: Callable[..., str], cases: Iterable[str]) -> None:
    """Print a line for each case, "name:of:parts verdict"; `check` takes the parts and returns the verdict."""
    for case in cases:
        try:
            verdict = check(*case.split(":"))
        except Exception as error:  # noqa: BLE001 - the parent process tells it
            verdict = f"{type(error).__name__}: {error}"
        sys.stdout.write(f"{case} {' '.join(verdict.split())[:400]}\n")
