"""The process that runs a user's module: imports it, finds its pairs, judges them, and sends what it finds.

Messages go out pickled on what was standard output; the user's own output goes to a file. Standard input is what this
process hangs on: when it closes, the one who asked is gone, and so is this process. `faulthandler` ends a call that
does not end, even one in compiled code, and says in which line it was.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import random
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from gradproof.errors import InputError
from gradproof.verify.modules.results import LOADING, Listed, Request, Result


def main(folder: str) -> None:
    """Read the request from standard input and answer it; `folder` takes the user's output and the last traceback."""
    channel, lifeline = _private(Path(folder))
    request: Request = pickle.load(lifeline)  # noqa: S301  (our own parent wrote it)
    threading.Thread(target=_leave_with, args=(lifeline,), daemon=True).start()
    with (Path(folder) / "trace").open("w") as trace:
        faulthandler.enable(trace)
        _Session(request, channel, trace, Path(folder) / "printed").run()
    channel.flush()
    os._exit(0)  # threads and exit handlers of the module are not waited for


def _private(folder: Path) -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes of our own, and give the module files in their place."""
    channel, lifeline = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    printed = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(printed, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # warnings are no finding
    return channel, lifeline


def _leave_with(lifeline: BinaryIO) -> None:
    lifeline.read()
    os._exit(1)


class _Session:
    def __init__(self, request: Request, channel: BinaryIO, trace: Any, printed: Path) -> None:
        self.request, self.channel, self.trace, self.printed = request, channel, trace, printed

    def send(self, kind: str, what: Any) -> None:
        self.channel.write(pickle.dumps((kind, what)))
        self.channel.flush()

    def run(self) -> None:
        """Send ("pairs", [...]), then for each ("begin", name) and ("result", ...); or ("error", ...)."""
        from gradproof.verify.modules.work import Work

        request = self.request
        self._watch(max(request.timeout, LOADING))
        try:
            random.seed(request.seed)
            work = Work(request)
        except InputError as error:
            self.send("error", {k: getattr(error, k) for k in ("message", "where", "expected", "hint")})
            return
        pairs = work.pairs()
        self.send("pairs", [_listed(pair) for pair in pairs])
        for pair in pairs:
            if pair.name in request.done or (request.only and not {pair.name, *pair.also} & set(request.only)):
                continue
            self.send("begin", pair.name)
            self.send("result", self._judged(work, pair))

    def _watch(self, seconds: float) -> None:
        """Let this process end, with a traceback, unless it says otherwise in time."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.dump_traceback_later(seconds, exit=True, file=self.trace)

    def _judged(self, work: Any, pair: Any) -> Result:
        self._watch(self.request.timeout)
        before = self._printed()
        try:
            result: Result = work.judged(pair)
        except (SystemExit, KeyboardInterrupt) as error:  # nobody's Ctrl-C comes here: the code raised it
            told = f"the code raises {type(error).__name__}({', '.join(map(repr, error.args))})"
            result = Result(_listed(pair), skipped=told, expected="a function that returns")
        except Exception as error:  # noqa: BLE001  (told as our own mistake)
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = f"internal error: {type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
            result = Result(_listed(pair), skipped=told, internal=True)
        faulthandler.cancel_dump_traceback_later()
        return _noting(result, self._printed()[len(before) :])

    def _printed(self) -> str:
        sys.stdout.flush()
        return self.printed.read_text(encoding="utf-8", errors="replace")


def _listed(pair: Any) -> Listed:
    return Listed(pair.name, pair.how, pair.line, pair.also)


def _noting(result: Result, printed: str) -> Result:
    """Return the result with a note of what the user's code printed."""
    lines: Sequence[str] = [line for line in printed.splitlines() if line.strip()]
    if not lines or result.report is None or any(" prints" in note for note in result.report.notes):
        return result
    note = f"the code prints when it is called, as {lines[0].strip()[:60]!r}"
    return replace(result, report=replace(result.report, notes=(*result.report.notes, note)))


if __name__ == "__main__":
    main(sys.argv[1])
