"""Source forms of the scalar functions: what a call looks like, and the helper that a module must then hold.

Forms are stable: no overflow in sigmoid and softplus, and nan goes in, nan comes out. Each helper works on numba
scalars of the module's own type `real` and on NumPy scalars alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from gradproof.derive.functions import FUNCTIONS


@dataclass(frozen=True, slots=True)
class Form:
    """How a function is written.

    Attributes:
        name: what is called in the generated source.
        origin: "numpy" or "math", where it is imported from; "helper" where `source` defines it.
        source: the helper's definition.
    """

    name: str
    origin: str = "numpy"
    source: str = ""


_SIGMOID = '''\
@scalar
def sigmoid(x):
    """1/(1 + exp(-x)), without overflow."""
    if x >= 0:
        return real(1.0)/(real(1.0) + np.exp(-x))
    e = np.exp(x)
    return e/(real(1.0) + e)
'''
_SOFTPLUS = '''\
@scalar
def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, real(0.0)) + np.log1p(np.exp(-abs(x)))
'''
_RELU = '''\
@scalar
def relu(x):
    """max(0, x)."""
    return np.maximum(x, real(0.0))
'''
_SIGN = '''\
@scalar
def sign(x):
    """1, 0 or -1; nan for nan."""
    return real(1.0) if x > 0 else (real(-1.0) if x < 0 else x)
'''
_CLIP = '''\
@scalar
def clip(x, low, high):
    """x, but low where it is less and high where it is more; high where low > high."""
    return np.minimum(np.maximum(x, low), high)
'''
_SQUARE = '''\
@scalar
def square(x):
    """x*x."""
    return x*x
'''
_CUBE = '''\
@scalar
def cube(x):
    """x*x*x."""
    return x*x*x
'''
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
_SAME_IN_NUMPY = ("exp", "log", "log1p", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "floor")

#: Function of the notation (or of the emitter) -> its form. `sqrt`, `power`, `square` and `cube` write powers.
FORMS = MappingProxyType(
    {
        **{n: Form(n) for n in _SAME_IN_NUMPY},
        "sqrt": Form("sqrt"),
        "power": Form("power"),
        "max": Form("maximum"),
        "min": Form("minimum"),
        "abs": Form("abs", "builtin"),
        "erf": Form("erf", "math"),
        "sigmoid": Form("sigmoid", "helper", _SIGMOID),
        "softplus": Form("softplus", "helper", _SOFTPLUS),
        "relu": Form("relu", "helper", _RELU),
        "sign": Form("sign", "helper", _SIGN),
        "clip": Form("clip", "helper", _CLIP),
        "square": Form("square", "helper", _SQUARE),
        "cube": Form("cube", "helper", _CUBE),
        "solve_rows": Form("solve_rows", "helper", _SOLVE_ROWS),
        "log_abs_det": Form("log_abs_det", "helper", _LOG_ABS_DET),
    }
)  # fmt: skip
if missing := sorted({f.name for f in FUNCTIONS.values() if not f.constant} - set(FORMS)):
    raise AssertionError(f"no source form for {', '.join(missing)}")
