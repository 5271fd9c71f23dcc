"""How blocks share places: all of them, each once, at any size that fits into 64 bits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gradproof.kernels.cuda.prolog import BLOCKS_FOR, STRETCH


def _stretch(n: int, block: int, blocks: int) -> tuple[int, int]:
    at = SimpleNamespace(blockIdx=SimpleNamespace(x=block), gridDim=SimpleNamespace(x=blocks))
    space: dict[str, Any] = {"cuda": at, "device": lambda f: f}
    exec(STRETCH, space)  # noqa: S102
    lo, hi = space["stretch"](n)
    return lo, hi


@pytest.mark.parametrize(("n", "blocks"), [(0, 1), (1, 1), (7, 3), (6, 3), (2, 5), (1000, 7)])
def test_every_place_has_one_block(n: int, blocks: int) -> None:
    shares = [_stretch(n, b, blocks) for b in range(blocks)]
    assert [k for lo, hi in shares for k in range(lo, hi)] == list(range(n))
    sizes = [hi - lo for lo, hi in shares]
    assert max(sizes) - min(sizes) <= 1


def test_nothing_overflows_where_memory_ends() -> None:
    """The largest grid and 2**42 places: all products on the way stay below 2**63."""
    n, blocks = 2**42 + 3, 2**31 - 1
    assert _stretch(n, blocks - 1, blocks)[1] == n
    assert (blocks - 1) * (n // blocks) < 2**63


def test_a_launch_has_fewer_blocks_than_the_device_takes() -> None:
    space: dict[str, Any] = {}
    exec(BLOCKS_FOR, space)  # noqa: S102
    assert space["blocks_for"](2**42, 1) == 2**31 - 1
    assert space["blocks_for"](0, 256) == 1
    assert space["blocks_for"](257, 256) == 2
