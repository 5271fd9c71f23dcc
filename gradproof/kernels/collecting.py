"""Python's collector waits while a kernel is made and compiled.

Planning, text and above all numba make very many small objects that all live until the work is done. Looking through
them for garbage again and again took a sixth of the time of a large kernel.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Wait:
    """How many blocks are under way, and whether the collector ran before the first of them began."""

    def __init__(self) -> None:
        self.lock, self.blocks, self.ran = Lock(), 0, False

    def begin(self) -> None:
        with self.lock:
            if not self.blocks:
                self.ran = gc.isenabled()
                gc.disable()
            self.blocks += 1

    def end(self) -> None:
        with self.lock:
            self.blocks -= 1
            if not self.blocks and self.ran:
                _pass_for_old()
                gc.enable()


def _pass_for_old() -> None:
    """Put what was made among the oldest objects: the collector looks through all of them when it next does, not now.

    Where a program has frozen objects of its own, they stay frozen, and the collector runs as it would.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


_WAIT = _Wait()


@contextmanager
def collected_later() -> Iterator[None]:
    """Let the collector wait until the last of such blocks ends, in whichever thread; a name for `with` and functions.

    >>> with collected_later():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    _WAIT.begin()
    try:
        yield
    finally:
        _WAIT.end()
