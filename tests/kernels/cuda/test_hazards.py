"""Threads of a block wait for one another where one reads or writes what another has written, and only there."""

from __future__ import annotations

import re
from functools import cache

import pytest

import gradproof as gp
from gradproof.derive.index import Index, Size
from gradproof.kernels.cuda.hazards import ANY, FIRST, Hazards, Touch, placed
from gradproof.loading import load

_C = placed((Index("c", Size("C")),), (1,), "")
_K = placed((Index("k", Size("C")),), (1,), "")


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (Touch("a", True, _C), Touch("a", False, _C), False),  # a thread's own
        (Touch("a", True, _C), Touch("a", False, _K), True),
        (Touch("a", True, _C), Touch("a", False, ANY), True),
        (Touch("a", False, ANY), Touch("a", True, _C), True),  # another may not have read it yet
        (Touch("a", False, ANY), Touch("a", False, _C), False),
        (Touch("a", True, FIRST), Touch("a", True, FIRST), False),
        (Touch("a", True, ANY), Touch("a", True, ANY), True),
        (Touch("a", True, _C), Touch("b", False, ANY), False),
    ],
)
def test_what_waits_for_what(first: Touch, second: Touch, waits: bool) -> None:
    hazards = Hazards()
    hazards.add([first])
    assert hazards.needs_barrier([second]) == waits
    hazards.met()
    assert not hazards.needs_barrier([second])


def test_a_loop_waits_before_it_runs_again() -> None:
    hazards = Hazards()
    before = hazards.enter()
    hazards.add([Touch("a", False, ANY)])
    hazards.add([Touch("b", True, _C)])
    assert not hazards.leave(before)
    before = hazards.enter()
    assert hazards.needs_barrier([Touch("b", False, ANY)])
    hazards.met()
    hazards.add([Touch("b", False, ANY)])
    hazards.add([Touch("c", True, _C)])
    assert not hazards.leave(before)
    before = hazards.enter()
    hazards.add([Touch("d", False, ANY)])
    hazards.met()
    hazards.add([Touch("d", True, _C)])
    assert hazards.leave(before)


def test_what_may_not_have_run_still_counts_after_a_loop() -> None:
    hazards = Hazards()
    hazards.add([Touch("a", True, _C)])
    before = hazards.enter()
    hazards.met()
    hazards.leave(before)
    assert hazards.needs_barrier([Touch("a", False, ANY)])


@cache
def _source(name: str) -> str:
    return gp.kernel(gp.derive(load(name)), target="cuda").unit.wrapper.loops


def test_rows_of_one_index_need_no_barrier() -> None:
    assert "syncthreads" not in _source("softmax_cross_entropy")
    assert "syncthreads" not in _source("layer_norm")


def test_windows_that_overlap_wait_between_their_places() -> None:
    """Two threads add to one place, in different steps of the window."""
    assert re.search(r"for v in .*\n +cuda\.syncthreads\(\)\n +if s > 0:", _source("max_pool2d"))
