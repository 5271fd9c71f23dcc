"""Functions of a module that do the same under other names: one is compiled for all.

Rows of equations that are alike, as those of a block's norms, are functions of their own in the text, with the names
and numbers of their equations.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from numba.core.dispatcher import Dispatcher


def merge_twins(names: dict[str, Any]) -> None:
    """Put one compiled function of a module in the place of those that differ from it in names alone.

    Args:
        names: what the names of the module stand for.
    """
    known: dict[Hashable, list[Any]] = {}
    for name, function in list(names.items()):
        if isinstance(function, Dispatcher) and function.py_func.__globals__ is names:
            others = known.setdefault(_what_it_does(function), [])
            twin = next((f for f in others if f.targetoptions == function.targetoptions), None)
            if twin is None:
                others.append(function)
            else:
                names[name] = twin


def _what_it_does(function: Any) -> Hashable:
    """Return what two functions of a module have in common if they do the same: all but names, lines and docstring.

    Texts among the constants may name arguments, and other functions are known by their names.
    """
    code = function.py_func.__code__
    constants = code.co_consts[1:] if function.py_func.__doc__ else code.co_consts
    named = code.co_varnames if any(isinstance(c, str) for c in constants) else len(code.co_varnames)
    # 0, 0.0 and -0.0 are equal and not the same: their texts differ
    taken = code.co_argcount, code.co_flags, code.co_freevars, repr(function.py_func.__defaults__)
    return code.co_code, code.co_exceptiontable, repr(constants), named, code.co_names, *taken
