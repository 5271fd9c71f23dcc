"""The judge beside other tools' gradient checks, on the corpus and on random networks with planted mistakes.

Run from the root of the repository: `python -m benchmarks.verify [--networks N] [--only TEXT] [--alone] [TOOL ...]`.
Prints a Markdown table: of the cases with a right gradient, how many raise a false alarm; of those with a wrong one,
how many are missed; where no verdict is given; how often exactly the wrong entries are named; how often the mistake is;
the calls of f and of the gradient, and the time of the processor, both as medians over all cases. Each tool is called
with its defaults (`benchmarks/judges.py`). A tool that has called the functions more often than CALLS, or for longer
than SECONDS, is stopped: no verdict. A tool that raises anything but its verdict gives none either, except where the
mistake is the shape itself: then the error is as good as a verdict. Tools that are not installed are left out, with a
sentence.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.judges import TOOLS, Question, asked

Answers = dict[str, "list[Said]"]
#: A tool may call f and the gradient so often for a case, and take so many seconds of the processor.
CALLS, SECONDS = 20_000, 2.0
_JUDGED = "tests.verify.corpus.judged"


class TooLong(Exception):
    """The functions were called more often than CALLS, or for longer than SECONDS."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool said of a case."""

    right: bool
    verdict: str
    localised: bool
    diagnosed: bool
    calls: int
    seconds: float

    @property
    def fault(self) -> str:
        if self.verdict not in {"right", "wrong"}:
            return "undecided"
        if self.right:
            return "" if self.verdict == "right" else "false alarm"
        return "missed" if self.verdict == "right" else ""


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Raise TooLong after so many seconds of the processor: a step far from the point may never come back."""

    def stop(*_: Any) -> None:
        raise TooLong(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Counted:
    """The case's functions of the inputs that are differentiated, with every call counted."""

    def __init__(self, case: Any, seed: int) -> None:
        judged = import_module(_JUDGED)
        self.case, self.calls, self.begun = case, 0, time.process_time()
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
        if self.calls > CALLS or time.process_time() - self.begun > SECONDS:
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


def by_gradproof(case: Any, seed: int) -> Said:
    """Return what gradproof says."""
    j = import_module(_JUDGED).judge(case, seed)
    found = j.fault != "missed" or case.right
    verdict = j.verdict if found else "right"
    if j.report.elsewhere and not case.right:
        verdict = "wrong"
    return Said(case.right, verdict, bool(j.localised), bool(j.diagnosed), j.report.evaluations, j.seconds)


def by_other(tool: Callable[[Question], Any], case: Any, seed: int) -> Said:
    """Return what another tool says."""
    counted = Counted(case, seed)
    begun = time.process_time()
    with stopped_after(1.5 * SECONDS):
        verdict, masks = asked(tool, counted.question())
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


def row(name: str, said: Sequence[Said]) -> str:
    """Return a tool's line of the table."""
    wrong = [s for s in said if not s.right]
    faults = [s.fault for s in said]
    good = sum(not fault for fault in faults) / len(said)
    counts = [f"{faults.count(what)}" for what in ("false alarm", "missed", "undecided")]
    places = [f"{sum(s.localised for s in wrong)}", f"{sum(s.diagnosed for s in wrong)}"]
    calls = statistics.median(s.calls for s in said)
    milliseconds = 1000 * statistics.median(s.seconds for s in said)
    return f"| {' | '.join([name, f'{good:.0%}', *counts, *places, f'{calls:g}', f'{milliseconds:.1f}'])} |"


def table(cases: Sequence[tuple[Any, int]], answers: Answers) -> str:
    """Return the table for (case, seed of its inputs)."""
    wrong = sum(not case.right for case, _ in cases)
    head = ["tool", "judged correctly", "false alarms", "missed", "no verdict", "exactly localised", "mistake named"]
    lines = [
        f"{len(cases)} cases: {len(cases) - wrong} right, {wrong} wrong.\n",
        f"| {' | '.join([*head, 'calls', 'ms'])} |",
        "|---|" + "---:|" * 8,
        *(row(title, said) for title, said in answers.items()),
    ]
    return "\n".join(lines)


def by_family(cases: Sequence[tuple[Any, int]], answers: Answers, families: Mapping[str, Sequence[str]]) -> str:
    """Return a table of the share that is judged correctly, by family: each the names of its cases."""
    names = [case.name for case, _ in cases]
    lines = [f"| {' | '.join(['family', 'cases', *answers])} |", "|---|---:|" + "---:|" * len(answers)]
    for family, members in families.items():
        places = [names.index(n) for n in members if n in names]
        if places:
            shares = [sum(not said[k].fault for k in places) / len(places) for said in answers.values()]
            lines.append(f"| {' | '.join([family, str(len(places)), *(f'{share:.0%}' for share in shares)])} |")
    return "\n".join(lines)


def all_answers(cases: Sequence[tuple[Any, int]], tools: Sequence[str]) -> Answers:
    """Return what each tool says of each (case, seed of its inputs); those that are not installed are left out."""
    found = {"gradproof": [by_gradproof(*c) for c in cases]}
    for name in tools:
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: left out.\n")
            continue
        title, tool = TOOLS[name]
        found[title] = [by_other(tool, *c) for c in cases]
        print(f"{title}: done", file=sys.stderr, flush=True)
    return found


def machine() -> str:
    """Return what the table was made with: the versions, and the processor where the system names it."""
    packages = [n for n in ("numpy", *TOOLS) if importlib.util.find_spec(n) is not None]
    found = [f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in packages)]
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return ", ".join([*found, platform.system(), *(models[:1] or [platform.machine()])])


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", nargs="*", default=list(TOOLS))
    parser.add_argument("--networks", type=int, default=40, help="random networks, from the seeds kept for judging")
    parser.add_argument("--alone", action="store_true", help="gradproof alone")
    parser.add_argument("--only", default="", help="cases of the corpus whose name holds this")
    options = parser.parse_args()
    if options.alone:
        options.tools = []
    everything = import_module("tests.verify.corpus.everything")
    corpus = everything.CASES
    generated = import_module("tests.verify.corpus.generated")
    # The first use of a library is not what is measured.
    for tool in [TOOLS[t][1] for t in options.tools if importlib.util.find_spec(t)]:
        by_other(tool, corpus[0], 0)
    by_gradproof(corpus[0], 0)
    print(machine())
    chosen = [(c, 0) for c in corpus if options.only in c.name]
    if chosen:
        answers = all_answers(chosen, options.tools)
        print("\n## The corpus\n\n" + table(chosen, answers) + "\n\nJudged correctly, by family:\n")
        print(by_family(chosen, answers, everything.FAMILIES), flush=True)
    seeds = range(generated.JUDGING, generated.JUDGING + options.networks)
    pairs = [(case, seed) for seed in seeds for case in generated.cases(seed)]
    if pairs:
        print("\n## Random networks\n\n" + table(pairs, all_answers(pairs, options.tools)))


if __name__ == "__main__":
    main()
