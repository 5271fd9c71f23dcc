"""Turns: who was disturbed is asked again, whoever it is, and a worker stands still while it is not asked."""

import time
from pathlib import Path

import pytest

from gradproof.bench.processes import Process
from gradproof.bench.processors import used
from gradproof.bench.row import Row
from gradproof.bench.table import doubts
from gradproof.bench.turns import Turn, counted, enough, take_turns


def turn(seconds, waited=0.0, slowed=1.0):
    return Turn((seconds,), 2.0, waited, slowed)


def test_disturbed_turns_do_not_count_while_there_are_others():
    turns = [turn(1.0), turn(9.0, 0.5), turn(1.1), turn(8.0, 0.3), turn(1.05)]
    assert [t.median for t in counted(turns, 3)] == [1.0, 1.1, 1.05]
    assert [t.median for t in counted(turns[:4], 3)] == [1.0, 1.1, 8.0]


def test_turns_beside_which_the_processor_was_slow_do_not_count_while_there_are_others():
    turns = [turn(1.0), turn(2.0, slowed=2.0), turn(1.1, slowed=1.1), turn(1.7, slowed=1.5)]
    assert [t.median for t in counted(turns, 2)] == [1.0, 1.1]
    assert [t.median for t in counted(turns, 3)] == [1.0, 1.1, 1.7]
    assert not enough(turns[:2], 2)


def test_slow_turns_that_nobody_disturbed_count():
    assert [t.median for t in counted([turn(1.0), turn(5.0), turn(1.0)], 2)] == [1.0, 5.0, 1.0]


def test_more_turns_are_taken_where_they_differ_up_to_a_bound():
    assert enough([turn(1.0)] * 3, 3)
    assert not enough([turn(1.0), turn(2.0), turn(3.0)], 3)
    assert not enough([turn(1.0), turn(1.0), turn(1.0, 0.2)], 3)
    assert enough([turn(1.0), turn(2.0), turn(3.0)] * 3, 3)


def test_turns_go_round_and_all_have_as_many():
    asked = []
    restless = iter([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])

    def take(key):
        asked.append(key)
        return None if key == "fails" else turn(1.0 if key == "steady" else next(restless))

    found = take_turns(["steady", "fails", "restless"], 2, take)
    assert asked == ["steady", "fails", "restless", *["steady", "restless"] * 5]
    assert {key: len(turns) for key, turns in found.items()} == {"steady": 6, "restless": 6}


def test_who_got_too_few_processors_is_said():
    told = {"processors": 1.02, "waited": 0.48, "spread": 0.5, "slowed": 1.0}
    steady = {"processors": 2.0, "waited": 0.0, "spread": 0.0, "slowed": 1.0}
    turns = {"ours": told, "numpy": {**steady, "slowed": 2.0}, "jax": {**steady, "spread": 0.5}, "torch": steady}
    row = Row("gru", "T=64", "float32", turns=turns)
    (line,) = doubts([row])
    assert line.startswith(
        "rough, gru T=64 float32: ours had 1.0 processors, its threads waited for one 48% of the time;"
    )
    assert line.endswith("; numpy found the processor at 50% of its speed; jax's turns are 50% apart")


def test_processor_time_is_counted():
    before, begun = used(), time.process_time()
    while time.process_time() - begun < 0.01:
        pass
    after = used()
    assert after[0] - before[0] >= 0.01
    assert after[1] >= before[1] >= 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="states of processes are read from /proc")
def test_a_worker_stands_still_while_it_is_not_asked():
    worker = Process("numpy", 1)
    try:
        for _ in range(2):
            assert worker.ask(60, do="drop") == {}
            assert state(worker) == "T"
    finally:
        worker.stop()


def state(worker):
    """Return the state of the process's main thread; a signal takes a moment to arrive."""
    found = ""
    for _ in range(200):
        found = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        if found == "T":
            break
        time.sleep(0.01)
    return found
