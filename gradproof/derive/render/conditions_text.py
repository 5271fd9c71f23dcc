"""Conditions as text: `j != i`, `0 <= t+1 < T`, `(h+p) % s == 0`, `z[i] > 0`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Add, Expr, S

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import free_indices
from gradproof.derive.render.pretty import words

if TYPE_CHECKING:
    from gradproof.derive.render.mathtext import Writer

_UNICODE = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}
_REAL = {"gt": ">", "gte": ">=", "same": "==", "differs": "!="}


def condition_texts(conditions: Sequence[Condition], writer: Writer, scope: Sequence[Index]) -> list[str]:
    """Return one text a condition; 0 <= e and e < n become the chain 0 <= e < n."""
    left = list(conditions)
    out = []
    for low in [c for c in left if c.kind == "ge"]:
        high = next((c for c in left if c is not low and c.kind == "ge" and _closes(low, c)), None)
        if low in left and high is not None:
            e = low.operands[0]
            size = sp.expand(e + high.operands[0] + 1)
            out.append(_spell(writer, "0", "<=", writer.index(e), "<", writer.index(size)))
            left = [c for c in left if c is not low and c is not high]
    return out + [_one(c, writer, scope) for c in left]


def _closes(low: Condition, high: Condition) -> bool:
    """Are the two 0 <= e and e <= n - 1, with no index in n?"""
    e, f = low.operands[0], high.operands[0]
    starts = bool(free_indices(e)) and e.as_coeff_Add()[0] >= 0 and _lead(e) > 0
    return starts and not free_indices(sp.expand(e + f)) and not e.free_symbols >= f.free_symbols


def _lead(e: Expr) -> Expr:
    return max((t.as_coeff_Mul()[0] for t in Add.make_args(e) if free_indices(t)), default=S.Zero)


def _spell(writer: Writer, *parts: str) -> str:
    return " ".join(p if writer.symbols.ascii else _UNICODE.get(p, p) for p in parts)


def _one(c: Condition, writer: Writer, scope: Sequence[Index]) -> str:
    if c.kind in ("ge", "eq", "ne"):
        return _integer(c, writer)
    if c.kind == "divides":
        divisor, e = c.operands
        if writer.symbols.ascii:
            return f"({writer.index(e)}) % {writer.index(divisor)} == 0"
        return f"{writer.index(divisor)} | {writer.index(e)}"
    if c.kind in _REAL:
        a, b = ("".join(w.text for w in words(writer.write(x, scope))) for x in c.operands)
        return _spell(writer, a, _REAL[c.kind], b)
    if c.kind == "not":
        return f"not({', '.join(condition_texts(c.operands, writer, scope))})"
    return _argument(c, writer, scope)


def _integer(c: Condition, writer: Writer) -> str:
    """Return e >= 0 with what is taken away on the other side; a number goes where it is positive."""
    terms = Add.make_args(c.operands[0])
    number = sum((t for t in terms if t.is_number), S.Zero)
    added = [t for t in terms if not t.is_number and t.as_coeff_Mul()[0] > 0]
    taken = [-t for t in terms if not t.is_number and t.as_coeff_Mul()[0] < 0]
    if c.kind != "ge":
        a, b = Add(*added, max(number, 0)), Add(*taken, max(-number, 0))
        return _spell(writer, writer.index(a), "==" if c.kind == "eq" else "!=", writer.index(b))
    strict = number < 0
    small = Add(*taken, -number - 1) if strict else Add(*taken)
    large = Add(*added) if strict else Add(*added, number)
    if free_indices(large) and not free_indices(small):
        return _spell(writer, writer.index(large), ">" if strict else ">=", writer.index(small))
    return _spell(writer, writer.index(small), "<" if strict else "<=", writer.index(large))


def _argument(c: Condition, writer: Writer, scope: Sequence[Index]) -> str:
    reduction, position = c.operands
    text = "".join(w.text for w in words(writer.write(reduction, scope)))
    found = [writer.index(i) for i in position]
    shown = found[0] if len(found) == 1 else f"({', '.join(found)})"
    return _spell(writer, shown, "==", "arg" + text)
