"""All ordinary functions; `python -m tests.verify.ordinary.everything` prints how many of them run in balls."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gradproof.verify.balls.traced import Untraceable

from . import classes, layers, losses, optimisation, physics, statistics
from .gradients import PAIRS
from .run import exact

CASES = (
    *losses.CASES,
    *layers.CASES,
    *statistics.CASES,
    *physics.CASES,
    *optimisation.CASES,
    *classes.CASES,
)


def main() -> None:
    """Print the share that runs, and why the others do not."""
    functions = [_why(lambda case=case: exact(case), case.name) for case in CASES]
    gradients = [_why(lambda case=case, g=g: exact(case, g), case.name) for case, g in PAIRS]
    lines = [line for line in (*functions, *gradients) if line]
    for what, found in (("functions", functions), ("gradients written by hand", gradients)):
        run = found.count("")
        lines.append(f"{run} of {len(found)} {what} run in balls: {run / len(found):.1%}")
    sys.stdout.write("\n".join([*lines, ""]))


def _why(call: Callable[[], object], name: str) -> str:
    """Return why a run failed; "" if it did not."""
    try:
        call()
    except Untraceable as error:
        return f"{name}: {error}"
    return ""


if __name__ == "__main__":
    main()
