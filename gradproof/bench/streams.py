"""Compiled passes over memory, for measuring it: alone, and with a part of the arrays for each thread."""

from __future__ import annotations

from typing import Any

from numba import njit, prange

_compiled = njit(fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")


def _copied(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = x[i]


def _added(x: Any) -> Any:
    total = x[:1].sum()
    for i in range(x.size):
        total += x[i]
    return total


def _changed(x: Any, by: Any) -> None:
    for i in range(x.size):
        x[i] += by


copied, added, changed = _compiled(_copied), _compiled(_added), _compiled(_changed)


def _copy(x: Any, y: Any, passes: Any) -> None:
    for _ in range(passes):
        copied(x, y)


def _read(x: Any, y: Any, passes: Any) -> None:
    for _ in range(passes):
        y[0] += added(x)


def _in_place(x: Any, y: Any, passes: Any) -> None:
    for k in range(passes):
        changed(x, y[k % y.size])


def _in_parts(one: Any) -> Any:
    def together(x: Any, y: Any, threads: Any, passes: Any) -> None:
        for p in prange(threads):
            low, high = x.size * p // threads, x.size * (p + 1) // threads
            one(x[low:high], y[low:high], passes)

    return njit(parallel=True)(together)


def _both(function: Any) -> tuple[Any, Any]:
    alone = _compiled(function)
    return alone, _in_parts(alone)


#: For each name (x, y, passes) alone, and (x, y, threads, passes).
STREAMS: dict[str, tuple[Any, Any]] = {"copy": _both(_copy), "read": _both(_read), "in_place": _both(_in_place)}
