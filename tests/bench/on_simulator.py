"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: what measures on a GPU, in numba's simulator."""

from __future__ import annotations

import sys

import numpy as np

from gradproof import catalogue
from gradproof.bench import device, peers
from gradproof.bench.case import Case
from gradproof.bench.inputs import inputs_of
from gradproof.bench.peers import ALLOCATES


def main() -> None:
    """Call what a worker calls; an assertion fails where something is not as it should be."""
    assert "NUMBA_ENABLE_CUDASIM" in device.lacking()
    case = Case("sigmoid", catalogue.read("sigmoid"), {"n": 9}, target="cuda")
    inputs = inputs_of(case)
    for kind in ("ours", ALLOCATES):
        runner = peers.runner(kind, case, inputs)
        assert runner is not None
        found = runner.named(runner.run())
        np.testing.assert_allclose(found["a"], 1 / (1 + np.exp(-inputs["z"])), rtol=1e-6)
        assert runner.timed is not None
        assert runner.timed(2) >= 0
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
