"""Ratios, shares, and how a row reads."""

import pytest

from gradproof.bench.accuracy import accuracy, errors
from gradproof.bench.row import Row
from gradproof.bench.table import cells, columns, markdown, notes, span

KINDS = ["torch", "jax"]


@pytest.fixture
def row():
    return Row(
        "tanh", "n=10", "float32", 1.2, 5.0, 2e-3, 4e-3, 1e-3, "copy",
        {"torch": 40e-3, "jax": 80e-3}, {"torch": 3e-3, "jax": 2e-3},
    )  # fmt: skip


def test_both_allocate_or_neither(row):
    assert row.ratio("torch", allocating=True) == pytest.approx(10)
    assert row.ratio("torch", allocating=False) == pytest.approx(1.5)
    assert (row.best(allocating=True), row.best(allocating=False)) == (pytest.approx(10), pytest.approx(1))
    assert row.share == pytest.approx(0.5)


def test_reached_needs_both_figures_and_right_results(row):
    assert row.reached is False
    row.peers_noalloc["jax"] = 9e-3
    assert row.reached is True
    row.reasons["ours"] = "its results differ"
    assert row.reached is False


def test_a_kernel_that_does_not_run_shows_the_peers_own_times_and_the_reason(row):
    row.ours_s = row.ours_alloc_s = None
    row.reasons["ours"] = "NotYet: no kernel"
    assert row.reached is None
    assert cells(row, KINDS, targets=True)[6:] == ["3 ms / 40 ms", "2 ms / 80 ms", "1.2 / 5", "-"]
    assert notes([row]) == ["ours: NotYet: no kernel (tanh n=10 float32)"]


def test_a_row_has_a_text_for_every_column(row):
    for targets in (True, False):
        assert len(cells(row, KINDS, targets=targets)) == len(columns(KINDS, targets=targets))
    lines = markdown([row], KINDS, targets=False).splitlines()
    assert lines[2] == "| tanh n=10 | float32 | 2 ms | 4 ms | 1 ms copy | 50% | 1.5 / 10 | 1 / 20 |"


def test_the_json_has_the_promised_keys(row):
    promised = {"kernel", "dtype", "ours_s", "ours_alloc_s", "limit_s", "limit_by", "peers", "peers_noalloc"}
    assert promised <= set(row.as_json())


@pytest.mark.parametrize(("seconds", "text"), [(12.345, "12.3 s"), (1.0, "1 s"), (5e-7, "500 ns"), (0.0, "0 ns")])
def test_times_have_units(seconds, text):
    assert span(seconds) == text


def test_errors_are_counted_in_units_of_roundoff_for_float32_alone():
    rows = [
        Row("tanh", "n=3", "float32", errors={"ours": 2.0**-23, "torch": 3.5 * 2.0**-23}),
        Row("tanh", "n=3", "float64", errors={"ours": 0.0, "torch": 0.0}),
        Row("lstm", "T=2", "float32"),
    ]
    assert errors(rows, ["numpy", "torch"]) == [["kernel", "ours", "numpy", "torch"], ["tanh n=3", "1", "-", "3.5"]]
    assert accuracy(rows[1:], ["torch"]) == []
