"""Rows of a table to which labels say where terms go, written once: the same bits as zeros and then all terms."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels import cache
from gradproof.kernels.emission.module import fast_source
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.prepare import prepare
from tests.kernels.support import uncompiled

LARGE = re.compile(r"^LARGE, SHORT = [^,]*, \d+", re.MULTILINE)


def _text(dtype: str = "float32", large: str = "") -> str:
    """Return the module of an embedding; `large`: above how many numbers a table is, and in how long rows."""
    made = fast_source(make_plan(prepare(gp.derive(gp.load("embedding")), "fused")), "k", dtype)
    return LARGE.sub(f"LARGE, SHORT = {large}", made) if large else made


def _table(offset: int, shape: tuple[int, int], dtype: str) -> np.ndarray:
    """Return a table of nans that begins so many bytes behind a line of memory, with room on both sides."""
    size, width = shape[0] * shape[1], np.dtype(dtype).itemsize
    room = np.full(256 + size * width, 255, np.uint8)
    start = 64 + -room.ctypes.data % 64 + offset
    return room[start : start + size * width].view(dtype).reshape(shape)


def _check(k: Callable[..., Mapping[str, Any]], dtype: str, offset: int, sizes: tuple[int, int, int], n: int) -> None:
    """Compare with terms that are added to zeros in the order of the labels; nothing beside the table is written."""
    (rows, columns, count), random = sizes, np.random.default_rng(sizes)
    tok = random.integers(0, max(rows, 1), count)
    d_x, expected = random.normal(size=(count, columns)).astype(dtype), np.zeros((rows, columns), dtype)
    np.add.at(expected, tok, d_x)
    d_e = _table(offset, (rows, columns), dtype)
    k(tok=tok, E=np.zeros((rows, columns), dtype), d_x=d_x, out={"d_E": d_e}, threads=n)
    assert d_e.tobytes() == expected.tobytes()
    room = d_e
    while room.base is not None:
        room = room.base
    where = d_e.ctypes.data - room.ctypes.data
    assert np.all(room[:where] == 255)
    assert np.all(room[where + d_e.nbytes :] == 255)


SIZES = [(1, 1, 1), (7, 3, 0), (7, 64, 3), (5, 65, 12), (9, 130, 4), (40, 1, 6), (30, 17, 5), (30, 17, 300), (3, 0, 2)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("large", ["0, 0", "10**9, 0"])
def test_every_place_holds_its_terms_or_zero(sizes: tuple[int, int, int], large: str) -> None:
    k = uncompiled(_text(large=large))["k"]
    for n, offset in enumerate((0, 4, 16, 60), 1):
        _check(k, "float32", offset, sizes, n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_go_past_the_caches(dtype: str) -> None:
    """Compiled: the stores are marked, and tables may begin anywhere, also within a number."""
    text = _text(dtype, "0, 0").replace('"cache": True', '"cache": False')  # what is cached shows no code
    module = cache.load(text, "k")
    for sizes in SIZES:
        for n, offset in enumerate((0, 8, 40), 1):
            _check(module.k, dtype, offset, sizes, n)
    _check(module.k, dtype, 2, (30, 17, 9), 1)
    if sys.platform != "win32":
        (code, *_) = module.k_d_E_rows.inspect_llvm().values()
        assert re.search(r"store <\d+ x \w+> .*!nontemporal", code)


def test_no_row_of_a_large_table_is_read_that_gets_one_term() -> None:
    """What is there before the first term changes nothing, and zeros are written where no term is."""
    space = uncompiled(_text(large="0, 0"))
    space["k_d_E"] = None  # adds to a row: is not called
    d_e = _table(16, (20, 70), "float32")
    space["k"](tok=np.array([3, 4, 19]), E=d_e * 0, d_x=np.ones((3, 70), np.float32), out={"d_E": d_e}, threads=2)
    np.testing.assert_array_equal(np.flatnonzero(d_e.sum(1)), [3, 4, 19])


@pytest.mark.parametrize(
    "text",
    [
        "given tok[T] in V, x[T, D]\nshape y[V, D]\ny[v,d] = sum[t, v == tok[t], 2*d - t >= 0] x[t,d]",  # not all of it
        "given tok[T] in V, x[T, D, E]\nshape y[V, D, E]\ny[v,d,e] = sum[t, v == tok[t]] x[t,d,e]",  # rows of rows
        "given tok[T] in V, x[T, D]\nshape y[V, D]\ny[v,d] = sum[t, v == tok[t]] x[t,d]\nL = sum[v,d] y[v,d]",  # read
    ],
)
def test_other_tables_are_cleared_first(text: str) -> None:
    made = fast_source(make_plan(prepare(gp.system(text), "forward")), "k", "float32")
    assert "begun" not in made


def test_ends_of_rows_are_fetched_before_they_are_written() -> None:
    """Those of the labels that come soon, and of the last one at the end; of small tables none are."""
    fetched: list[int] = []
    space = uncompiled(_text(large="0, 0"))
    space["fetch_ends"] = lambda _, row: fetched.append(int(row))
    tok = np.array([5, 1, 4, 0, 3, 2])
    space["k"](tok=tok, E=np.zeros((6, 3), np.float32), d_x=np.ones((6, 3), np.float32), threads=1)
    assert fetched == [3, 2, 2, 2, 2, 2]
    small = uncompiled(_text())
    small["fetch_ends"] = None  # is not called
    small["k"](tok=tok, E=np.zeros((6, 3), np.float32), d_x=np.ones((6, 3), np.float32), threads=1)
