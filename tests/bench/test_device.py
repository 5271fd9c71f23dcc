"""Measuring on a GPU, without one: events, bandwidth and tables by stand-ins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.cuda.__main__ import data, report
from benchmarks.cuda.asked import verdicts
from benchmarks.cuda.rows import ASKED, ENTRIES
from gradproof.bench import device, measure
from gradproof.bench.amount import Amount
from gradproof.bench.case import Case
from gradproof.bench.device import cupy_events, numba_events, torch_events
from gradproof.bench.limits import Limits, Streams
from gradproof.bench.measure import Pace, _Measuring
from gradproof.bench.peers import FAMILIES, ON_DEVICE
from gradproof.bench.row import Row
from gradproof.bench.runner import Runner
from gradproof.bench.turns import Turn
from gradproof.bench.worker import Worker
from gradproof.commands import choices

_ROOT = Path(__file__).parents[2]


class Clock:
    """A device whose time goes on by what is queued, in microseconds."""

    def __init__(self, rate: float = 1e12) -> None:
        self.now, self.rate = 0.0, rate

    def work(self, microseconds: float) -> None:
        self.now += microseconds

    def event(self, enable_timing: bool = True) -> Any:
        assert enable_timing
        at = SimpleNamespace(stamp=None, synchronize=lambda: None)
        at.record = lambda: setattr(at, "stamp", self.now)
        at.elapsed_time = lambda end: (end.stamp - at.stamp) / 1e3
        return at

    def to_device(self, array: Any) -> Any:
        return SimpleNamespace(copy_to_device=lambda other: self.work(2e6 * array.nbytes / self.rate))

    def numba(self, free: int = 1 << 40) -> Any:
        return SimpleNamespace(
            event=self.event,
            to_device=self.to_device,
            current_context=lambda: SimpleNamespace(get_memory_info=lambda: (free, 80 << 30)),
            get_current_device=lambda: SimpleNamespace(name=b"A GPU", compute_capability=(9, 0)),
            runtime=SimpleNamespace(get_version=lambda: (13, 0)),
        )


def _cupy(clock: Clock) -> Any:
    return SimpleNamespace(cuda=SimpleNamespace(Event=clock.event, get_elapsed_time=lambda a, b: a.elapsed_time(b)))


@pytest.mark.parametrize("library", ["numba", "torch", "cupy"])
def test_work_is_timed_between_two_events(library: str) -> None:
    clock = Clock()
    events = {
        "numba": lambda: numba_events(clock.numba()),
        "cupy": lambda: cupy_events(_cupy(clock)),
        "torch": lambda: torch_events(SimpleNamespace(cuda=SimpleNamespace(Event=clock.event))),
    }[library]()
    timed = events.timed(lambda: clock.work(250))
    assert timed(4) == pytest.approx(1e-3)


def test_the_copy_bandwidth_counts_reads_and_writes() -> None:
    clock = Clock(rate=2e12)
    cuda = clock.numba()
    found = device.measure(cuda, numba_events(cuda), (1 << 20, 16 << 20))
    assert found["about"]["device"] == "A GPU"
    assert found["about"]["compute capability"] == "9.0"
    for size, rate in found["copy"]:
        assert rate == pytest.approx(2e12, rel=1e-3), size


def test_arrays_for_the_bandwidth_leave_half_of_the_memory_free() -> None:
    cuda = Clock().numba(free=64 << 10)
    assert [n for n, _ in device.measure(cuda, numba_events(cuda), (1 << 14, 1 << 16))["copy"]] == [1 << 14]
    assert [n for n, _ in device.measure(cuda, numba_events(cuda), (1 << 17, 1 << 18))["copy"]] == [1 << 17]


def test_a_device_has_no_limit_of_products() -> None:
    limits = Limits(1, (Streams(1 << 30, 1e12, 1e12, 1e12),), {})
    seconds, by = Amount(6e9, 4e9, 0, 1e15, "float32").limit(limits)
    assert (seconds, by) == (pytest.approx(1e-2), "copy")


def test_a_worker_uses_the_device_s_clock() -> None:
    clock, worker = Clock(), Worker("ours")
    events = numba_events(clock.numba())
    run = lambda: clock.work(500)  # noqa: E731
    worker.runner = Runner(run, dict, events.timed(run))
    assert worker.time(0.001)["times"][0] == pytest.approx(5e-4)


def test_what_is_missing_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    assert "simulator" in device.lacking()
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "0")
    monkeypatch.setattr(device.importlib.util, "find_spec", lambda name: None)
    assert device.lacking() == "numba-cuda is not installed: pip install 'gradproof[cuda]'"


def _measuring(target: str) -> _Measuring:
    bench = SimpleNamespace(kinds=("ours", "torch"), pace=Pace(1, 0.01))
    case = Case("x", "", {}, target=target)
    return _Measuring(bench, case, Row("x", "", "float32"), Path())  # type: ignore[arg-type]


def test_on_a_device_each_peer_has_one_process_and_both_columns() -> None:
    assert [len(next(iter(_measuring(target).waves()))) for target in ("cpu", "cuda")] == [4, 3]
    task = _measuring("cuda")
    turn = Turn((0.5,), 1.0, 0.0)
    task.turns = {("torch", False): [turn], ("ours", True): [turn]}
    task.medians()
    assert (task.row.peers, task.row.peers_noalloc) == ({"torch": 0.5}, {"torch": 0.5})
    assert task.row.best(allocating=False) == 1.0


def test_the_limit_is_the_device_s_on_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(1, (Streams(1 << 30, 1e9, 1e9, 1e9),), {})
    monkeypatch.setattr(measure, "device_limits", lambda: limits)
    monkeypatch.setattr(measure, "limits", lambda threads: pytest.fail("the processor's limits"))
    task = _Measuring(
        SimpleNamespace(kinds=(), pace=Pace()),  # type: ignore[arg-type]
        Case("x", "given z[n]\ny[i] = z[i]*3", {"n": 1000}, target="cuda"), Row("x", "", "float32"), Path(),
    )  # fmt: skip
    task.limit()
    assert task.row.limit_s is not None
    assert task.row.limit_s > 8e-6


def test_peers_that_may_be_named_are_those_there_are() -> None:
    assert tuple(ON_DEVICE) == choices.DEVICE_PEERS
    assert tuple(FAMILIES) == choices.PEERS


def test_rows_have_all_sizes_of_their_systems() -> None:
    for entry in ENTRIES:
        assert {s.name for s in entry.case("float32").system.sizes} <= set(entry.sizes), entry.kernel


def test_the_table_names_the_device_and_what_it_copies() -> None:
    limits = Limits(1, (Streams(1 << 28, 2e12, 2e12, 2e12),), {})
    row = Row("sigmoid", "n=9", "float32", 1.0, ours_s=1e-3, limit_s=9e-4, limit_by="copy")
    row.peers = row.peers_noalloc = {"torch": 2e-3}
    row.reasons["liger"] = "liger_kernel is not installed"
    text = report({"device": "A GPU"}, limits, [row], ["torch", "liger"])
    assert "device A GPU" in text
    assert "256 MiB: copy 2000 GB/s" in text
    assert "| sigmoid n=9 | float32 | 1 ms | - | 900 µs copy | 90% | 2 / - | - |" in text
    assert "| sigmoid n=9 | float32 | 90% of 85%: yes | 2 of 1.5: yes | not measured: - |  |" in text
    assert "Of 3 figures that are asked, 2 are reached, 0 are not, 1 were not measured." in text
    assert "liger: liger_kernel is not installed" in text
    assert data({}, limits, [row])["rows"][0]["share"] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("ours", "eager", "compiled", "said"),
    [
        (1.0, 2.1, 1.0, ["95% of 85%: yes", "2.1 of 2: yes", "1 of 1: yes"]),
        (1.2, 2.1, 1.0, ["79% of 85%: no", "1.75 of 2: no", "0.833 of 1: no"]),
        (None, 2.1, 1.0, ["not measured: -"] * 3),
    ],
)
def test_what_is_asked_of_a_row_is_judged(ours: float | None, eager: float, compiled: float, said: list[str]) -> None:
    row = Row("lstm_pointwise", "", "float32", ours_s=ours, limit_s=0.95, limit_by="copy")
    row.peers_noalloc = row.peers = {"torch": eager, "torch.compile": compiled}
    assert [v.text for v in verdicts(row, ASKED[row.kernel])] == said


def test_a_wrong_result_reaches_nothing() -> None:
    row = Row("sigmoid", "", "float32", ours_s=1.0, limit_s=1.0, limit_by="copy", reasons={"ours": "differs"})
    assert [v.reached for v in verdicts(row, ASKED["sigmoid"])] == [False, None, None]


def test_a_limit_of_another_kind_is_no_share_of_the_bandwidth() -> None:
    row = Row("sigmoid", "", "float32", ours_s=1.0, limit_s=1.0, limit_by="product")
    assert verdicts(row, ASKED["sigmoid"])[0].found is None


def test_something_is_asked_of_every_row() -> None:
    assert {e.kernel for e in ENTRIES} == set(ASKED)
    assert all(a.ratios for a in ASKED.values())


def test_our_kernel_is_called_and_timed_in_the_simulator() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.on_simulator"],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stdout == "ok\n", run.stderr[-2000:]
