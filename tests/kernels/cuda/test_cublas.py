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

from gradproof.kernels.cuda.cublas import product_text


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
        assert handle == 17
        assert lda >= max(1, k if ta else m)
        assert ldb >= max(1, n if tb else k)
        assert ldc >= max(1, m)
        self.calls += 1
        left, right = (
            _matrices(a, k if ta else m, m if ta else k, lda, sa, count),
            _matrices(b, n if tb else k, k if tb else n, ldb, sb, count),
        )
        left, right = (x.transpose(0, 2, 1) if t else x for x, t in ((left, ta), (right, tb)))
        target = _matrices(c, m, n, ldc, sc, count)
        old = target * _number(beta) if _number(beta) else 0.0
        target[...] = _number(alpha) * left @ right + old


def _number(address: int) -> float:
    return ctypes.c_double.from_address(address).value


def _matrices(address: int, rows: int, columns: int, lead: int, step: int, count: int) -> Any:
    base = np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(ctypes.c_double)), shape=(1,))
    return as_strided(base, (count, rows, columns), (8 * step, 8, 8 * lead))


def _made(library: Library) -> dict[str, Any]:
    """Return the functions of a module, with a product of its own that tells that it was called."""
    text = product_text("float64", "auto")
    space: dict[str, Any] = {
        "np": np, "real": np.float64, "Lock": Lock, "cublas": library, "current_device": lambda: 0,
        "extent": lambda x: (x.ctypes.data, x.ctypes.data + x.nbytes),
    }  # fmt: skip
    exec(text[text.index("CUBLAS, HANDLES") :], space)  # noqa: S102
    space["tiled_product"] = lambda *_: "own"
    return space


def _expected(sizes: Any, a: Any, at_a: Any, b: Any, at_b: Any, c: Any, at_c: Any, factor: int, adds: bool) -> Any:
    """Return what `multiply` makes of c, entry for entry."""
    p, q, m, n, k, r = sizes
    new = c.copy()
    left = as_strided(a[at_a[0] :], (p, q, m, k, r), [8 * s for s in at_a[1:]])
    right = as_strided(b[at_b[0] :], (p, q, k, n, r), [8 * s for s in at_b[1:]])
    target = as_strided(new[at_c[0] :], (p, q, m, n), [8 * s for s in at_c[1:]])
    target[...] = factor * np.einsum("pqmkr,pqknr->pqmn", left, right) + (target if adds else 0)
    return new


ROWS, COLUMNS = (lambda m, n: (n, 1)), (lambda m, n: (1, m))


@pytest.mark.parametrize("left", [ROWS, COLUMNS])
@pytest.mark.parametrize("right", [ROWS, COLUMNS])
@pytest.mark.parametrize("target", [ROWS, COLUMNS])
@pytest.mark.parametrize(("m", "n", "k"), [(3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1), (1, 1, 1), (1, 5, 1)])
def test_matrices_and_transposes(left: Any, right: Any, target: Any, m: int, n: int, k: int) -> None:
    random, library = np.random.default_rng(0), Library()
    space = _made(library)
    for factor, adds in ((1, False), (-1, True)):
        a, b, c = (random.normal(size=s) for s in (m * k + 2, k * n + 1, m * n))
        given = (1, 1, m, n, k, 1), a, (2, 0, 0, *left(m, k), 0), b, (1, 0, 0, *right(k, n), 0), c
        at_c = (0, 0, 0, *target(m, n))
        expected = _expected(*given, at_c, factor, adds)
        if not adds:
            c[...] = np.nan  # which is not read
        space["product"](*given, at_c, factor, adds, SimpleNamespace(handle=5))
        np.testing.assert_allclose(c, expected, rtol=1e-13, atol=1e-14)
    assert library.calls == 2
    assert library.streams == [5, 5]


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
def test_batches_and_sums(sizes: Any, at_a: Any, at_b: Any, at_c: Any, calls: int) -> None:
    random, library = np.random.default_rng(1), Library()
    a, b, c = (random.normal(size=200) for _ in range(3))
    given = sizes, a, at_a, b, at_b, c
    for adds in (False, True):
        expected = _expected(*given, at_c, 1, adds)
        _made(library)["product"](*given, at_c, 1, adds, 0)
        np.testing.assert_allclose(c, expected, rtol=1e-13, atol=1e-13)
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
    assert _made(library)["product"](sizes, x, at_a, x, (0, 0, 0, 5, 1, 0), x, (0, 0, 0, 5, 1), 1, False, 0) == "own"
    assert not library.calls


def test_other_types_and_no_library_are_for_the_own_kernel() -> None:
    given = (1, 1, 2, 2, 2, 1), np.zeros(4), (0, 0, 0, 2, 1, 0), np.zeros(4), (0, 0, 0, 2, 1, 0)
    space = _made(Library())
    assert space["product"](*given, np.zeros(4, np.float32), (0, 0, 0, 2, 1), 1, False, 0) == "own"
    space["cublas"] = None
    assert space["product"](*given, np.zeros(4), (0, 0, 0, 2, 1), 1, False, 0) == "own"
