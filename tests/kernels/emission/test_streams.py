"""Results that are written past the caches: every place once, wherever they stand in memory, and the same bits."""

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

LINES = "given x[n], z[n]\ny[i] = 2*x[i] - z[i]\nw[i] = x[i]*z[i]"
ROWS = "given x[m, n]\ngiven b[n]\ny[i,j] = x[i,j] + b[j]"
LARGE = re.compile(r"^LARGE, SHORT = [^,]*, \d+", re.MULTILINE)


def _text(text: str, dtype: str = "float32", large: str = "") -> str:
    """Return the kernel's module; `large`: above how many results it sends them, and in how long rows."""
    made = fast_source(make_plan(prepare(gp.system(text))), "k", dtype)
    return LARGE.sub(f"LARGE, SHORT = {large}", made) if large else made


def _at(offset: int, size: int, dtype: str) -> np.ndarray:
    """Return an array that begins so many bytes behind a line of memory, with room on both sides."""
    width = np.dtype(dtype).itemsize
    room = np.full(256 + size * width, 255, np.uint8)
    start = 64 + -room.ctypes.data % 64 + offset
    return room[start : start + size * width].view(dtype)


def _check(k: Callable[..., Mapping[str, Any]], dtype: str, size: int, offsets: tuple[int, int], threads: int) -> None:
    random = np.random.default_rng(size)
    x, z = random.normal(size=(2, size)).astype(dtype)
    out = {n: _at(o, size, dtype) for n, o in zip(("y", "w"), offsets, strict=True)}
    k(x=x, z=z, out=out, threads=threads)
    for name, expected in (("y", 2 * x - z), ("w", x * z)):
        np.testing.assert_array_equal(out[name], expected)
        room = out[name].base.base if out[name].base.base is not None else out[name].base
        where = out[name].ctypes.data - room.ctypes.data
        assert np.all(room[:where] == 255)
        assert np.all(room[where + out[name].nbytes :] == 255)


@pytest.mark.parametrize("size", [0, 1, 3, 15, 16, 60, 63, 64, 65, 79, 80, 200])
def test_no_place_is_lost_or_written_twice(size: int) -> None:
    """Whole lines go past the caches, and what stands beside them one by one, in each thread's stretch."""
    k = uncompiled(_text(LINES, large="0, 0"))["k"]
    for offsets in ((0, 0), (4, 4), (60, 60), (16, 48)):
        _check(k, "float32", size, offsets, threads=1 + size % 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lines_of_memory_are_written_at_once(dtype: str) -> None:
    """Compiled: the stores are marked; results may begin anywhere, also within a number."""
    text = _text(LINES, dtype, "0, 0").replace('"cache": True', '"cache": False')  # what is cached shows no code
    module = cache.load(text, "k")
    for size in (0, 1, 31, 64, 257, 1000):
        for offsets in ((0, 0), (8, 8), (56, 56), (0, 16)):
            _check(module.k, dtype, size, offsets, threads=2)
    _check(module.k, dtype, 300, (2, 2), threads=1)
    if sys.platform != "win32":
        (code, *_) = module.k_y_w_rows.inspect_llvm().values()
        assert re.search(r"store <\d+ x \w+> .*!nontemporal", code)


def test_bits_do_not_depend_on_how_results_are_written() -> None:
    x, b = np.random.default_rng(0).normal(size=(5, 300)), np.ones(300)
    plain, past = (uncompiled(_text(ROWS, "float64", large))["k"](x=x, b=b)["y"] for large in ("10**9, 0", "0, 0"))
    assert plain.tobytes() == past.tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "given x[n]\ny[i] = x[i] + 1\nL = sum[i] y[i]",  # a sum along the row: its order would depend on addresses
        "given x[n]\ny[i] = x[i] + 1\nz[i] = sum[j, j <= i] y[j]",  # read again
        "given x[n], c[m] in n\nq[i,j] = x[j] - [c[i] == j]",  # compares its place
        "given x[n]\ny[i] = exp(x[i])*erf(x[i])",  # takes longer than its memory
    ],
)
def test_other_results_are_written_as_ever(text: str) -> None:
    assert "LARGE" not in _text(text)


def test_short_rows_and_small_results_stay_in_the_caches() -> None:
    head = _text(ROWS)
    assert "large = y.size > LARGE and n >= SHORT" in head
    space = uncompiled(head)
    space["send"] = None  # is not called
    assert np.all(space["k"](x=np.ones((40, 2000), np.float32), b=np.ones(2000, np.float32))["y"] == 2)
