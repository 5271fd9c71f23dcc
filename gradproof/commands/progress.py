"""Progress on stderr: only on a terminal, and only for what takes longer than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 0.7
"""Seconds before anything is shown: what is quicker needs no explanation."""

Report = Callable[[str], None]
"""Called with what is being done now."""


@contextmanager
def progress(doing: str) -> Iterator[Report]:
    """Show what is being done while the body runs; the body may call the result to change the words."""
    if not sys.stderr.isatty():
        yield lambda doing: None
        return
    from rich.console import Console
    from rich.text import Text

    status = Console(stderr=True).status(Text(doing))
    timer = threading.Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda doing: status.update(Text(doing))
    finally:
        timer.cancel()
        timer.join()
        status.stop()
