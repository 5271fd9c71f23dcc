"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: compares kernels in numba's simulator with the interpreter.

Each argument is `NAME:WHAT:DTYPE:SIZE`; without a size, at a point where the equations have finite values. A line is
printed for each, `ok` or what differs. Memory that nobody has written holds nan.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.derive.steps import Derivation
from gradproof.loading import load
from tests.kernels.planner.test_plans import _point
from tests.kernels.support import assert_close, draw, reference

_made = cuda.device_array


def _unwritten(shape: Any, dtype: Any = float, **options: Any) -> Any:
    array = _made(shape, dtype, **options)
    array[...] = -77 if np.dtype(dtype).kind == "i" else np.nan
    return array


@cache
def _derivation(name: str) -> Derivation:
    return gp.derive(load(name))


def check(name: str, what: str, dtype: str, size: str = "") -> str:
    """Return "ok", or what is wrong."""
    d = _derivation(name)
    if size:
        sizes = {s.name: max(0, int(size) - k) for k, s in enumerate(d.joint.sizes)}
        given = draw(d.joint, sizes, dtype, seed=int(size))
    else:
        given = {
            n: np.asarray(v, dtype) if np.asarray(v).dtype.kind == "f" else v
            for n, v in _point(d.joint).named().items()
        }
    expected = reference(d.joint, given)
    k = gp.kernel(d, target="cuda", dtype=dtype, what=what)
    values = {**{n: np.asarray(v, dtype) for n, v in expected.items() if n in d.system.by_name}, **given}
    arguments = {n: _on_device(values[n], dtype) for n in k.unit.parameters}
    with np.errstate(all="ignore"):
        found = k(**arguments)
    if set(found) != set(k.outputs):
        return f"returns {sorted(found)}"
    for output, value in found.items():
        if output not in dict(k.program.updated).values():
            assert_close(
                value.copy_to_host(), expected[output], dtype, f"{output} of {name}", ulps=2000 if not size else 60
            )
    return "ok"


def _on_device(value: Any, dtype: str) -> Any:
    array = np.asarray(value)
    if array.ndim == 0:
        return value
    return cuda.to_device(np.ascontiguousarray(array, np.int64 if array.dtype.kind in "iu" else dtype))


def main(cases: list[str]) -> None:
    """Print a line for each case."""
    cuda.device_array = _unwritten
    for case in cases:
        try:
            verdict = check(*case.split(":"))
        except Exception as error:  # noqa: BLE001 - the parent process tells it
            verdict = f"{type(error).__name__}: {error}"
        sys.stdout.write(f"{case} {' '.join(verdict.split())[:400]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
