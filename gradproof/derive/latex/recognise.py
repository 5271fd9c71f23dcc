"""Is a function that a page defines one of the notation's? Decided by exact algebra, never by its name."""

from __future__ import annotations

import sympy as sp

from gradproof.derive import syntax
from gradproof.derive.functions import ARGS, FUNCTIONS

#: Functions that pages define; each is compared with the table's definition.
CANDIDATES = (
    "sigmoid",
    "tanh",
    "relu",
    "softplus",
    "abs",
    "sinh",
    "cosh",
    "exp",
    "log",
    "sin",
    "cos",
    "sign",
    "log1p",
    "expm1",
)
#: No candidate has a power; large ones would only take time.
MAX_EXPONENT = 8
_X = ARGS[0]


def recognise(body: syntax.Node, parameter: str) -> str:
    """Return the name of the notation's function that the body is for every argument, or "".

    Args:
        body: the function's body.
        parameter: the name of its one argument.
    """
    try:
        own = _expression(body, parameter)
    except _Other:
        return ""
    for name in CANDIDATES:
        if _equal(own, FUNCTIONS[name].definition):
            return name
    return ""


class _Other(Exception):
    """The body holds something that no candidate has."""


def _expression(node: syntax.Node, parameter: str) -> sp.Expr:
    def go(n: syntax.Node) -> sp.Expr:
        return _expression(n, parameter)

    match node:
        case syntax.Number():
            return sp.Rational(node.text)
        case syntax.Name() if node.name == parameter:
            return _X
        case syntax.Unary():
            return -go(node.operand)
        case syntax.Binary():
            return _binary(node.op, go(node.left), go(node.right))
        case syntax.Apply(name="where"):
            return _where(node, parameter)
        case syntax.Apply(name="sqrt"):
            return sp.sqrt(go(node.arguments[0]))
        case syntax.Apply() if node.name in FUNCTIONS:
            pairs = dict(zip(ARGS, (go(a) for a in node.arguments), strict=False))
            return FUNCTIONS[node.name].definition.subs(pairs, simultaneous=True)
    raise _Other


def _binary(op: str, a: sp.Expr, b: sp.Expr) -> sp.Expr:
    if op == "**" and not (b.is_Rational and abs(b.p) <= MAX_EXPONENT and b.q <= 2 and (b.is_Integer or a.is_positive)):
        raise _Other
    return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b != 0 else sp.nan, "**": a**b}[op]


def _where(node: syntax.Apply, parameter: str) -> sp.Expr:
    """`where(z > 0, z, 0)` is max(0, z): the larger of the two where the comparison is of their difference."""
    test, yes, no = node.arguments
    if not isinstance(test, syntax.Compare) or len(test.ops) != 1 or test.ops[0] not in ("<", "<=", ">", ">="):
        raise _Other
    left, right = (_expression(o, parameter) for o in test.operands)
    gap = left - right if test.ops[0] in (">", ">=") else right - left
    a, b = _expression(yes, parameter), _expression(no, parameter)
    if sp.expand(a - b - gap) == 0:
        return sp.Max(a, b)
    if sp.expand(a + b) == 0 and sp.expand(a - gap) == 0:
        return sp.Abs(a)
    raise _Other


def _equal(a: sp.Expr, b: sp.Expr) -> bool:
    """Are a and b equal for every real argument? A "no" may only mean that it is not seen."""
    if a == b:
        return True
    if isinstance(a, sp.log) and isinstance(b, sp.log):
        return _equal(a.args[0], b.args[0])
    kinds = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.log)
    if a.has(*kinds) or b.has(*kinds):
        return False
    exponential = sp.Symbol("E", positive=True)
    a, b = (sp.expand(e.rewrite(sp.exp)).subs(sp.exp(_X), exponential) for e in (a, b))
    difference = _in_powers(a, exponential) - _in_powers(b, exponential)
    return not difference.has(sp.I, sp.nan, sp.zoo) and sp.cancel(sp.together(difference)) == 0


def _in_powers(e: sp.Expr, exponential: sp.Symbol) -> sp.Expr:
    """Write exp(k x) as the k-th power of E."""
    return e.replace(
        lambda x: isinstance(x, sp.exp) and (x.args[0] / _X).is_Integer, lambda x: exponential ** (x.args[0] / _X)
    )
