"""Arrays whose memory is nobody's business: it holds addresses of numbers, where compiled code expects floats.

Such code may write over them, and Python ends with the next number that is read. So nothing gives the memory away, and
code that asks for it, or for the dtype in order to trust it, gets an error in its place.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

#: Attributes and methods that give away the memory of an array. Python asks `__buffer__` from 3.12 on.
_ATTRIBUTES = ("data", "ctypes", "__array_interface__", "__array_struct__")
_METHODS = (
    "tobytes",
    "tostring",
    "tofile",
    "dump",
    "dumps",
    "byteswap",
    "getfield",
    "newbyteorder",
    "__reduce__",
    "__dlpack__",
    "__buffer__",
)
_LOADS = ("LOAD_ATTR", "LOAD_METHOD")
_ASKING = ("getattr", "hasattr")


def sealed(kind: type, refuse: Callable[[Any, str], Any]) -> None:
    """Give a class of arrays properties and methods that refuse to give its memory away."""
    for name in _ATTRIBUTES:
        setattr(kind, name, property(lambda self: refuse(self, "the memory of an array is read")))
    for name in _METHODS:
        setattr(kind, name, _refusing(name, refuse))


def _refusing(name: str, refuse: Callable[[Any, str], Any]) -> Any:
    def method(self: Any, *_: Any, **__: Any) -> Any:
        return refuse(self, f"the memory of an array is read by .{name.strip('_')}() (as the key of a cache?)")

    return method


def python_asks(frame: FrameType, name: str) -> bool:
    """Does Python code itself, at its current instruction, ask for the attribute? Else compiled code below it does."""
    return frame.f_lasti in _places(frame.f_code, name)


@lru_cache(maxsize=4096)
def _places(code: CodeType, name: str) -> frozenset[int]:
    """Return the offsets, caches included, at which `x.name`, `getattr(x, "name")` or `hasattr` may be under way."""
    steps = [i for i in dis.get_instructions(code) if i.opname not in ("CACHE", "EXTENDED_ARG")]
    ends = [i.offset for i in steps[1:]] + [len(code.co_code)]
    found: set[int] = set()
    for k, (step, end) in enumerate(zip(steps, ends, strict=True)):
        if (step.opname in _LOADS and step.argval == name) or _asks_by_text(steps, k, name):
            found.update(range(step.offset, end, 2))
    return frozenset(found)


def _asks_by_text(steps: list[dis.Instruction], k: int, name: str) -> bool:
    """Is the instruction a call of `getattr(x, "name")`, with a default of one instruction or without, or `hasattr`?"""
    if steps[k].opname.startswith("CALL") and steps[k - 1].opname == "PRECALL":
        k -= 1
    if not steps[k].opname.startswith(("CALL", "PRECALL")):  # Python 3.11 may make the call at the latter
        return False
    texts = [i for i in (k - 1, k - 2) if i >= 0 and steps[i].argval == name and steps[i].opname.startswith("LOAD")]
    return bool(texts) and any(s.argval in _ASKING for s in steps[:k] if s.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
