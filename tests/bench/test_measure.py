"""Workers: started, asked in turns, checked, stopped when they fail."""

import numpy as np
import pytest

from gradproof import catalogue
from gradproof.bench import measure, peers
from gradproof.bench.case import Case
from gradproof.bench.limits import Limits, Streams
from gradproof.bench.measure import Pace, bench, difference
from gradproof.bench.processes import PeerError, Process
from gradproof.bench.row import Row

PACE = Pace(rounds=2, seconds=0.01, patience=60, threads=1)
SIGMOID = Case("sigmoid", catalogue.read("sigmoid"), {"n": 100})


@pytest.fixture
def _known_limits(monkeypatch):
    machine = Limits(1, (Streams(1 << 30, 1e10, 1e10, 1e10),), {"float32": 1e10, "float64": 1e10})
    monkeypatch.setattr(measure, "limits", lambda threads: machine)


def measured(case, kinds, **row):
    told = []
    with bench(kinds, PACE, told.append) as workers:
        return workers.row(case, Row(case.kernel, "", case.dtype, **row)), told


@pytest.mark.slow
@pytest.mark.usefixtures("_known_limits")
def test_a_row_holds_times_of_all_and_compares_their_results():
    row, told = measured(SIGMOID, ["ours", "numpy"])
    assert row.ours_s > 0
    assert row.ours_alloc_s > 0
    assert set(row.peers) == set(row.peers_noalloc) == {"numpy"}
    assert row.reference == "numpy in float64"
    assert 0 < max(row.errors.values()) < 1e-6
    assert not row.reasons
    assert told


@pytest.mark.slow
@pytest.mark.usefixtures("_known_limits")
def test_what_fails_has_its_reason_in_the_row():
    row, _ = measured(Case("x", "given A[n, n], B[n]\nsolve Y: sum[j] A[i,j]*Y[j] = B[i]", {"n": 3}), ["ours", "numpy"])
    assert row.reasons["numpy"] == "not written for this"


def test_a_peer_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(peers.KINDS, "other", ("nowhere", "surely_not_installed"))
    with bench(["other"], PACE, print) as workers:
        assert workers.missing == {"other": "surely_not_installed is not installed"}
        assert workers.kinds == ()


def test_a_missing_compiler_is_said(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: object())
    monkeypatch.setattr(peers, "which", lambda name: "there" if name == "cl" else None)
    assert peers.absent("torch.compile") == ""
    monkeypatch.setattr(peers, "which", lambda name: None)
    assert peers.absent("torch") == ""
    with bench(["torch.compile"], PACE, print) as workers:
        assert workers.missing == {"torch.compile": "a C++ compiler is not installed"}


def test_a_worker_that_ends_or_fails_says_why():
    worker = Process("numpy", 1)
    with pytest.raises(PeerError, match="AttributeError"):
        worker.ask(60, do="dance")
    with pytest.raises(PeerError, match="no answer in 0 s"):
        worker.ask(0.0, do="drop")
    assert not worker.alive
    with pytest.raises(PeerError, match="its process ended"):
        worker.ask(60, do="drop")


def test_the_difference_is_over_the_largest_entry(tmp_path):
    np.save(tmp_path / "x.npy", np.array([1.0, 4.5]))
    assert difference(tmp_path / "x.npy", np.array([1.0, 5.0])) == 0.1
    assert difference(tmp_path / "x.npy", np.array([1.0])) == float("inf")
    assert difference(tmp_path / "x.npy", np.array([1.0, np.nan])) == float("inf")
    assert difference(tmp_path / "none.npy", np.array([1.0])) == float("inf")
