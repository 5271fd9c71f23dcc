"""A call of the user's code that ends in a value or in words: never in its exception, its exit or its output."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

#: Characters of what the user's code prints that are kept.
_KEPT = 200
_OWN = str(Path(__file__).parent.parent)


class Failed(Exception):
    """The user's function raised, or returned what cannot be used; the message says what."""


class Misfit(Failed):
    """What was returned has the wrong shape: no entry can be right."""


class Heard(io.TextIOBase):
    """Takes what the user's code prints, and keeps the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self.text) < _KEPT:
            self.text = (self.text + text)[:_KEPT]
        return len(text)


def guarded(what: str, function: Any, passed: Sequence[Any], heard: Heard | None) -> Any:
    """Return `function(*passed)`; what it prints goes to `heard` (None: is let through).

    Raises:
        Failed: it raised, exited, or called itself for ever. KeyboardInterrupt passes through.
    """
    try:
        with np.errstate(all="ignore"), _listening(heard):
            return function(*passed)
    except Failed:
        raise
    except SystemExit as error:
        raise Failed(f"{what} exits the program (SystemExit: {error.code}){_place(error.__traceback__)}") from error
    except RecursionError as error:
        raise Failed(f"{what} calls itself without end{_place(error.__traceback__)}") from None
    except Exception as error:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise Failed(f"{what} raised {text}{_place(error.__traceback__)}") from error


def _listening(heard: Heard | None) -> Any:
    return contextlib.nullcontext() if heard is None else contextlib.redirect_stdout(heard)


def _place(trace: TracebackType | None) -> str:
    """Return the last line of the user's own code that a traceback names."""
    place = ""
    while trace is not None:
        source = trace.tb_frame.f_code.co_filename
        if not source.startswith((_OWN, "<")) and "site-packages" not in source:
            place = f", at {Path(source).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
