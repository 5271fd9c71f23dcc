"""Sums over several axes: the threads of a block share all of their places, and meet once."""

from __future__ import annotations

import re

import pytest

import gradproof as gp
from gradproof.kernels.cuda.module import CudaUnit
from gradproof.loading import load
from tests.kernels.cuda.test_simulator import lines_of


def _kernels(name: str) -> list[str]:
    unit = gp.kernel(gp.derive(load(name)), target="cuda", dtype="float32").unit
    assert isinstance(unit, CudaUnit)
    return [k.text for k in unit.kernels]


@pytest.mark.parametrize(
    ("name", "rows"), [("conv2d", "for i in range(0, I):"), ("group_norm", "for h in range(0, H):")]
)
def test_threads_do_not_meet_at_every_row_of_an_image(name: str, rows: str) -> None:
    reducing = [text for text in _kernels(name) if "block_sum(" in text]
    assert reducing
    assert not [text for text in reducing if rows in text]


def test_what_all_places_need_is_added_up_over_all_of_them() -> None:
    """The mean of a group: over channels, rows and columns together."""
    (text,) = (t for t in _kernels("group_norm") if "block_sum(" in t)
    assert re.search(r"for \w+ in range\(\w+, C\*H\*W, THREADS\):\n +mu_sum_mine \+= x\[n, g, c, h, w\]", text)


@pytest.mark.parametrize("cases", [["group_norm:fused:float32:bounds", "conv2d:fused:float32:bounds"]])
def test_such_sums_in_the_simulator(cases: list[str]) -> None:
    assert lines_of("tests.kernels.cuda.simulated", cases) == dict.fromkeys(cases, "ok")
