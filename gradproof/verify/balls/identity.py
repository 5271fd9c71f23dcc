"""Code that asks whether a type *is* float or np.float64: a stand-in is equal to it, and is not it."""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType

_TYPES = frozenset({"float", "float64", "double", "float32", "single", "float16"})


@lru_cache(maxsize=4096)
def asks_identity(code: CodeType) -> bool:
    """Does a function, or one defined in it, have `... is float`, or `float is ...`, for a type with a stand-in?"""
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return (not _TYPES.isdisjoint(code.co_names) and _compares(code)) or any(asks_identity(c) for c in inner)


def _compares(code: CodeType) -> bool:
    steps = [i for i in dis.get_instructions(code) if i.opname not in ("CACHE", "EXTENDED_ARG")]
    return any(
        step.opname == "IS_OP" and (_names_type(right) or (_names_type(left) and right.opname.startswith("LOAD")))
        for left, right, step in zip(steps, steps[1:], steps[2:], strict=False)
    )


def _names_type(step: dis.Instruction) -> bool:
    return step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR") and step.argval in _TYPES
