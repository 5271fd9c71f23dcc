"""Products to test with: callers that numba compiles once for all views, and operands of every kind."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np

from gradproof.kernels.product import shared_product

DTYPES = ("float32", "float64")
#: Fills what must not be written.
CANARY = 777.0


@cache
def made(dtype: str) -> SimpleNamespace:
    """The product with functions that call it: any view goes to the one compiled version."""
    p = shared_product(dtype)
    number = getattr(numba, dtype)
    matrix, row, dense = number[:, :], number[::1], number[:, ::1]
    gemm, gemm_packed, pack = p.gemm, p.gemm_packed, p.pack

    @numba.njit(numba.void(matrix, matrix, matrix, numba.boolean, row), nogil=True)
    def whole(a, b, c, accumulate, scratch):
        gemm(a, b, c, accumulate, scratch)

    @numba.njit(numba.void(matrix, dense, matrix, numba.boolean, row), nogil=True)
    def packed(a, b, c, accumulate, scratch):
        gemm_packed(a, b, c, accumulate, scratch)

    @numba.njit(dense(matrix), nogil=True)
    def packing(b):
        return pack(b)

    return SimpleNamespace(whole=whole, packed=packed, pack=packing, module=p, real=p.real)


def multiply(dtype: str, a: Any, b: Any, c: Any = None, *, packed: bool = False) -> Any:
    """a @ b, or c with it added; the scratch has canaries on both sides."""
    p = made(dtype)
    out = np.full((a.shape[0], b.shape[1]), CANARY, dtype) if c is None else c
    around = np.full(p.module.SCRATCH + 64, CANARY, dtype)
    scratch = around[32:-32]
    scratch[:] = np.nan
    if packed:
        p.packed(a, p.pack(b), out, c is not None, scratch)
    else:
        p.whole(a, b, out, c is not None, scratch)
    assert (around[:32] == CANARY).all()
    assert (around[-32:] == CANARY).all()
    return out


def _plain(x: Any) -> Any:
    return x.copy()


def _turned(x: Any) -> Any:
    return x.T.copy().T


def _backward(x: Any) -> Any:
    return x[::-1, ::-1].copy()[::-1, ::-1]


def _part(x: Any) -> Any:
    """A view inside an array of nan, with gaps between the numbers."""
    whole = np.full((3 * x.shape[0] + 2, 2 * x.shape[1] + 3), np.nan, x.dtype)
    view = whole[1 : 1 + 3 * x.shape[0] : 3, 2 : 2 + 2 * x.shape[1] : 2]
    view[:] = x
    return view


def _rows(x: Any) -> Any:
    """The first columns of rows that are longer."""
    whole = np.full((x.shape[0], x.shape[1] + 5), np.nan, x.dtype)
    whole[:, : x.shape[1]] = x
    return whole[:, : x.shape[1]]


#: Views that hold the same numbers.
VIEWS = (_plain, _turned, _backward, _part, _rows)
