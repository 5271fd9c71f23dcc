"""A benchmark's tool that hangs or crashes costs its own answer and no other."""

import os
import signal
import time

import pytest

from benchmarks.answers import Said
from benchmarks.tables import by_family, table
from benchmarks.workers import Worker


def answering(name, question):
    if question == "hang":
        time.sleep(60)
    if question == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{name}: {question}"


def test_hanging_and_crashing_tools_are_started_anew():
    worker = Worker("tool", answering, "first", limit=2.0)
    try:
        found = [worker.ask(question) for question in ("a", "b", "hang", "c", "crash", "d")]
    finally:
        worker.close()
    assert found == ["tool: a", "tool: b", None, "tool: c", None, "tool: d"]
    assert worker.started == 3


def test_a_tool_that_cannot_start_has_no_answers():
    worker = Worker("tool", answering, "crash", limit=0.5)
    assert worker.ask("a") is None


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said(True, "right"), ""),
        (Said(True, "wrong"), "false alarm"),
        (Said(True, "ended"), "no verdict"),
        (Said(False, "right"), "missed"),
        (Said(False, "wrong"), ""),
        (Said(False, "error: ValueError"), "no verdict"),
    ],
)
def test_faults(said, fault):
    assert said.fault == fault


def test_the_tables_count():
    ours = [Said(True, "right", None, None, 10, 0.002), Said(False, "wrong", True, False, 30, 0.004)]
    theirs = [Said(True, "wrong", False, False, 5, 0.001), Said(False, "ended")]
    found = table({"gradproof": ours, "scipy": theirs})
    assert "2 cases: 1 right, 1 wrong." in found
    assert "| gradproof | 100.0% | 0 | 0 | 0 | 1 | 0 | 20 | 3.0 |" in found
    assert "| scipy check_grad | 0.0% | 1 | 0 | 1 | 0 | 0 | 5 | 1.0 |" in found
    families = by_family(["a", "b"], {"gradproof": ours, "scipy": theirs}, {"kinks": ["b", "z"], "none": ["y"]})
    assert families.splitlines()[2:] == ["| kinks | 1 | 100% | 0% |"]
