"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: how often kernels read the entries of a row.

Each argument is `NAME:INPUT:PLACES`: an entry of the catalogue, one of its inputs, and the length of its rows. A line
is printed for each with how often each place of a row is read, in all rows alike.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import numpy as np
from numba import cuda
from numba.cuda.simulator.cudadrv import devicearray

import gradproof as gp
from gradproof.loading import load
from tests.kernels.cuda.verdicts import print_verdicts

_ROWS = 5
#: Inputs by the axes that they have: rows, places; numbers have none.
_INPUTS = {
    "softmax_cross_entropy": {"z": 2, "y": 2},
    "softmax": {"z": 2, "d_p": 2},
    "layer_norm": {"x": 2, "d_y": 2, "gamma": 1, "beta": 1, "eps": 0},
    "rms_norm": {"x": 2, "d_y": 2, "gamma": 1, "eps": 0},
}
_plain_read = devicearray.FakeCUDAArray.__getitem__


def check(name: str, watched: str, places: str) -> str:
    """Return how often each place of a row of an input is read."""
    rng = np.random.default_rng(3)
    shapes = {n: (_ROWS, int(places))[2 - axes :] for n, axes in _INPUTS[name].items() if axes}
    given: dict[str, Any] = {n: cuda.to_device(rng.random(shape, np.float32)) for n, shape in shapes.items()}
    count: Counter[Any] = Counter()
    begin = given[watched].__array_interface__["data"][0]

    def counted(array: Any, at: Any) -> Any:
        if array.__array_interface__["data"][0] == begin and isinstance(at, tuple):
            count[at] += 1
        return _plain_read(array, at)

    k = gp.kernel(gp.derive(load(name)), target="cuda", what="fused")
    devicearray.FakeCUDAArray.__getitem__ = counted
    try:
        k(**{n: given.get(n, 1e-5) for n in k.unit.parameters})
    finally:
        devicearray.FakeCUDAArray.__getitem__ = _plain_read
    found = {" ".join(str(count[row, place]) for place in range(int(places))) for row in range(_ROWS)}
    return " or ".join(sorted(found))


if __name__ == "__main__":
    print_verdicts(check, sys.argv[1:])
