"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: softmax of rows in which the largest value so far changes often.

Each argument is a type, or `fast`. A line is printed for each: `ok`, or the row that is further from the exact one than
`gradproof.kernels.cuda.online` says. With `fast` the line says which rows are further off than two passes could be:
there exp is as far above the exact one as the fast exp may be.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.kernels.cuda.mathematics import fast_call
from gradproof.loading import load
from tests.kernels.cuda.turns import take_turns

_LONG = 480
#: A step after which exp, rounded to float32, is off by half a unit: what is rounded at each step shows at the end.
_STEP = 3 / 256
_RNG = np.random.default_rng(6)
_INF = np.inf
_EPS = np.finfo(np.float32).eps
ROWS: dict[str, Any] = {
    "slowly up": np.arange(_LONG) // 4 * _STEP,
    "up": np.arange(_LONG) * 0.7,
    "far up": np.arange(_LONG) * 300.0,
    "down": -np.arange(_LONG) * 0.7,
    "from side to side": 50 * np.cos(np.arange(_LONG) * np.pi),
    "any": _RNG.normal(size=_LONG),
    "any, large": _RNG.normal(size=_LONG) * 30 - 1e4,
    "masked first": np.where(np.arange(_LONG) < 100, -_INF, 1.0 + np.arange(_LONG) % 7),
    "masked whole": np.full(_LONG, -_INF),
    "infinite once": np.where(np.arange(_LONG) == 77, _INF, np.arange(_LONG) * 0.1 - 30),
    "infinite late": np.where(np.arange(_LONG) == _LONG - 1, _INF, -1.0),
    "no number": np.where(np.arange(_LONG) == 30, np.nan, np.arange(_LONG) * 1.0),
}


def check(dtype: str) -> str:
    """Return "ok", or which row is wrong."""
    z = np.array(list(ROWS.values()), dtype)
    k = gp.kernel(gp.derive(load("softmax")), target="cuda", dtype=dtype)
    assert "moved(" in k.source, "two passes"
    p = k(z=cuda.to_device(z), d_p=cuda.to_device(np.ones_like(z)))["p"].copy_to_host()
    wrong = {name: _error(*row) for name, *row in zip(ROWS, z, p, strict=True)}
    return "; ".join(f"{n}: {e}" for n, e in wrong.items() if e) or "ok"


def _error(z: Any, p: Any) -> str:
    """Return what is wrong with a row; rows that are not finite have to be as NumPy has them, less a finite shift."""
    wide, most = z.astype(np.longdouble), z.max()
    shift = most if np.isfinite(most) or np.isnan(most) else 0.0
    parts = np.exp(wide - np.longdouble(shift))
    exact = parts / parts.sum()
    if not np.isfinite(most):
        return "" if np.array_equal(exact.astype(z.dtype), p, equal_nan=True) else f"{p} is not {exact}"
    bound = units(z) * np.finfo(z.dtype).eps / 2
    share = np.abs(p - exact) / (bound * exact + np.finfo(z.dtype).tiny)
    return "" if share.max() <= 1 else f"{float(share.max()):.2f} of the bound"


def fast() -> str:
    """Return the finite rows whose sums are further off than two passes may be; all are as near as the header says."""
    k = gp.kernel(gp.derive(load("softmax")), target="cuda", dtype="float32", fast=True)
    one_pass, two_passes = re.findall(r"by (?:at most )?([0-9.]+) \+ ([0-9.]+) d", k.source)
    k.module.exp = _too_large
    finite = {name: row for name, row in ROWS.items() if np.isfinite(row).all()}
    z = np.array(list(finite.values()), np.float32)
    p = k(z=cuda.to_device(z), d_p=cuda.to_device(np.ones_like(z)))["p"].copy_to_host()
    further = []
    for name, row, found in zip(finite, z, p, strict=True):
        below = row.max() - row.astype(np.longdouble)
        exact = np.exp(-below).sum()
        total = _too_large(np.float32(0)) / np.longdouble(found.max())  # p is exp(0)/total where the row is largest
        off = (total - exact) / _EPS - exact  # less what rounding adds: of the sum, and of the quotient
        assert off <= _allowed(below, one_pass), name
        further += [name] if off > _allowed(below, two_passes) else []
    return ", ".join(further)


def _allowed(below: Any, bound: tuple[str, str]) -> Any:
    """Return how far a sum of exponentials may be off, in ulps of 1: each by so much, and more for what it is below."""
    return (np.exp(-below) * (float(bound[0]) + float(bound[1]) * below)).sum()


def _too_large(x: Any) -> Any:
    """Return exp of x in float32, off by as much as the fast exp may be."""
    call, unit = fast_call()
    x = np.float32(x)
    return np.float64(np.exp(np.float64(x)) * (1 + (call + (unit - 0.5) * abs(x)) * _EPS))


def units(z: Any) -> Any:
    """Return the bound in units of roundoff: of exp (1 ulp) and its argument in p, of the sum, and of the quotient."""
    below, most = z.max() - z, math.log(len(z))
    moves = 0.0 if z.dtype == np.float32 else 2.5 * (1 + most / 2) + most + 2
    return (2 + np.where(np.isfinite(below), below, 0)) + (2 + most + 2) + moves + 3


def main(types: list[str]) -> None:
    """Print a line for each type."""
    take_turns()
    for dtype in types:
        with np.errstate(all="ignore"):
            sys.stdout.write(f"{dtype} {fast() if dtype == 'fast' else check(dtype)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
