"""Views and arrays of generated functions, compiled: what numpy's slices, shapes and new arrays are."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.kernels import cache
from gradproof.kernels.emission.cuts import CUTS, CUTS_IMPORTS, ROOM_IMPORTS

_RUN = """
@njit(_nrt=False)
def kept_for_a_call(m, n, out):
    a, b = room(m, n), room_of_zeros(n)
    for i in range(m):
        for j in range(n):
            a[i, j] = i
            b[j] += a[i, j]
    for j in range(n):
        out[j] = b[j]
    give_back(a, b)


@njit
def views(x, t, lo, hi):
    y = cut(as_matrix(x, x.shape[0]*x.shape[1], x.shape[2]), (lo, hi), (1, 3))
    return cut(x, t, (lo, hi)), cut(x, (0, 2), t, (lo, hi)), cut(x, t, 0), y, cut(y, (1, 2)), as_row(cut(x, t))


@njit
def arrays(m, n):
    a, b, c = room(m, n), room_of_zeros(n), room_of_zeros(m, m, n)
    a[:] = 1
    return a, b, c
"""


@pytest.fixture(scope="module")
def compiled():
    imports = sorted({*CUTS_IMPORTS, *ROOM_IMPORTS, "import numpy as np", "from numba import njit"})
    text = "\n\n\n".join(["\n".join([*imports, "real = np.float32"]), *(text for _, text in CUTS), _RUN])
    return cache.load(text, "cuts")


@pytest.mark.parametrize("t", [0, 2])
def test_a_cut_is_the_slice(compiled, t):
    x = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    y = x.reshape(12, 5)[1:4, 1:3]
    expected = x[t, 1:4], x[0:2, t, 1:4], x[t, 0], y, y[1:2], x[t].reshape(-1)
    for got, wanted in zip(compiled.views(x, t, 1, 4), expected, strict=True):
        assert np.array_equal(got, wanted)
        assert got.strides == wanted.strides
        assert np.shares_memory(got, x)
    signature = compiled.views.signatures[0]
    returned = compiled.views.overloads[signature].signature.return_type
    assert [kind.layout for kind in returned] == ["C", "A", "C", "A", "A", "C"]


def test_a_cut_may_be_empty(compiled):
    x = np.zeros((3, 4, 5), np.float32)
    assert [v.shape for v in compiled.views(x, 1, 2, 2)[:2]] == [(0, 5), (2, 0)]


def test_room_has_its_shape_and_zeros_are_zeros(compiled):
    a, b, c = compiled.arrays(3, 70)
    assert [v.shape for v in (a, b, c)] == [(3, 70), (70,), (3, 3, 70)]
    assert all(v.dtype == np.float32 and v.flags.c_contiguous for v in (a, b, c))
    assert (a == 1).all()
    assert not b.any()
    assert not c.any()


def test_memory_is_given_back_where_no_references_are_counted(compiled):
    resource = pytest.importorskip("resource")
    out = np.empty(70, np.float32)
    compiled.kept_for_a_call(1000, 70, out)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(2000):
        compiled.kept_for_a_call(1000, 70, out)
    assert (out == sum(range(1000))).all()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes; all of it is 560,000
    with pytest.raises(MemoryError):
        compiled.kept_for_a_call(2**62, 2**62, out)


def test_more_room_than_there_is_is_refused(compiled):
    """Also where the number of bytes is none that 64 bits hold."""
    for m in (2**44, 2**62):
        with pytest.raises(MemoryError, match="too large"):
            compiled.arrays(m, 1)
