"""The equations of a page judged in several processes: most of the time goes into compiling, on one core each.

A process reads the page again and is given numbers of its pieces; what comes back is text. Verdicts do not depend on
how many processes there are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from gradproof.commands.judge import Judged, Line, judge
from gradproof.commands.progress import Report
from gradproof.commands.subject import find
from gradproof.commands.work import Piece, pieces
from gradproof.errors import InputError

#: A process takes seconds to start: it is worth that for so many equations; and no more of them, for their memory.
_EACH, _MOST = 3, 8
#: What a process knows: the pieces of its page.
_PIECES: list[Piece] = []

#: A piece's lines, its adjoints, and what stands against it.
_Answer = tuple[tuple[Line, ...], tuple[str, ...], str]


def judge_all(argument: str, found: Sequence[Piece], seed: int, jobs: int | None, doing: Report) -> list[Judged]:
    """Return the verdicts on the pieces of a subject, in their order.

    Args:
        argument: names the subject.
        found: its pieces.
        seed: of random points.
        jobs: how many processes at most; None for as many as there are cores and it pays.
        doing: told what is being done.

    Raises:
        InputError: a process was ended from outside, as for want of memory.
    """
    to_do = [k for k, piece in enumerate(found) if piece.system is not None]
    workers = min(jobs or cores(), _MOST, len(to_do) // _EACH) if argument != "-" else 1
    if workers < 2:
        return [judge(piece, seed, doing) for piece in found]
    judged = [Judged(piece) for piece in found]
    with ProcessPoolExecutor(workers, get_context("spawn"), _read, (argument,)) as pool:
        try:
            waiting = {pool.submit(_judged, k, seed): k for k in to_do}
            for done, future in enumerate(as_completed(waiting), 1):
                k = waiting[future]
                lines, between, error = future.result()
                failed = replace(found[k], system=None, error=error) if error else found[k]
                judged[k] = Judged(failed, lines, between)
                doing(f"{done} of {len(to_do)} equations judged, in {workers} processes")
        except BrokenProcessPool as error:
            raise InputError("a process that judged equations was ended from outside", hint="try --jobs 1") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return judged


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read(argument: str) -> None:
    """Read the page; what is to be said of it has been said by the process that started this one."""
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (until the process ends)
    _PIECES[:] = pieces(find(argument), chains=True)


def _judged(k: int, seed: int) -> _Answer:
    one = judge(_PIECES[k], seed, lambda doing: None)
    return one.lines, one.between, one.piece.error
