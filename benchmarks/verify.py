"""The judge beside other tools' gradient checks, on the corpus and on random networks with planted mistakes.

Run from the root of the repository:
`python -m benchmarks.verify [--networks N] [--only TEXT] [--alone] [--output FILE] [TOOL ...]`.
Prints Markdown tables: of the cases with a right gradient, how many raise a false alarm; of those with a wrong one,
how many are missed; where no verdict is given; how often exactly the wrong entries are named; how often the mistake is;
the calls of f and of the gradient, and the time of the processor. Each tool is called with its defaults
(`benchmarks/judges.py`), in a process of its own: one that has not answered after HARD seconds is ended, and the next
case gets a new one. Where the mistake is the shape itself, a tool's error is as good as a verdict. Tools that are not
installed are left out, with a sentence. With `--output` the file is written anew after each tool.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.answers import OURS, Said, answer
from benchmarks.judges import TOOLS
from benchmarks.tables import ABOUT, by_family, machine, table
from benchmarks.workers import Worker

#: Seconds of the clock after which a process is ended; the tools themselves are stopped sooner, of their own accord.
HARD = {OURS: 1200.0, **dict.fromkeys(TOOLS, 60.0)}
#: A line of progress after so many cases.
_PROGRESS = 50
#: The most frequent reasons of no verdict that are told.
_REASONS = 3

#: A case: its place in the corpus, or the seed of a network and which of its two cases; then the seed of its inputs.
Key = tuple[str, int, int, int]
Answers = dict[str, list[Said]]
_FIRST: Key = ("first", 0, 0, 0)


@lru_cache(maxsize=64)
def _network(seed: int) -> Sequence[Any]:
    found: Sequence[Any] = import_module("tests.verify.corpus.generated").cases(seed)
    return found


def _case(key: Key) -> Any:
    group, place, which, _ = key
    return (
        _network(place)[which] if group == "networks" else import_module("tests.verify.corpus.everything").CASES[place]
    )


def answered(name: str, key: Key) -> Said:
    """Return what a tool says of a case; the first one has time to import what it needs, and whole."""
    if key == _FIRST:
        return answer(name, _case(("corpus", 0, 0, 0)), 0, math.inf)
    return answer(name, _case(key), key[-1])


def all_answers(keys: Sequence[Key], tools: Sequence[str], done: Callable[[Answers], None]) -> Answers:
    """Return what each tool says of each case; after each tool, `done` is called with what there is."""
    found: Answers = {}
    for name in tools:
        worker = Worker(name, answered, _FIRST, HARD[name])
        found[name] = _said(worker, keys)
        worker.close()
        done(found)
    return found


def _said(worker: Worker, keys: Sequence[Key]) -> list[Said]:
    begun, found = time.perf_counter(), []
    for k, key in enumerate(keys, start=1):
        found.append(worker.ask(key) or Said(_case(key).right, "ended"))
        if k % _PROGRESS == 0 or k == len(keys):
            ended = sum(s.verdict == "ended" for s in found)
            text = f"{worker.name}: {k} of {len(keys)} {key[0]}, {ended} ended, {time.perf_counter() - begun:.0f} s"
            print(text, file=sys.stderr, flush=True)
    for why, count in Counter(s.verdict for s in found if s.fault == "no verdict").most_common(_REASONS):
        print(f"{worker.name}: {count} x {why}", file=sys.stderr, flush=True)
    return found


class Page:
    """The results as text: parts that are filled while the tools run."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.parts: dict[str, str] = {}

    def set(self, title: str, text: str) -> None:
        """Put a part in place, and write the file."""
        self.parts[title] = text
        if self.file is not None:
            self.file.write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """Return the page."""
        return "\n\n".join([ABOUT.rstrip(), machine(), *(f"## {t}\n\n{part}" for t, part in self.parts.items())]) + "\n"


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", nargs="*", default=list(TOOLS))
    parser.add_argument("--networks", type=int, default=40, help="random networks, from the seeds kept for judging")
    parser.add_argument("--alone", action="store_true", help="gradproof alone")
    parser.add_argument("--only", default="", help="cases of the corpus whose name holds this")
    parser.add_argument("--output", type=Path, help="also write the page into this file, after each tool")
    options = parser.parse_args()
    installed = [t for t in options.tools if importlib.util.find_spec(t) is not None]
    for name in sorted({*options.tools} - {*installed}):
        print(f"{name} is not installed: left out.", file=sys.stderr)
    tools = [OURS] if options.alone else [OURS, *installed]
    page = Page(options.output)
    _corpus(page, tools, options.only)
    _networks(page, tools, options.networks)
    print(page.text())


def _corpus(page: Page, tools: Sequence[str], only: str) -> None:
    everything = import_module("tests.verify.corpus.everything")
    keys = [("corpus", k, 0, 0) for k, c in enumerate(everything.CASES) if only in c.name]
    names = [everything.CASES[key[1]].name for key in keys]

    def done(found: Answers) -> None:
        families = by_family(names, found, everything.FAMILIES)
        page.set("The corpus", f"{table(found)}\n\nJudged correctly, by family:\n\n{families}")

    if keys:
        all_answers(keys, tools, done)


def _networks(page: Page, tools: Sequence[str], count: int) -> None:
    first = import_module("tests.verify.corpus.generated").JUDGING
    keys = [("networks", seed, k, seed) for seed in range(first, first + count) for k in (0, 1)]

    def done(found: Answers) -> None:
        seeds = f"Seeds {first} to {first + count - 1}, right and with one planted mistake each.\n"
        page.set("Random networks", seeds + table(found))

    if keys:
        all_answers(keys, tools, done)


if __name__ == "__main__":
    main()
