"""Memory of large results is used again, and never while anybody holds an array on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from gradproof.kernels import memory

LARGE = (3, 1 << 18)


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    memory.release()
    yield
    memory.release()


def place(array: np.ndarray) -> int:
    return array.ctypes.data


def test_what_is_left_is_used_again() -> None:
    first = memory.empty(LARGE, np.float32)
    where = place(first)
    del first
    again = memory.empty(LARGE, np.float32)
    assert place(again) == where
    assert again.shape == LARGE
    assert again.dtype == np.float32
    assert again.flags.c_contiguous
    assert again.flags.writeable


def test_what_is_held_is_not() -> None:
    first = memory.empty(LARGE, np.float32)
    view = first[1, 5:]
    del first
    view[...] = 7.0
    others = [memory.empty(LARGE, np.float32) for _ in range(3)]
    for other in others:
        assert not np.shares_memory(other, view)
        other[...] = 0.0
    assert np.all(view == 7.0)


def test_a_block_that_is_much_too_large_is_not_used() -> None:
    first = memory.empty((1 << 20,), np.float64)
    where = place(first)
    del first
    small = memory.empty((1 << 19,), np.float64)
    assert place(small) != where
    fitting = memory.empty(((1 << 20) - 5,), np.float64)
    assert place(fitting) == where
    assert fitting.size == (1 << 20) - 5


def test_small_arrays_and_empty_ones_are_numpys() -> None:
    for shape in ((), (0,), (5, 0), (10,)):
        array = memory.empty(shape, np.float64)
        assert array.shape == shape
        assert array.base is None


def test_what_nobody_asks_for_goes_back() -> None:
    memory.empty(LARGE, np.float32)
    for _ in range(40):
        memory.empty((1 << 22,), np.float32)
    held = [b.bytes.size for b in memory._waiting]
    assert held == [1 << 24]


def test_little_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 5 << 20)
    arrays = [memory.empty((1 << 20,), np.uint16) for _ in range(4)]
    arrays.clear()
    assert sum(b.bytes.size for b in memory._waiting) == 4 << 20


def test_results_of_a_kernel_stay_what_they_are() -> None:
    import gradproof as gp

    k = gp.kernel(gp.load("sigmoid"), dtype="float64")
    z = np.linspace(-3, 3, 1 << 18)
    first = k(z=z)["a"]
    kept, where = first.copy(), place(first)
    second = k(z=-z)["a"]
    assert np.array_equal(first, kept)
    assert not np.shares_memory(first, second)
    del first
    assert place(k(z=z)["a"]) == where
