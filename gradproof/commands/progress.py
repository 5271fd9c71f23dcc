"""Progress on stderr: only on a terminal, and only for what takes longer than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

PATIENCE = 0.7
"""Seconds before anything is shown: what is quicker needs no explanation."""


class Report(Protocol):
    """Called with what is being done now."""

    def __call__(self, doing: str) -> None: ...


@contextmanager
def progress(doing: str) -> Iterator[Report]:
    """Show what is being done while the body runs; the body may call the result to change the words."""
    if not sys.stderr.isatty():
        yield lambda doing: None
        return
    from rich.console import Console

    status = Console(stderr=True).status(doing)
    timer = threading.Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield status.update
    finally:
        timer.cancel()
        timer.join()
        status.stop()
