"""Products by cuBLAS: what the module hands over, judged by a library of the same rules that runs on the host."""

# ruff: noqa: PLR0917 - cuBLAS takes what it takes, by position
from __future__ import annotations

import ctypes
from threading import Lock
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from gradproof.kernels.cuda.cublas import cublas_text, product_text
from tests.kernels.cuda.halves import to_float, to_half

#: Of each cudaDataType that arrays have: the type of a number in memory, and what half precision it is.
_TYPES = {0: (np.float32, ""), 1: (np.float64, ""), 2: (np.float16, "float16"), 14: (np.uint16, "bfloat16")}
_DTYPES = {"float64": (1, 1), "float16": (2, 0), "bfloat16": (14, 0)}


class Library:
    """cuBLAS, as its documentation has it: matrices stand column after column, at addresses."""

    def __init__(self) -> None:
        self.calls, self.streams = 0, list[int]()

    def create(self) -> int:
        return 17

    def set_stream(self, handle: int, stream: int) -> None:
        assert handle == 17
        self.streams.append(stream)

    def dgemm_strided_batched_64(
        self, handle: int, ta: int, tb: int, m: int, n: int, k: int, alpha: int, a: int, lda: int, sa: int,
        b: int, ldb: int, sb: int, beta: int, c: int, ldc: int, sc: int, count: int,
    ) -> None:  # fmt: skip
        numbers = ctypes.c_double.from_address(alpha).value, ctypes.c_double.from_address(beta).value
        self._gemm(handle, (ta, tb, m, n, k, count), numbers, (a, 1, lda, sa), (b, 1, ldb, sb), (c, 1, ldc, sc))

    def gemm_strided_batched_ex_64(
        self, handle: int, ta: int, tb: int, m: int, n: int, k: int, alpha: int, a: int, a_type: int, lda: int, sa: int,
        b: int, b_type: int, ldb: int, sb: int, beta: int, c: int, c_type: int, ldc: int, sc: int, count: int,
        compute: int, algorithm: int,
    ) -> None:  # fmt: skip
        assert (compute, algorithm) == (68, -1)  # CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT
        assert (a_type, b_type, c_type) in {(2, 2, 0), (14, 14, 0), (0, 0, 0)}  # those of its table that are asked for
        numbers = ctypes.c_float.from_address(alpha).value, ctypes.c_float.from_address(beta).value
        sizes = ta, tb, m, n, k, count
        self._gemm(handle, sizes, numbers, (a, a_type, lda, sa), (b, b_type, ldb, sb), (c, c_type, ldc, sc))

    def _gemm(self, handle: int, sizes: Any, numbers: Any, a: Any, b: Any, c: Any) -> None:
        ta, tb, m, n, k, count = sizes
        assert handle == 17
        assert a[2] >= max(1, k if ta else m)
        assert b[2] >= max(1, n if tb else k)
        assert c[2] >= max(1, m)
        self.calls += 1
        left, right = (
            _matrices(*a, k if ta else m, m if ta else k, count),
            _matrices(*b, n if tb else k, k if tb else n, count),
        )
        left, right = (
            _wide(x, _TYPES[at[1]][1]).transpose(0, 2, 1) if t else _wide(x, _TYPES[at[1]][1])
            for x, t, at in ((left, ta, a), (right, tb, b))
        )
        target, (alpha, beta) = _matrices(*c, m, n, count), numbers
        target[...] = alpha * left @ right + (target * beta if beta else 0.0)


def _wide(x: Any, half: str) -> Any:
    return to_float(x, half).astype(float) if half else x


def _matrices(address: int, kind: int, lead: int, step: int, rows: int, columns: int, count: int) -> Any:
    held = np.dtype(_TYPES[kind][0])
    base = np.frombuffer((ctypes.c_char * held.itemsize).from_address(address), held)
    return as_strided(base, (count, rows, columns), [held.itemsize * n for n in (step, 1, lead)])


def _made(library: Library, dtype: str = "float64") -> dict[str, Any]:
    """Return the functions of a module, with a product of its own that tells that it was called."""
    called = product_text(dtype, "auto")
    space: dict[str, Any] = {
        "np": np, "real": np.float64 if dtype == "float64" else np.float32, "half": _TYPES[_DTYPES[dtype][0]][0],
        "Lock": Lock, "cublas": library, "current_device": lambda: 0,
        "extent": lambda x: (x.ctypes.data, x.ctypes.data + x.nbytes),
    }  # fmt: skip
    exec(cublas_text(dtype) + called[called.index("\n\ndef product(") :], space)  # noqa: S102
    space["own"] = []
    space["tiled_product"] = lambda *given: space["own"].append(given)
    return space


def _expected(
    sizes: Any, a: Any, at_a: Any, b: Any, at_b: Any, c: Any, at_c: Any, factor: int, adds: bool, dtype: str = "float64"
) -> Any:
    """Return what `multiply` makes of c, entry for entry."""
    p, q, m, n, k, r = sizes
    new = c.astype(float)
    a, b = (_wide(x, _TYPES[_DTYPES[dtype][0]][1]) for x in (a, b))
    left = as_strided(a[at_a[0] :], (p, q, m, k, r), [8 * s for s in at_a[1:]])
    right = as_strided(b[at_b[0] :], (p, q, k, n, r), [8 * s for s in at_b[1:]])
    target = as_strided(new[at_c[0] :], (p, q, m, n), [8 * s for s in at_c[1:]])
    target[...] = factor * np.einsum("pqmkr,pqknr->pqmn", left, right) + (target if adds else 0)
    return new


def _drawn(random: np.random.Generator, size: int, dtype: str) -> Any:
    x = random.normal(size=size)
    return x if dtype == "float64" else to_half(x, dtype)


ROWS, COLUMNS = (lambda m, n: (n, 1)), (lambda m, n: (1, m))


@pytest.mark.parametrize("dtype", list(_DTYPES))
@pytest.mark.parametrize("left", [ROWS, COLUMNS])
@pytest.mark.parametrize("right", [ROWS, COLUMNS])
@pytest.mark.parametrize("target", [ROWS, COLUMNS])
@pytest.mark.parametrize(("m", "n", "k"), [(3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1), (1, 1, 1), (1, 5, 1)])
def test_matrices_and_transposes(left: Any, right: Any, target: Any, m: int, n: int, k: int, dtype: str) -> None:
    random, library = np.random.default_rng(0), Library()
    space, tolerance = _made(library, dtype), 1e-13 if dtype == "float64" else 1e-6
    for factor, adds in ((1, False), (-1, True)):
        a, b = (_drawn(random, s, dtype) for s in (m * k + 2, k * n + 1))
        c = random.normal(size=m * n).astype(space["real"])
        given = (1, 1, m, n, k, 1), a, (2, 0, 0, *left(m, k), 0), b, (1, 0, 0, *right(k, n), 0), c
        at_c = (0, 0, 0, *target(m, n))
        expected = _expected(*given, at_c, factor, adds, dtype)
        if not adds:
            c[...] = np.nan  # which is not read
        space["product"](*given, at_c, factor, adds, SimpleNamespace(handle=5))
        np.testing.assert_allclose(c, expected, rtol=tolerance, atol=tolerance)
    assert library.calls == 2
    assert library.streams == [5, 5]
    assert not space["own"]


@pytest.mark.parametrize(
    ("sizes", "at_a", "at_b", "at_c", "calls"),
    [
        (
            (2, 3, 4, 5, 6, 1),
            (0, 72, 24, 6, 1, 0),
            (0, 90, 30, 5, 1, 0),
            (0, 60, 20, 5, 1),
            1,
        ),  # one batch of both axes
        ((2, 3, 4, 5, 6, 1), (0, 24, 48, 6, 1, 0), (0, 90, 30, 5, 1, 0), (0, 60, 20, 5, 1), 2),  # axes in another order
        ((2, 1, 4, 5, 6, 1), (0, 24, 0, 6, 1, 0), (0, 0, 0, 5, 1, 0), (0, 20, 0, 5, 1), 1),  # one operand for all
        ((1, 3, 4, 5, 6, 1), (0, 0, 6, 18, 1, 0), (0, 0, 30, 5, 1, 0), (0, 0, 5, 15, 1), 1),  # heads within rows
        ((1, 1, 4, 5, 6, 3), (0, 0, 0, 6, 1, 24), (0, 0, 0, 5, 1, 30), (0, 0, 0, 5, 1), 3),  # products added up
        ((1, 2, 4, 5, 6, 2), (0, 0, 24, 6, 1, 48), (0, 0, 30, 5, 1, 60), (0, 0, 20, 5, 1), 2),
    ],
)
@pytest.mark.parametrize("dtype", list(_DTYPES))
def test_batches_and_sums(sizes: Any, at_a: Any, at_b: Any, at_c: Any, calls: int, dtype: str) -> None:
    random, library = np.random.default_rng(1), Library()
    a, b = (_drawn(random, 200, dtype) for _ in range(2))
    space, tolerance = _made(library, dtype), 1e-13 if dtype == "float64" else 2e-6
    c = random.normal(size=200).astype(space["real"])
    given = sizes, a, at_a, b, at_b, c
    for adds in (False, True):
        expected = _expected(*given, at_c, 1, adds, dtype)
        space["product"](*given, at_c, 1, adds, 0)
        np.testing.assert_allclose(c, expected, rtol=tolerance, atol=tolerance)
    assert library.calls == 2 * calls
    assert set(library.streams) == {0}


@pytest.mark.parametrize(
    ("sizes", "at_a"),
    [
        ((1, 1, 4, 5, 6, 1), (0, 0, 0, 12, 2, 0)),  # no axis without gaps
        ((1, 1, 4, 5, 6, 1), (0, 0, 0, 1, 1, 0)),  # windows that overlap
        ((1, 1, 4, 5, 6, 1), (0, 0, 0, 0, 1, 0)),  # one row for all
        ((1, 2, 4, 5, 6, 1), (24, 0, -24, 6, 1, 0)),  # batches that run backwards
        ((1, 1, 0, 5, 6, 1), (0, 0, 0, 6, 1, 0)),
        ((1, 1, 4, 5, 0, 1), (0, 0, 0, 1, 1, 0)),  # nothing to add up: zeros
    ],
)
def test_what_cublas_cannot_read_is_for_the_own_kernel(sizes: Any, at_a: Any) -> None:
    library, x = Library(), np.zeros(200)
    space = _made(library)
    space["product"](sizes, x, at_a, x, (0, 0, 0, 5, 1, 0), x, (0, 0, 0, 5, 1), 1, False, 0)
    assert len(space["own"]) == 1
    assert not library.calls


def test_other_types_and_no_library_are_for_the_own_kernel() -> None:
    given = (1, 1, 2, 2, 2, 1), np.zeros(4), (0, 0, 0, 2, 1, 0), np.zeros(4), (0, 0, 0, 2, 1, 0)
    space = _made(Library())
    space["product"](*given, np.zeros(4, np.float32), (0, 0, 0, 2, 1), 1, False, 0)
    space["cublas"] = None
    space["product"](*given, np.zeros(4), (0, 0, 0, 2, 1), 1, False, 0)
    assert len(space["own"]) == 2


def test_operands_in_half_precision_have_one_type() -> None:
    space = _made(Library(), "float16")
    a, b, c = np.zeros(4, np.float16), np.zeros(4, np.float32), np.zeros(4, np.float32)
    space["product"]((1, 1, 2, 2, 2, 1), a, (0, 0, 0, 2, 1, 0), b, (0, 0, 0, 2, 1, 0), c, (0, 0, 0, 2, 1), 1, False, 0)
    assert len(space["own"]) == 1
