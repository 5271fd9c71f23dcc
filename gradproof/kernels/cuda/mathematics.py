"""Functions in kernels: CUDA's own precise ones, and what is made of them.

In the simulator, where kernels are plain Python, they are NumPy's: those of `math` raise where CUDA gives inf or nan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import ceil

from gradproof.kernels.cuda.elimination import ELIMINATION
from gradproof.kernels.mathematics import FORMS

#: As `math` has them, which numba maps to CUDA's library in the type of their argument.
_LIBRARY = ("exp", "log", "log1p", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "floor", "erf", "erfc")

_HELPERS = {
    "arctan": '''\
@device
def arctan(x):
    """The angle whose tangent is x."""
    return atan(x)
''',
    "maximum": '''\
@device
def maximum(x, y):
    """The larger one; nan if one is nan."""
    return x if x > y or x != x else y
''',
    "minimum": '''\
@device
def minimum(x, y):
    """The smaller one; nan if one is nan."""
    return x if x < y or x != x else y
''',
    "sigmoid": '''\
@device
def sigmoid(x):
    """1/(1 + exp(-x)), without overflow."""
    e = exp(-abs(x))
    return real(1.0)/(real(1.0) + e) if x >= 0 else e/(real(1.0) + e)
''',
    "softplus": '''\
@device
def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return log1p(exp(-abs(x))) + (x if x > 0 or x != x else real(0.0))
''',
    "relu": '''\
@device
def relu(x):
    """max(0, x); nan for nan."""
    return x if x > 0 or x != x else real(0.0)
''',
    "sign": '''\
@device
def sign(x):
    """1, 0 or -1; nan for nan."""
    return real(1.0) if x > 0 else (real(-1.0) if x < 0 else x)
''',
    "clip": '''\
@device
def clip(x, low, high):
    """x, but low where it is less and high where it is more; high where low > high."""
    return minimum(maximum(x, low), high)
''',
    "square": '''\
@device
def square(x):
    """x*x."""
    return x*x
''',
    "cube": '''\
@device
def cube(x):
    """x*x*x."""
    return x*x*x
''',
    "moved": '''\
NEAR = real(2.0)  # how far a term may lie above what exponentials are taken less of


@device
def moved(total, before, after):
    """Return a sum of exponentials less `before` as one less `after`; in float64, for it is done again and again."""
    return total*exp(np.float64(before) - np.float64(after)) if total != 0 else total
''',
    "less": '''\
@device
def less(x, y):
    """x - y, whatever is taken from that."""
    return x - y
''',
    "power": '''\
@device
def power(x, y):
    """x**y."""
    return pow(x, y)
''',
}
_HELPERS |= {
    f.name: f.source.replace("@loops", "@device").replace("np.log(", "log(") for f in FORMS.values() if f.source
}
_HELPERS |= ELIMINATION
#: In the order in which a module holds them: each after those that it calls.
_ORDER = (
    "arctan",
    "maximum",
    "minimum",
    "sigmoid",
    "softplus",
    "relu",
    "sign",
    "clip",
    "square",
    "cube",
    "moved",
    "less",
    "power",
    "solve_rows",
    "log_abs_det",
    *ELIMINATION,
)


#: The greatest errors of CUDA's functions in units in the last place, float32 and float64: NVIDIA's table as intel/llvm
#: copies it, perhaps of an older edition; nothing here was measured on a device.
#: Those with 0 are not in the table.
_ULPS = {
    "exp": (2, 1), "log": (1, 1), "log1p": (1, 1), "expm1": (1, 1), "sin": (2, 1), "cos": (2, 1), "tan": (4, 2),
    "sinh": (3, 1), "cosh": (2, 1), "tanh": (2, 1), "erf": (2, 2), "erfc": (4, 4), "atan": (2, 2), "pow": (8, 2),
}  # fmt: skip


#: The greatest error of the fast exp of x in ulps: the first, and the second for each unit of |x|.
_FAST_EXP = 2, 1.173

#: CUDA's fast functions of float32 and their greatest errors, by copies of the table in NVIDIA's programming guide (of
#: its "intrinsic functions"); nothing here was measured on a device. Powers are not among them: of a negative number
#: they would be nan.
_FAST = {
    "exp": ("fast_expf", "{} + |{} x| ulps".format(*_FAST_EXP)),
    "log": ("fast_logf", "2**-21.41 where 0.5 <= x <= 2, else 3 ulps"),
    "sin": ("fast_sinf", "2**-21.41 where |x| <= pi, else more"),
    "cos": ("fast_cosf", "2**-21.19 where |x| <= pi, else more"),
}

_DOCSTRING = re.compile('""".*?"""', flags=re.DOTALL)


def bounds(text: str, dtype: str, *, fast: bool = False) -> str:
    """Return the errors of CUDA's functions that a text calls, in words: "exp 2, log 1"; not those of fast ones."""
    column = ("float32", "float64").index(dtype)
    left = [n for n in sorted(_ULPS) if n not in (fast_names(text) if fast else ())]
    return ", ".join(f"{n} {_ULPS[n][column]}" for n in left if _calls(text, n))


def fast_names(text: str) -> tuple[str, ...]:
    """Return the functions that a text calls and of which there are fast ones; eliminations stay precise."""
    determinant = _calls(text, "log_abs_det") or _calls(text, "log_abs_det_together")
    return tuple(n for n in _FAST if _calls(text, n) and not (n == "log" and determinant))


def fast_bounds(text: str) -> str:
    """Return the errors of fast functions that a text calls, in words."""
    return "; ".join(f"{n} {_FAST[n][1]}" for n in fast_names(text))


def fast_sums(text: str) -> tuple[str, ...]:
    """Return lines that say how far off sums are that a text moves by the fast exp; `online` has the reasons."""
    if not _calls(text, "moved") or "exp" not in fast_names(text):
        return ()
    call, unit = fast_call()
    moved, each, once = (ceil(10 * x) / 10 for x in (4 * call + 8 * unit, call / 2 + unit, unit))
    return (
        "Sums of exponentials that are found along with a maximum are moved by the fast exp too (`moved`), in float32:",
        f"a term d below the maximum is off by at most {moved} + {each} d ulps, in two passes by {call} + {once} d.",
    )


def fast_call() -> tuple[float, float]:
    """Return the errors of the fast exp of a difference in ulps: of a call, and for each unit of the difference."""
    return _FAST_EXP[0], _FAST_EXP[1] + 0.5  # half an ulp where the difference is rounded


def helpers(text: str) -> list[str]:
    """Return the definitions of the functions that a text calls, with those that these call."""
    needed = {n for n in _ORDER if _calls(text, n)}
    needed |= {n for n in _ORDER for m in needed if _calls(_HELPERS[m], n)}
    return [_HELPERS[n].rstrip() for n in _ORDER if n in needed]


def library_imports(texts: Iterable[str], *, simulated: bool, fast: bool = False) -> list[str]:
    """Return the lines that import what the texts call of the library; the simulator has no fast functions."""
    text = "\n".join(texts)
    names = sorted(n for n in (*_LIBRARY, "atan", "pow") if _calls(text, n))
    if not simulated:
        quick = fast_names(text) if fast else ()
        lines = [f"from numba.cuda.libdevice import {_FAST[n][0]} as {n}" for n in quick]
        precise = [n for n in names if n not in quick]
        return [*([f"from math import {', '.join(precise)}"] if precise else []), *lines]
    plain = [{"atan": "arctan as atan", "pow": "power as pow"}.get(n, n) for n in names if n not in ("erf", "erfc")]
    lines = [f"from numpy import {', '.join(plain)}"] if plain else []
    others = [n for n in ("erf", "erfc") if n in names]
    return [*([f"from math import {', '.join(others)}"] if others else []), *lines]


def _calls(text: str, name: str) -> bool:
    """Does the code of a text call a function? What its docstrings mention is no call."""
    return re.search(rf"(?<![\w.]){name}\(", _DOCSTRING.sub("", text)) is not None
