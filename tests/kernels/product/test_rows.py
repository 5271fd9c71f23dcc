"""Rows copied and added: all of their numbers and no others, whatever their length and their pitch."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
import pytest

from gradproof.kernels.product import shared_product

from .products import CANARY

TYPES = ["float32", pytest.param("float64", marks=pytest.mark.slow)]
LENGTHS = (0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64)


@cache
def movers(dtype: str) -> tuple[Any, Any]:
    """Return functions that copy and add rows of any pitch."""
    p = shared_product(dtype)
    copy_rows, add_rows = p.copy_rows, p.add_rows
    matrix = getattr(numba, dtype)[:, :]

    @numba.njit(numba.void(matrix, matrix), nogil=True)
    def copied(source, out):
        copy_rows(source, out)

    @numba.njit(numba.void(matrix, matrix), nogil=True)
    def added(source, out):
        add_rows(source, out)

    return copied, added


@pytest.mark.parametrize("dtype", TYPES)
def test_rows_are_copied_and_added(dtype):
    random = np.random.default_rng(3)
    for columns in LENGTHS:
        for rows in (0, 1, 3):
            source = random.normal(size=(rows + 2, columns + 3)).astype(dtype)
            around = np.full((rows + 2, columns + 5), CANARY, dtype)
            inside = around[1 : 1 + rows, 2 : 2 + columns]
            for mover, expected in zip(movers(dtype), (source, 2 * source), strict=True):
                mover(source, inside)
                np.testing.assert_array_equal(inside, expected[:rows, :columns])
            inside[...] = CANARY
            assert (around == CANARY).all(), (rows, columns)


@pytest.mark.parametrize("dtype", TYPES)
def test_rows_that_are_not_there_are_refused(dtype):
    """What there is of the source must cover the target, and neither may have gaps."""
    out, source = np.zeros((2, 3), dtype), np.zeros((4, 8), dtype)
    for mover in movers(dtype):
        for less in (source[:1], source[:, :2]):
            with pytest.raises(ValueError, match="fewer numbers"):
                mover(less, out)
        with pytest.raises(ValueError, match="not contiguous"):
            mover(source[:, ::2], out)
        with pytest.raises(ValueError, match="not contiguous"):
            mover(source, source[:2, ::3])
