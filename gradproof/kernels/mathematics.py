"""Source forms of the scalar functions: what a call looks like, and the helper that a module must then hold.

Forms are stable: no overflow in sigmoid and softplus, and nan goes in, nan comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from gradproof.derive.functions import FUNCTIONS
from gradproof.kernels.vector import ULPS, helper_imports, helpers_text
from gradproof.kernels.vector.shared import mathematics_import


@dataclass(frozen=True, slots=True)
class Form:
    """How a function is written.

    Attributes:
        name: what is called in the generated source.
        origin: "numpy", where it is imported from; "builtin"; "vector" for a helper of the vector mathematics, whose
            text depends on the type; "helper" where `source` defines it.
        source: the helper's definition.
    """

    name: str
    origin: str = "numpy"
    source: str = ""


_SOLVE_ROWS = '''\
@loops
def solve_rows(a, b):
    """Write the solution x of a x = b over b, by elimination with the largest pivot of each column; a is used up."""
    n, p = b.shape
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[best, k]):
                best = i
        for j in range(n):
            a[k, j], a[best, j] = a[best, j], a[k, j]
        for j in range(p):
            b[k, j], b[best, j] = b[best, j], b[k, j]
        for i in range(k + 1, n):
            factor = a[i, k]/a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= factor*a[k, j]
            for j in range(p):
                b[i, j] -= factor*b[k, j]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            for j in range(p):
                b[i, j] -= a[i, k]*b[k, j]
        for j in range(p):
            b[i, j] /= a[i, i]
'''
_LOG_ABS_DET = '''\
@loops
def log_abs_det(a):
    """Return log|det a|, by elimination with the largest pivot of each column; a is used up."""
    n, total = a.shape[0], 0.0
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[best, k]):
                best = i
        for j in range(n):
            a[k, j], a[best, j] = a[best, j], a[k, j]
        total += np.log(abs(a[k, k]))
        for i in range(k + 1, n):
            factor = a[i, k]/a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= factor*a[k, j]
    return total
'''
_SAME_IN_NUMPY = ("tan", "sinh", "cosh", "arctan")
_SAME_IN_VECTOR = (
    "exp", "log", "log1p", "expm1", "tanh", "erf", "sigmoid", "softplus", "sqrt", "floor", "relu", "sign", "clip",
    "square", "cube", "less", "sin", "cos", "power",
)  # fmt: skip

#: The emitter's own functions, named as none of the notation is: 1 - erf(x), (1 + erf(x/sqrt(2)))/2, exp(-x**2/2).
COMPLEMENT, NORMAL, BELL = "1 - erf", "(1 + erf)/2", "exp of a square"

#: Function of the notation (or of the emitter) -> its form. `sqrt`, `power`, `square` and `cube` write powers.
FORMS = MappingProxyType(
    {
        **{n: Form(n, "vector") for n in _SAME_IN_VECTOR},
        **{n: Form(n) for n in _SAME_IN_NUMPY},
        COMPLEMENT: Form("erfc", "vector"),
        NORMAL: Form("normal", "vector"),
        BELL: Form("bell", "vector"),
        "max": Form("maximum", "vector"),
        "min": Form("minimum", "vector"),
        "abs": Form("abs", "builtin"),
        "solve_rows": Form("solve_rows", "helper", _SOLVE_ROWS),
        "log_abs_det": Form("log_abs_det", "helper", _LOG_ABS_DET),
    }
)
if missing := sorted({f.name for f in FUNCTIONS.values() if not f.constant} - set(FORMS)):
    raise AssertionError(f"no source form for {', '.join(missing)}")


def lent(forms: Iterable[str], dtype: str) -> list[str]:
    """Return the lines that take the named forms from the module that kernels in the cache share, an import first."""
    names = sorted({FORMS[n].name for n in forms if FORMS[n].origin == "vector"})
    return mathematics_import(names, dtype) if names else []


def definitions(forms: Iterable[str], dtype: str, *, own_only: bool = False) -> list[str]:
    """Return the texts that define the named forms in a module of that type, with what they need.

    Args:
        forms: their names.
        dtype: the module's type.
        own_only: leave the vector mathematics out, which the module takes from elsewhere.
    """
    used = set(forms)
    vector = "" if own_only else helpers_text((FORMS[n].name for n in used if FORMS[n].origin == "vector"), dtype)
    own = [FORMS[n].source.rstrip() for n in FORMS if n in used and FORMS[n].origin == "helper"]
    return [*([vector] if vector else []), *own]


def form_imports(forms: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the lines of imports that a module with these forms and definitions needs beside numpy and njit."""
    names = sorted(FORMS[n].name for n in set(forms) if FORMS[n].origin == "numpy")
    return [*helper_imports("\n".join(texts)), *([f"from numpy import {', '.join(names)}"] if names else [])]


def bounds_text(forms: Iterable[str], dtype: str) -> str:
    """Return the errors of the functions in words: "exp 1, tanh 1.5"; none of those that round once or not at all."""
    names = sorted({FORMS[n].name for n in forms if FORMS[n].origin == "vector"})
    return ", ".join(f"{n} {ULPS[n, dtype]:g}" for n in names if ULPS[n, dtype] > 0.5 and n != "cube")
