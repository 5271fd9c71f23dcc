"""Run as a program: compares kernels for CUDA with the interpreter.

Runs in numba's simulator with NUMBA_ENABLE_CUDASIM=1, else on a device. Each argument is `NAME:WHAT:DTYPE:KIND`, of
which `points` says what the kind may be; without one, at a point where the equations have finite values. A line is
printed for each, `ok` or what differs. Memory that nobody has written holds nan.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.derive.steps import Derivation
from gradproof.kernels import Kernel
from gradproof.loading import load
from tests.kernels.cuda.points import compare
from tests.kernels.cuda.verdicts import print_verdicts


def _unwritten(shape: Any, dtype: Any = float, **_: Any) -> Any:
    """Return an array on the device as if it held what some other program left there."""
    return cuda.to_device(np.full(shape, -77 if np.dtype(dtype).kind == "i" else np.nan, dtype))


@cache
def _derivation(name: str) -> Derivation:
    return gp.derive(load(name))


@cache
def _kernel(name: str, what: str, dtype: str) -> Kernel:
    return gp.kernel(_derivation(name), target="cuda", dtype=dtype, what=what)


def check(name: str, what: str, dtype: str, kind: str = "") -> str:
    """Return "ok", or what is wrong."""
    d, k = _derivation(name), _kernel(name, what, dtype)
    updated = dict(k.program.updated)
    outputs = {n: n for n in k.outputs if n not in updated.values()}

    def call(**named: Any) -> Mapping[str, Any]:
        found = k(**{n: _on_device(named[n], dtype) for n in k.unit.parameters})
        assert set(found) == set(k.outputs), f"returns {sorted(found)}"
        assert all(v.dtype == dtype for v in found.values()), f"in {[str(v.dtype) for v in found.values()]}"
        return {n: v.copy_to_host() for n, v in found.items()}

    return compare(d, call, dtype, kind, outputs)


def _on_device(value: Any, dtype: str) -> Any:
    array = np.asarray(value)
    if array.ndim == 0:
        return value
    return cuda.to_device(np.ascontiguousarray(array, np.int64 if array.dtype.kind in "iu" else dtype))


def main(cases: list[str]) -> None:
    """Print a line for each case."""
    cuda.device_array = _unwritten
    print_verdicts(check, cases)


if __name__ == "__main__":
    main(sys.argv[1:])
