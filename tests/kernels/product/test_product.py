"""The product against exact sums: every edge of its blocks, every kind of view."""

from __future__ import annotations

import ast
from itertools import pairwise
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numba
import numpy as np
import pytest

import gradproof.kernels
from gradproof.kernels.product import PRODUCT_NAMES, shared_product
from tests.kernels.product.products import CANARY, DTYPES, VIEWS, made, multiply


def _edges(*units: int) -> list[int]:
    return sorted({0, 1, 2, 5} | {u + d for u in units for d in (-1, 0, 1)})


def _shapes(dtype: str, count: int):
    """Shapes that straddle the edges of tiles and blocks; small ones often, so that all is done soon."""
    p = made(dtype).module
    random = np.random.default_rng(7)
    rows = _edges(p.TILE_ROWS, 2 * p.TILE_ROWS, p.HEIGHT)
    columns = _edges(p.LANES, p.TILE_COLUMNS, p.LOW_VECTORS * p.LANES, p.WIDTH, 4 * p.WIDTH)
    depths = _edges(p.SQUARE, 3 * p.SQUARE, p.DEPTH // 4, p.DEPTH)
    for _ in range(count):
        yield tuple(int(random.choice(e)) for e in (rows, columns, depths))


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_integers_are_exact(dtype):
    random = np.random.default_rng(1)
    for n, (m, columns, depth) in enumerate(_shapes(dtype, 300)):
        a, b, start = (random.integers(-9, 10, s) for s in ((m, depth), (depth, columns), (m, columns)))
        left, right = VIEWS[n % 5](a.astype(dtype)), VIEWS[n // 5 % 5](b.astype(dtype))
        c = start.astype(dtype) if n % 2 else None
        got = multiply(dtype, left, right, c, packed=n % 3 == 0)
        expected = a @ b + (start if n % 2 else 0)
        assert np.array_equal(got, expected), (m, columns, depth, n)


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_number_beside_the_result_is_written(dtype):
    random = np.random.default_rng(2)
    for n, (m, columns, depth) in enumerate(_shapes(dtype, 60)):
        around = np.full((m + 4, columns + 40), CANARY, dtype)
        inside = np.zeros(around.shape, bool)
        inside[2 : m + 2, 20 : columns + 20] = True
        c = around[2 : m + 2, 20 : columns + 20]
        c[:] = 0
        a, b = random.integers(-9, 10, (m, depth)), random.integers(-9, 10, (depth, columns))
        multiply(dtype, a.astype(dtype), b.astype(dtype), c, packed=n % 2 == 0)
        assert np.array_equal(c, a @ b)
        assert (around[~inside] == CANARY).all(), (m, columns, depth)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("m", "n", "k"), [(37, 130, 77), (3, 17, 1500), (65, 10, 513)])
def test_rounding_stays_within_the_bound(dtype, m, n, k):
    random = np.random.default_rng(3)
    a, b = random.normal(size=(m, k)).astype(dtype), random.normal(size=(k, n)).astype(dtype)
    wide = np.longdouble if dtype == "float64" else np.float64
    a_wide, b_wide = a.astype(wide), b.astype(wide)
    error = abs(multiply(dtype, a, b) - a_wide @ b_wide)
    assert (error <= k * np.finfo(dtype).eps * (abs(a_wide) @ abs(b_wide))).all()
    assert error.max() > 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_bit_depends_on_the_split_the_view_or_the_packing(dtype):
    random = np.random.default_rng(4)
    p = made(dtype).module
    large = p.LARGE // p.SIZE // 1030 + 1
    for m, n, k in ((45, 101, 700), (9, 10, 70), (2, 300, 33), (130, 33, 513), (11, 1030, large)):
        a, b = random.normal(size=(m, k)).astype(dtype), random.normal(size=(k, n)).astype(dtype)
        whole = multiply(dtype, a, b)
        for view in VIEWS:
            assert np.array_equal(multiply(dtype, view(a), view(b)), whole)
            assert np.array_equal(multiply(dtype, view(a), view(b), packed=True), whole)
        cuts = [0, *sorted(random.integers(0, m, 3)), m]
        assert np.array_equal(np.concatenate([multiply(dtype, a[i:j], b) for i, j in pairwise(cuts)]), whole)
        cuts = [0, *sorted(random.integers(0, n, 3)), n]
        parts = [multiply(dtype, a, b[:, i:j]) for i, j in pairwise(cuts)]
        assert np.array_equal(np.concatenate(parts, axis=1), whole)
        shares = [p.portion(m, p.TILE_ROWS, part, 3) for part in range(3)]
        assert [shares[0][0], shares[0][1], shares[1][1], shares[2][1]] == [0, shares[1][0], shares[2][0], m]
        assert np.array_equal(np.concatenate([multiply(dtype, a[i:j], b) for i, j in shares]), whole)


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_at_once_write_what_one_writes(dtype):
    random = np.random.default_rng(5)
    a, b = random.normal(size=(8, 64, 96)).astype(dtype), random.normal(size=(8, 96, 80)).astype(dtype)
    alone = [multiply(dtype, x, y) for x, y in zip(a, b, strict=True)]
    with ThreadPool(4) as pool:
        for _ in range(5):
            together = pool.starmap(lambda x, y: multiply(dtype, x, y), list(zip(a, b, strict=True)))
            assert np.array_equal(together, alone)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_beginning_of_a_packed_matrix_is_a_matrix(dtype):
    """Also where it ends within a block of k, or within a tile of columns."""
    random = np.random.default_rng(8)
    b = random.normal(size=(1100, 150)).astype(dtype)
    p = made(dtype)
    held, scratch = p.pack(b), np.empty(p.module.SCRATCH, dtype)
    for m, n, k in ((1, 150, 1100), (2, 149, 1099), (9, 33, 700), (70, 7, 512), (3, 64, 30), (5, 0, 9), (5, 9, 0)):
        a, c = random.normal(size=(m, k)).astype(dtype), np.full((m, n), CANARY, dtype)
        p.packed(a, held, c, False, scratch)
        assert np.array_equal(c, multiply(dtype, a, b[:k, :n]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_and_infinity_go_where_the_sum_takes_them(dtype):
    random = np.random.default_rng(6)
    for m, n, k in ((19, 37, 40), (3, 5, 600)):
        a, b = random.normal(size=(m, k)).astype(dtype), random.normal(size=(k, n)).astype(dtype)
        a[1, 3], a[2, 4], b[5, 2], b[6, 1], b[7, 0] = np.nan, np.inf, np.nan, -np.inf, 0
        a[0, 7] = np.inf
        with np.errstate(invalid="ignore"):
            expected = np.stack([(row[:, None] * b).sum(axis=0) for row in a])
        for packed in (False, True):
            got = multiply(dtype, a, b, packed=packed)
            assert np.array_equal(np.isnan(got), np.isnan(expected))
            infinite = np.isinf(expected)
            assert np.array_equal(got[infinite], expected[infinite])
            assert np.isfinite(got[~infinite & ~np.isnan(expected)]).all()


def test_what_does_not_fit_is_refused():
    p = made("float64")
    scratch = np.empty(p.module.SCRATCH)
    a, b, c = np.ones((3, 4)), np.ones((4, 5)), np.zeros((3, 5))
    for x, y, z in ((a, a, c), (a, b, c[:2]), (a, b, c[:, :4]), (a[:, :3], b, c)):
        with pytest.raises(ValueError, match="the shapes of a product"):
            p.whole(x, y, z, False, scratch)
    with pytest.raises(ValueError, match="the shapes of a product"):
        p.packed(a, p.pack(b)[:-1], c, False, scratch)
    with pytest.raises(ValueError, match="the last axis of c"):
        p.whole(a, b, np.zeros((5, 3)).T, False, scratch)
    with pytest.raises(ValueError, match="has not SCRATCH numbers"):
        p.whole(a, b, c, False, scratch[1:])
    assert (c == 0).all()
    single = np.zeros((3, 2))[:, :1]
    p.whole(a, b[:, :1], single, False, scratch)
    assert (single == 4).all()


def test_other_types_are_refused_when_a_caller_is_compiled():
    gemm = shared_product("float32").gemm
    caller = numba.njit(lambda a, c, s: gemm(a, a, c, False, s))
    good, row = np.ones((2, 2), "float32"), np.ones(9, "float32")
    with pytest.raises(numba.TypingError, match=r"a is array\(float64, 2d, C\), expected an array of float32 with 2"):
        caller(np.ones((2, 2)), good, row)
    with pytest.raises(numba.TypingError, match=r"c is array\(float32, 1d, C\), expected an array of float32 with 2"):
        caller(good, row, row)


@pytest.mark.parametrize(("m", "n", "workers"), [(16, 4096, 4), (4096, 16, 4), (300, 300, 6), (1, 1, 8), (0, 5, 3)])
def test_a_split_covers_the_result_and_uses_the_workers(m, n, workers):
    p = made("float32").module
    rows, columns = p.portions(m, n, workers)
    assert 1 <= rows * columns <= workers
    seen = np.zeros((m, n), int)
    for r in range(rows):
        for s in range(columns):
            (i, j), (k, l) = p.portion(m, p.TILE_ROWS, r, rows), p.portion(n, p.TILE_COLUMNS, s, columns)
            seen[i:j, k:l] += 1
    assert (seen == 1).all()
    assert p.portions(100 * p.TILE_ROWS, p.TILE_COLUMNS, workers) == (workers, 1)
    assert p.portions(p.TILE_ROWS, 100 * p.TILE_COLUMNS, workers) == (1, workers)


def test_the_names_that_a_module_takes_are_known():
    module = shared_product("float32")
    assert {n for n in vars(module) if not n.startswith("__")} - PRODUCT_NAMES <= {"real"}


def _names_of_texts(folder: Path):
    """The names that the texts in the string constants of a package define at the head of a module."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("\n"):
                try:
                    text = ast.parse(node.value.replace("{{", "{").replace("}}", "}"))
                except SyntaxError:
                    continue
                yield from (n.name for n in text.body if isinstance(n, ast.FunctionDef))
                yield from (
                    t.id for n in text.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
                )


@pytest.mark.parametrize("other", ["vector", "emission"])
def test_no_other_text_of_a_module_takes_the_same_names(other):
    names = set(_names_of_texts(Path(gradproof.kernels.__file__).parent / other))
    assert len(names) > 3
    assert not names & PRODUCT_NAMES


def test_views_that_repeat_or_cannot_be_written_are_operands():
    gemm = shared_product("float64").gemm
    caller = numba.njit(lambda a, b, c, s: gemm(a, b, c, False, s))
    scratch, row = np.empty(shared_product("float64").SCRATCH), np.arange(40.0)
    a, b = np.broadcast_to(row, (19, 40)), np.broadcast_to(row[:, None], (40, 51))
    for x, y in ((a, b), (b.T, a.T), (a, a.T), (b.T, b)):
        c = np.empty((x.shape[0], y.shape[1]))
        caller(x, y, c, scratch)
        assert np.array_equal(c, x @ y)
    with pytest.raises(numba.TypingError, match=r"c is .*, expected an array that can be written"):
        caller(a, b, np.broadcast_to(0.0, (19, 51)), scratch)
