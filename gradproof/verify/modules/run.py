"""Start the process that runs a user's module, listen to it, and start it anew behind a pair that ended it."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gradproof.errors import InputError, InternalError
from gradproof.verify.modules.names import near
from gradproof.verify.modules.results import LOADING, Listed, Request, Result
from gradproof.verify.modules.told import where_it_hung

_GRACE = 10.0
"""Seconds beyond the time limit after which a process that does not end by itself is ended."""


@dataclass
class Answers:
    """What the processes have said: the pairs of the module, and what became of each."""

    pairs: list[Listed] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


def judge_module(request: Request, telling: Callable[[str], None] = lambda text: None) -> Answers:
    """Return what became of every pair in a module; it runs in processes of its own.

    Raises:
        InputError: it cannot be imported, holds no pair, or none of a name that is asked for.
    """
    answers = Answers()
    while _one_process(replace(request, done=tuple(r.pair.name for r in answers.results)), answers, telling):
        pass
    _check_names(request, answers)
    return answers


def _one_process(request: Request, answers: Answers, telling: Callable[[str], None]) -> bool:
    """Listen to one process to its end; return whether it was ended by a pair, and others may wait behind that."""
    with tempfile.TemporaryDirectory(prefix="gradproof-", ignore_cleanup_errors=True) as folder:
        process = _started(folder)
        inbox: queue.Queue[Any] = queue.Queue()
        reader = threading.Thread(target=_receive, args=(process, inbox), daemon=True)
        reader.start()
        try:
            assert process.stdin is not None
            process.stdin.write(pickle.dumps(request))
            process.stdin.flush()
            begun, ended = _listen(process, inbox, request, answers, telling)
        finally:
            _end(process, reader)
        if ended:
            return False
        trace = (Path(folder) / "trace").read_text(errors="replace") if (Path(folder) / "trace").exists() else ""
        return _fell(request, answers, begun, process.returncode, trace)


def _started(folder: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gradproof.verify.modules.child", folder]
    return subprocess.Popen(  # noqa: S603  (our own module)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _listen(
    process: subprocess.Popen[bytes],
    inbox: queue.Queue[Any],
    request: Request,
    answers: Answers,
    telling: Callable[[str], None],
) -> tuple[str, bool]:
    """Take in what the process sends; return the pair that it began last, and whether it came to its own end."""
    begun = ""
    while True:
        try:
            limit = request.timeout if begun else max(request.timeout, LOADING)
            kind, what = inbox.get(timeout=limit + _GRACE)
        except queue.Empty:
            return begun, False
        if kind == "end":
            return begun, process.wait() == 0
        if kind == "error":
            raise InputError(what.pop("message"), **what)
        if kind == "pairs":
            answers.pairs = what
        elif kind == "begin":
            begun = what
            telling(f"judging {what}")
        else:
            answers.results.append(what)
            begun = ""


def _receive(process: subprocess.Popen[bytes], inbox: queue.Queue[Any]) -> None:
    assert process.stdout is not None
    try:
        while True:
            inbox.put(pickle.load(process.stdout))  # noqa: S301  (sent by our own module in the process)
    except (EOFError, OSError, pickle.UnpicklingError):
        inbox.put(("end", None))


def _end(process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    """End the process and all that it started; none is left behind, whatever happened here."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
    process.wait()
    reader.join(1.0)  # it has met the end of the pipe
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _fell(request: Request, answers: Answers, begun: str, status: int, trace: str) -> bool:
    """Note what ended a process: with no pair begun it was the module itself.

    Raises:
        InputError: the module ends its process, or does not end, while it is imported.
    """
    path = Path(request.path)
    place = where_it_hung(trace, path)
    late = "Timeout (" in trace or status == -signal.SIGKILL
    inside = f", in {place}" if place else ""
    if not begun:
        if answers.pairs:
            raise InternalError(f"the process that judges {path} ended between two pairs (status {status})")
        limit = max(request.timeout, LOADING)
        told = f"is not imported within {limit:g} s" if late else f"ends its process ({_died(status)})"
        hint = "give it more with --timeout SECONDS" if late else ""
        raise InputError(f"{path} {told}{inside}", hint=hint)
    listed = next(pair for pair in answers.pairs if pair.name == begun)
    if late:
        reason = f"not finished within {request.timeout:g} s{inside}"
        answers.results.append(
            _undecided(listed, request, reason, "smaller inputs, or more time with --timeout SECONDS")
        )
    else:
        answers.results.append(_undecided(listed, request, f"the code ended the process ({_died(status)}){inside}", ""))
    return True


def _died(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _undecided(listed: Listed, request: Request, reason: str, advice: str) -> Result:
    from gradproof.verify.report import Report

    notes = (advice,) if advice else ()
    return Result(
        listed, Report("undecided", "", reason, notes=notes, seed=request.seed, again=request.again(listed.name))
    )


def _check_names(request: Request, answers: Answers) -> None:
    known = [name for pair in answers.pairs for name in (pair.name, *pair.also)]
    for name in request.only:
        if name not in known:
            raise InputError(
                f"--only {name}: no pair of {request.path} is called so",
                expected=f"one of {', '.join(pair.name for pair in answers.pairs)}" if known else "a pair",
                hint=near(name, known),
            )
