"""The sizes of a problem, with what they are called."""

from __future__ import annotations

import numpy as np

from gradproof.verify.diagnosis.case import Case


def sizes(case: Case) -> dict[int, str]:
    """Return {size: what it is the size of, in words}, sizes above 1, in the order of the inputs.

    A size of the system has the system's name: "m = 32". Without one it is the length of an input's axis.
    """
    found: dict[int, list[str]] = {}
    for name, a in zip(case.names, case.inputs, strict=False):
        shape = np.shape(a)
        for axis, n in enumerate(shape):
            found.setdefault(int(n), []).append(_axis(name, axis, len(shape)))
    named = _by_system(case)
    if case.cotangent is not None:
        shape = np.shape(case.cotangent)
        for axis, n in enumerate(shape):
            found.setdefault(int(n), []).append(_axis("the output", axis, len(shape)))
    out = {n: named.get(n, "") or _several(words) for n, words in found.items() if n > 1}
    for name, a in zip(case.names, case.inputs, strict=False):
        if np.ndim(a) > 1 and np.size(a) > 1:
            out.setdefault(int(np.size(a)), f"the number of entries of `{name}`")
    if case.cotangent is not None and np.ndim(case.cotangent) > 1:
        out.setdefault(int(np.size(case.cotangent)), "the number of entries of the output")
    return out


def _axis(name: str, axis: int, rank: int) -> str:
    called = name if name == "the output" else f"`{name}`"
    if rank == 1:
        return f"the length of {called}"
    if rank == 2:
        return f"the {'rows' if axis == 0 else 'columns'} of {called}"
    return f"axis {axis} of {called}"


def _several(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{words[0]} and {words[1]}"


def _by_system(case: Case) -> dict[int, str]:
    """Return the system's names of sizes that are a plain axis of an input; a number that two have is left out."""
    if case.system is None:
        return {}
    found: dict[int, set[str]] = {}
    for name, a in zip(case.names, case.inputs, strict=False):
        tensor = case.system.by_name.get(name)
        if tensor is not None and len(tensor.shape) == np.ndim(a):
            for size, n in zip(tensor.shape, np.shape(a), strict=True):
                if size.is_Symbol:
                    found.setdefault(int(n), set()).add(str(size))
    return {n: f"the size {next(iter(s))}" for n, s in found.items() if len(s) == 1}
