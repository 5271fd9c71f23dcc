"""A module of the helpers alone, with a loop over an array for each: what tests and benchmarks run."""

from __future__ import annotations

from collections.abc import Iterable

from gradproof.kernels.prolog import DECORATORS
from gradproof.kernels.vector.text import helper_imports, helpers_text

_LOOP = '''\
@loops
def {name}_of({lists}, y):
    """Write {name} of each element into y."""
    for i in range(y.size):
        y[i] = {name}({elements})
'''
_TWO = ("maximum", "minimum", "copysign", "power")


def loops_text(names: Iterable[str], dtype: str, beside: Iterable[str] = ()) -> str:
    """Return a module that defines the named helpers, and for each a function `NAME_of` from arrays to an array.

    Args:
        names: of helpers.
        dtype: "float32" or "float64".
        beside: further helpers, without such functions.
    """
    names = tuple(names)
    helpers = helpers_text((*names, *beside), dtype)
    head = [
        "import numpy as np",
        "from numba import njit",
        *helper_imports(helpers),
        "",
        DECORATORS.format(dtype=dtype),
    ]
    return "\n\n\n".join(["\n".join(head).rstrip(), helpers, *[_loop(n).rstrip() for n in names]]) + "\n"


def _loop(name: str) -> str:
    lists = ("x", "z") if name in _TWO else ("x",)
    return _LOOP.format(name=name, lists=", ".join(lists), elements=", ".join(f"{v}[i]" for v in lists))
