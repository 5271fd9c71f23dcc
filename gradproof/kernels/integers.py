"""Integer expressions to text: indices, sizes, exact quotients, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Basic, Expr, Integer, Mul, Pow

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Quotient
from gradproof.errors import InputError, InternalError
from gradproof.kernels.division import Rest, Whole
from gradproof.kernels.plan import Storage

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer


def is_integer(e: Basic, storage: dict[str, Storage]) -> bool:
    """Is the expression made of indices, sizes, labels and integers alone?"""
    if isinstance(e, Integer | Index | Size | Quotient | Whole):
        return True
    if isinstance(e, Element):
        return storage[e.name].integer
    if isinstance(e, Pow):
        return is_integer(e.base, storage) and bool(e.exp.is_Integer and e.exp > 0)
    return isinstance(e, Add | Mul) and all(is_integer(a, storage) for a in e.args)


def real_text(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    """Return the text of an integer expression that is used as a number: `real(i + 1)`, `real(np.float64(n)**4)`.

    Sums of indices and sizes stay integers; products and powers are made in float64, where they cannot wrap around.
    """
    if isinstance(e, Index):
        return f"real({integer_text(e, writer, facts).removeprefix('(').removesuffix(')')})"
    return f"real({integer_text(e, writer, facts) if _is_small(e) else _wide(e, writer, facts)})"


def _is_small(e: Expr) -> bool:
    """Is it far from 2**63 whatever the arrays: a sum of indices, sizes, labels and quotients, with small factors?"""
    if isinstance(e, Integer):
        return bool(abs(e) < 2**32)
    if isinstance(e, Quotient):
        return _is_small(e.num)
    if isinstance(e, Add):
        return all(_is_small(a) for a in e.args)
    number, rest = e.as_coeff_Mul()
    return bool(abs(number) < 2**20) and isinstance(rest, Index | Size | Element | Quotient)


def _wide(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    """Return the text in float64."""
    if isinstance(e, Integer):
        return repr(float(e))
    if _is_small(e):
        return f"np.float64({integer_text(e, writer, facts)})"
    if isinstance(e, Pow):
        return f"{_wide_factor(e.base, writer, facts)}**{e.exp}"
    if isinstance(e, Quotient):
        return f"{_wide_factor(e.num, writer, facts)}/{_wide_factor(e.den, writer, facts)}"
    joined = " + " if isinstance(e, Add) else "*"
    return joined.join(_wide_factor(a, writer, facts) for a in e.args)


def _wide_factor(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    text = _wide(e, writer, facts)
    return text if _is_small(e) and text[0] != "-" else f"({text})"


def integer_text(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    """Return the text of an integer expression.

    Raises:
        InputError: a number that no 64-bit integer holds.
    """
    if isinstance(e, Integer):
        if abs(e) >= 2**63:
            raise InputError(f"the integer {e} is too large for an index or a comparison", expected="less than 2**63")
        return str(int(e))
    if isinstance(e, Index):
        return writer.scope.index(e)
    if isinstance(e, Size):
        return writer.scope.names[e]
    if isinstance(e, Element):
        return writer.element(e, facts)
    if isinstance(e, Quotient | Whole):
        sign = "%" if isinstance(e, Rest) else "//"
        return f"{tight_text(e.num, writer, facts)}{sign}{tight_text(e.den, writer, facts)}"
    if isinstance(e, Add):
        return _sum(e, writer, facts)
    if isinstance(e, Mul):
        return _product(e, writer, facts)
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0:
        return "*".join([tight_text(e.base, writer, facts)] * int(e.exp))
    raise InternalError(f"no integer source form for {type(e).__name__}: {e}")


def tight_text(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    """Return the text of an integer expression, in brackets where it is no single name or number."""
    text = integer_text(e, writer, facts)
    return f"({text})" if isinstance(e, Add | Mul | Quotient | Whole) else text


def _sum(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    terms = sorted(e.args, key=lambda t: (t.is_Integer, bool(t.as_coeff_Mul()[0] < 0)))
    if terms[0].as_coeff_Mul()[0] < 0:
        terms.sort(key=lambda t: bool(t.as_coeff_Mul()[0] < 0))
    text = integer_text(terms[0], writer, facts)
    for t in terms[1:]:
        negative = t.as_coeff_Mul()[0] < 0
        text += (" - " if negative else " + ") + integer_text(-t if negative else t, writer, facts)
    return text


def _product(e: Expr, writer: Writer, facts: tuple[Expr, ...]) -> str:
    number, rest = e.as_coeff_Mul()
    parts = [tight_text(f, writer, facts) for f in Mul.make_args(rest)]
    if number == -1:
        return "-" + "*".join(parts)
    return "*".join([*([str(number)] if number != 1 else []), *parts])
