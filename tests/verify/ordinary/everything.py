"""All ordinary functions; `python -m tests.verify.ordinary.everything` prints how many of them run in balls."""

from __future__ import annotations

import sys

from gradproof.verify.balls.traced import Untraceable

from . import classes, layers, losses, optimisation, physics, statistics
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
    lost = {}
    for case in CASES:
        try:
            exact(case)
        except Untraceable as error:
            lost[case.name] = str(error)
    lines = [f"{name}: {why}" for name, why in lost.items()]
    sys.stdout.write(
        "\n".join(
            [*lines, f"{len(CASES) - len(lost)} of {len(CASES)} run in balls: {1 - len(lost) / len(CASES):.1%}", ""]
        )
    )


if __name__ == "__main__":
    main()
