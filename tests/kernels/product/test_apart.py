"""Products with matrices whose rows lie anywhere in one array: overlapping, in any order, at every edge of blocks."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numba
import numpy as np
import pytest

from tests.kernels.product.products import CANARY, DTYPES, made


@cache
def compiled(dtype):
    """The three products, compiled in one function for arrays of any layout."""
    p, number = made(dtype).module, getattr(numba, dtype)
    matrix, row, dense, places = number[:, :], number[::1], number[:, ::1], numba.int64[::1]
    by_rows, of_rows, to_rows = p.gemm_by_rows, p.gemm_of_rows, p.gemm_to_rows

    @numba.njit(numba.void(numba.int64, matrix, matrix, dense, row, places, matrix, places, numba.boolean, row))
    def one(which, a, b, packed, numbers, starts, c, gaps, accumulate, scratch):  # noqa: PLR0917
        line, pitch = gaps
        if which == 0:
            by_rows(a, numbers, starts, c, line, pitch, accumulate, scratch)
        elif which == 1:
            of_rows(numbers, starts, packed, c, accumulate, scratch)
        else:
            to_rows(a, b, numbers, starts, line, pitch, scratch)

    none = np.zeros((0, 0), dtype)

    def by(a, numbers, starts, c, accumulate, scratch, gaps=(5, 5)):  # noqa: PLR0917
        one(0, a, none, none, numbers, starts, c, np.array(gaps), accumulate, scratch)

    def of(numbers, starts, packed, c, accumulate, scratch):  # noqa: PLR0917
        one(1, none, none, packed, numbers, starts, c, np.array([1, 1]), accumulate, scratch)

    def to(a, b, numbers, starts, scratch, gaps=(5, 5)):  # noqa: PLR0917
        one(2, a, b, none, numbers, starts, none, np.array(gaps), True, scratch)

    return SimpleNamespace(by=by, of=of, to=to)


def shapes(dtype):
    """Yield rows, columns, depths, and whether to add, at the edges of tiles and of blocks."""
    p, random = made(dtype).module, np.random.default_rng(3)
    edges = (0, 1, 2, 3, p.TILE_ROWS, p.TILE_ROWS + 1, p.TILE_COLUMNS, p.TILE_COLUMNS + p.LANES + 1, p.HEIGHT + 3)
    for n in range(80):
        m, columns, depth = (int(random.choice(edges)) for _ in range(3))
        if n % 20 == 0:
            depth = p.DEPTH + 5
        if n % 20 == 1:
            columns = p.WIDTH + 7
        yield m, columns, depth, bool(n % 2)


def integers(random, dtype, *shape):
    return random.integers(-9, 10, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_any_of_the_matrices_may_lie_apart(dtype):
    random, p, calls = np.random.default_rng(4), made(dtype), compiled(dtype)
    scratch = np.full(p.module.SCRATCH, np.nan, dtype)
    for m, columns, depth, adds in shapes(dtype):
        a, b = integers(random, dtype, m, depth), integers(random, dtype, depth, columns)
        numbers = integers(random, dtype, max(depth, columns) + 50)
        of_a, of_b = random.integers(0, 50, m), random.integers(0, 50, depth)
        rows_of_a = np.array([numbers[s : s + depth] for s in of_a]).reshape(m, depth)
        rows_of_b = np.array([numbers[s : s + columns] for s in of_b]).reshape(depth, columns)
        c = integers(random, dtype, m, columns)
        got = c.copy()
        calls.by(a, numbers, of_b, got, adds, scratch)
        assert np.array_equal(got, a @ rows_of_b + adds * c), (m, columns, depth, adds)
        got = c.copy()
        calls.of(numbers, of_a, p.pack(b), got, adds, scratch)
        assert np.array_equal(got, rows_of_a @ b + adds * c), (m, columns, depth, adds)
        got, expected = numbers.copy(), numbers.copy()
        calls.to(a, b, got, of_a, scratch)
        for s, row in zip(of_a, a @ b, strict=True):
            expected[s : s + columns] += row
        assert np.array_equal(got, expected), (m, columns, depth)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_may_have_gaps_between_whole_tiles(dtype):
    random, p, calls = np.random.default_rng(6), made(dtype), compiled(dtype)
    scratch = np.full(p.module.SCRATCH, np.nan, dtype)
    for m, depth, tiles, lines, gap in (
        (1, 3, 1, 4, 2),
        (9, 600, 2, 3, 0),
        (70, 8, 1, 12, 5),
        (2, 2, 9, 2, 1),
        (3, 1, 1, 0, 1),
    ):
        line = tiles * p.module.TILE_COLUMNS
        columns, pitch = line * lines - line // 2 * (lines > 1), line + gap
        places = np.arange(columns) // line * pitch + np.arange(columns) % line
        a, b = integers(random, dtype, m, depth), integers(random, dtype, depth, columns)
        numbers, got = integers(random, dtype, 50 + lines * pitch), np.full((m, columns), CANARY, dtype)
        of_b, of_c = random.integers(0, 50, depth), random.integers(0, 50, m)
        calls.by(a, numbers, of_b, got, False, scratch, (line, pitch))
        assert np.array_equal(got, a @ numbers[of_b[:, None] + places]), (m, depth, columns)
        got, expected = numbers.copy(), numbers.copy()
        calls.to(a, b, got, of_c, scratch, (line, pitch))
        for s, row in zip(of_c, a @ b, strict=True):
            expected[s + places] += row
        assert np.array_equal(got, expected), (m, depth, columns)
    with pytest.raises(ValueError, match="are not whole tiles"):
        calls.to(np.ones((1, 1), dtype), np.ones((1, 3), dtype), numbers, of_c[:1], scratch, (line - 1, pitch))


@pytest.mark.parametrize("dtype", DTYPES)
def test_packed_or_apart_gives_the_same_bits(dtype):
    random, p = np.random.default_rng(5), made(dtype)
    a, b = (random.standard_normal(s).astype(dtype) for s in ((37, 600), (600, 70)))
    scratch, expected, got = np.empty(p.module.SCRATCH, dtype), np.empty((37, 70), dtype), np.empty((37, 70), dtype)
    p.whole(a, b, expected, False, scratch)
    compiled(dtype).by(a, b.reshape(-1), np.arange(600) * 70, got, False, scratch)
    assert np.array_equal(got, expected)
    compiled(dtype).of(a.reshape(-1), np.arange(37) * 600, p.pack(b), got, False, scratch)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("starts", [[0, -1], [0, 7]])
def test_rows_that_are_not_inside_are_refused(starts):
    p, calls = made("float64"), compiled("float64")
    numbers, scratch = np.full(10, CANARY), np.empty(p.module.SCRATCH)
    places = np.array(starts)
    with pytest.raises(ValueError, match="are not inside the array"):
        calls.to(np.ones((2, 3)), np.ones((3, 4)), numbers, places, scratch)
    with pytest.raises(ValueError, match="are not inside the array"):
        calls.by(np.ones((3, 2)), numbers, places, np.ones((3, 4)), False, scratch)
    with pytest.raises(ValueError, match="are not inside the array"):
        calls.of(numbers, places, p.pack(np.ones((4, 3))), np.ones((2, 3)), False, scratch)
    assert (numbers == CANARY).all()


def test_shapes_that_do_not_fit_are_refused():
    p, calls = made("float64"), compiled("float64")
    scratch, places = np.empty(p.module.SCRATCH), np.array([0, 1])
    with pytest.raises(ValueError, match="do not fit"):
        calls.by(np.ones((3, 3)), np.ones(10), places, np.ones((3, 4)), False, scratch)
    with pytest.raises(ValueError, match="do not fit"):
        calls.to(np.ones((3, 3)), np.ones((3, 4)), np.ones(10), places, scratch)
    with pytest.raises(ValueError, match="do not fit"):
        calls.of(np.ones(10), places, p.pack(np.ones((4, 3))), np.ones((3, 3)), False, scratch)
    with pytest.raises(ValueError, match="SCRATCH"):
        calls.by(np.ones((3, 2)), np.ones(10), places, np.ones((3, 4)), False, scratch[1:])
