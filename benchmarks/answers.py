"""What gradproof and other tools say of a case: the question is put to each in the same way."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.judges import TOOLS, Question, asked

#: A tool may call f and the gradient so often for a case, and take so many seconds of the processor.
CALLS, SECONDS = 20_000, 2.0
OURS = "gradproof"
_JUDGED = "tests.verify.corpus.judged"


class TooLong(Exception):
    """The functions were called more often than CALLS, or for longer than SECONDS."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool said of a case.

    Attributes:
        right: is the case's gradient right?
        verdict: "right", "wrong", or why there is none.
        localised, diagnosed: were exactly the wrong entries named, and the mistake? None where there is none to name.
        calls: of f and of the gradient; NaN if nobody knows.
        seconds: of the processor.
    """

    right: bool
    verdict: str
    localised: bool | None = None
    diagnosed: bool | None = None
    calls: float = math.nan
    seconds: float = math.nan

    @property
    def fault(self) -> str:
        """What is wrong with the verdict; "" if nothing is."""
        if self.verdict not in {"right", "wrong"}:
            return "no verdict"
        if self.right:
            return "" if self.verdict == "right" else "false alarm"
        return "missed" if self.verdict == "right" else ""


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Raise TooLong after so many seconds of the processor: a step far from the point may take for ever.

    A timer of the processor's time would make that time coarse, and it is measured: so it is looked at each second.
    """
    begun = time.process_time()

    def look(*_: Any) -> None:
        if time.process_time() - begun > seconds:
            raise TooLong(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Counted:
    """The case's functions of the inputs that are differentiated, with every call counted."""

    def __init__(self, case: Any, seed: int, limit: float) -> None:
        judged = import_module(_JUDGED)
        self.case, self.calls, self.begun, self.limit = case, 0, time.process_time(), limit
        self.f, grad, vjp = case.made()
        self.gradient, self.is_vjp = vjp or grad, vjp is not None
        self.inputs = case.drawn(seed)
        self.names = judged.input_names(case, self.inputs)
        self.wrt = judged.differentiated(case, self.inputs)
        self.arranged = judged.arranged

    def question(self) -> Question:
        """Return what the tools are asked."""
        return Question(self._value, self._pulled, [np.array(self.inputs[k], dtype=float) for k in self.wrt])

    def _filled(self, chosen: Sequence[Any]) -> list[Any]:
        self.calls += 1
        if self.calls > CALLS or time.process_time() - self.begun > self.limit:
            raise TooLong(f"{self.calls} calls in {time.process_time() - self.begun:.1f} s")
        whole = [np.array(a, copy=True) if isinstance(a, np.ndarray) else a for a in self.inputs]
        for k, a in zip(self.wrt, chosen, strict=True):
            whole[k] = np.array(a, dtype=float)[()]
        return whole

    def _value(self, *chosen: Any) -> Any:
        return np.asarray(self.f(*self._filled(chosen)), dtype=float)

    def _pulled(self, g: Any, *chosen: Any) -> list[Any]:
        inputs = self._filled(chosen)
        if self.is_vjp:
            return self.arranged(self.gradient(g, *inputs), self.names, self.wrt, self.inputs)
        found = self.arranged(self.gradient(*inputs), self.names, self.wrt, self.inputs)
        return [np.asarray(g) * d for d in found]


def answer(name: str, case: Any, seed: int, limit: float = SECONDS) -> Said:
    """Return what gradproof, or another tool by the name of its package, says of a case; the latter has a limit."""
    return _by_gradproof(case, seed) if name == OURS else _by_other(TOOLS[name][1], case, seed, limit)


def _by_gradproof(case: Any, seed: int) -> Said:
    j = import_module(_JUDGED).judge(case, seed)
    found = j.fault != "missed" or case.right
    verdict = j.verdict if found else "right"
    if j.report.elsewhere and not case.right:
        verdict = "wrong"
    return Said(case.right, verdict, j.localised, j.diagnosed, j.report.evaluations, j.seconds)


def _by_other(tool: Callable[[Question], Any], case: Any, seed: int, limit: float) -> Said:
    counted = Counted(case, seed, limit)
    begun = time.process_time()
    try:
        with stopped_after(1.5 * limit):
            verdict, masks = asked(tool, counted.question())
    except TooLong as error:  # the signal came while the tool's own error was on its way
        verdict, masks = f"error: {error}", None
    seconds = time.process_time() - begun
    if verdict.startswith("error") and case.mistake == "shape":
        verdict = "wrong"
    exactly = verdict == "wrong" and masks is not None and not case.right and _exactly(case, counted, masks)
    return Said(case.right, verdict, exactly, False, counted.calls, seconds)


def _exactly(case: Any, counted: Counted, masks: Sequence[Any]) -> bool:
    """Do the masks name the wrong entries, those that are off by a millionth or more, and no others?"""
    pairs = import_module(_JUDGED).compared(case, counted.inputs)
    for (claimed, true), mask in zip(pairs.values(), masks, strict=True):
        if claimed.shape != true.shape:
            return False
        off = np.abs(claimed - true) > 1e-6 * np.maximum(np.abs(claimed), np.abs(true))
        if not np.array_equal(off, mask):
            return False
    return True
