"""The mark on the cotangent of a start row, until the adjoint's contribution at that fixed slot takes its place."""

from __future__ import annotations

_MARK = "@start"


def start_mark(cotangent: str) -> str:
    """Return the marked name.

    >>> start_mark("t_h")
    't_h@start'
    """
    return cotangent + _MARK


def is_marked(name: str) -> bool:
    """Is it the cotangent of a start row?"""
    return name.endswith(_MARK)


def unmarked(name: str) -> str:
    """Return the name as it is shown: read at row -1, it says by itself that it is the start row's."""
    return name.removesuffix(_MARK)
