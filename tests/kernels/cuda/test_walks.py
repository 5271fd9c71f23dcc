"""Rows that are gone through several times: threads keep values for the next time."""

from __future__ import annotations

import re
from functools import cache

import pytest

import gradproof as gp
from gradproof.kernels.cuda.prolog import HELD_VALUES, SIMULATED_SIZES
from gradproof.loading import load
from tests.kernels.cuda.test_simulator import lines_of

#: Places of a row that a block keeps in the simulator, of one array and of each of two.
_ONE = HELD_VALUES[1] * SIMULATED_SIZES[0]
_EACH = HELD_VALUES[1] // 2 * SIMULATED_SIZES[0]


def _times(rows: int, kept: int, places: int, *, back: bool = False) -> str:
    """Return how often each place is read by so many rows that go to and fro: not again where the way turns.

    Args:
        rows: how many read it; kept: how many places a block keeps; places: of a row; back: is the first way back?
    """
    pieces = -(-places // kept)
    at_end, at_begin = rows // 2, (rows - 1) // 2
    reads = [rows - at_end * (k == pieces - 1) - at_begin * (k == 0) for k in range(pieces)]
    return " ".join(str(reads[::-1][place // kept] if back else reads[place // kept]) for place in range(places))


@pytest.mark.parametrize("places", [1, _EACH, _ONE, _ONE + 1, 2 * _ONE + 3])
def test_a_row_that_fits_is_read_once(places: int) -> None:
    """Of one that does not fit, no thread reads again what it had last."""
    expected = {
        f"softmax_cross_entropy:z:{places}": _times(2, _ONE, places),
        f"softmax_cross_entropy:y:{places}": _times(1, _ONE, places),
        f"softmax:z:{places}": _times(2, _EACH, places),
        f"softmax:d_p:{places}": _times(2, _EACH, places, back=True),
        f"layer_norm:x:{places}": _times(3, _EACH, places),
        f"rms_norm:x:{places}": _times(3, _EACH, places),
    }
    assert lines_of("tests.kernels.cuda.counted", list(expected)) == expected


@cache
def _kernel(name: str) -> str:
    k = gp.kernel(gp.derive(load(name)), target="cuda", dtype="float32")
    return next(x.text for x in k.unit.kernels if "_held" in x.text)


@pytest.mark.parametrize(
    ("name", "arrays", "length"),
    [("softmax_cross_entropy", "z", "HELD"), ("softmax", "d_p p z", "EACH"), ("layer_norm", "d_y x", "EACH")],
)
def test_what_is_kept(name: str, arrays: str, length: str) -> None:
    """Values of no more than two arrays at a time: what is made takes the room of what it is made of."""
    text = _kernel(name)
    assert re.findall(r"(\w+)_held = cuda\.local\.array\((\w+), real\)", text) == [(a, length) for a in arrays.split()]


def test_what_places_share_is_not_kept() -> None:
    """gamma[d] is the same for all rows: caches have it. What a condition may leave unread is not asked for."""
    assert "gamma_held" not in _kernel("layer_norm")
    masked = gp.kernel(gp.derive(load("causal_attention")), target="cuda", dtype="float32").source
    assert not re.search(r"\w+_held = ", masked)
