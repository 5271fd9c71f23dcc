"""Display tree -> notation, with as few parentheses as its grammar needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gradproof.derive.notation.boxes import (
    Big,
    Binder,
    Box,
    Chain,
    Const,
    Deriv,
    Elem,
    Frac,
    Fun,
    Iver,
    Mod,
    Not,
    Num,
    Power,
    Prod,
    Root,
    Sum,
    Sym,
    Tup,
)

#: How tightly a text binds: a sum, a product that a reduction ends, a product, a factor of a product, an atom.
SUM, OPEN, PRODUCT, FACTOR, ATOM = range(5)


def write(box: Box, least: int = SUM) -> str:
    """Return the text of a display tree, in parentheses where it binds less tightly than `least`."""
    text, binding = _write(box)
    return text if binding >= least else f"({text})"


def _write(box: Box) -> tuple[str, int]:
    """Return the text and how tightly it binds."""
    return _WRITERS[type(box)](box)


def _listed(boxes: tuple[Box, ...]) -> str:
    return ", ".join(write(b) for b in boxes)


def _element(box: Elem) -> tuple[str, int]:
    return box.name + (f"[{','.join(write(i) for i in box.indices)}]" if box.indices else ""), ATOM


def _fraction(box: Frac) -> tuple[str, int]:
    """A reduction over a single factor needs no parentheses under a division that ends the product: `a/sum[k] b`."""
    num = write(box.num, PRODUCT)
    if isinstance(box.den, Big) and _write(box.den.body)[1] >= FACTOR:
        return f"{num}/{write(box.den)}", OPEN
    return f"{num}/{write(box.den, FACTOR)}", PRODUCT


def _sum(box: Sum) -> str:
    out = ""
    plus, minus = ("+", "-") if box.tight else (" + ", " - ")
    for sign, term in box.terms:
        text = write(term, OPEN)
        out += (plus if sign > 0 else minus) + text if out else ("-" if sign < 0 else "") + text
    return out


def _product(box: Prod) -> tuple[str, int]:
    """A reduction may stand open at the end; after a fraction it is set off by spaces: `-1/m * sum[i] ...`."""
    *first, last = box.factors
    parts = [write(first[0], PRODUCT), *[write(f, FACTOR) for f in first[1:]]]
    if not isinstance(last, Big):
        return "*".join([*parts, write(last, FACTOR)]), PRODUCT
    star = " * " if isinstance(first[-1], Frac) else "*"
    return "*".join(parts) + star + write(last), OPEN


def _chain(box: Chain) -> str:
    out = write(box.operands[0])
    for op, operand in zip(box.ops, box.operands[1:], strict=True):
        out += f" {op} {write(operand)}"
    return out


def _binder(box: Binder) -> str:
    return write(box.index) + (f"{box.op}{write(box.bound)}" if box.bound is not None else "")


def _big(box: Big) -> str:
    plain = not box.conditions and all(b.bound is None for b in box.binders)
    inside = ("," if plain else ", ").join([_binder(b) for b in box.binders] + [write(c) for c in box.conditions])
    return f"{box.op}[{inside}] {write(box.body, OPEN)}"


def _atom(text: Callable[[Any], str]) -> Callable[[Any], tuple[str, int]]:
    return lambda box: (text(box), ATOM)


_WRITERS: Mapping[type, Callable[[Any], tuple[str, int]]] = MappingProxyType(
    {
        Num: _atom(lambda b: b.text),
        Const: _atom(lambda b: b.name),
        Sym: _atom(lambda b: b.name or b.symbol.name),
        Elem: _element,
        Fun: _atom(lambda b: f"{b.name}({_listed(b.arguments)})"),
        Root: _atom(lambda b: f"sqrt({write(b.inner)})"),
        Iver: _atom(lambda b: f"[{_listed(b.conditions)}]"),
        Deriv: _atom(lambda b: f"grad({b.of}, {write(b.element)})"),
        Tup: _atom(lambda b: f"({_listed(b.items)})"),
        Not: _atom(lambda b: f"not({_listed(b.conditions)})"),
        Power: lambda b: (f"{write(b.base, ATOM)}**{write(b.exponent, ATOM)}", FACTOR),
        Frac: _fraction,
        Mod: lambda b: (f"{write(b.num, ATOM)} % {write(b.den, ATOM)}", PRODUCT),
        Prod: _product,
        Sum: lambda b: (_sum(b), SUM),
        Chain: lambda b: (_chain(b), SUM),
        Big: lambda b: (_big(b), OPEN),
        Binder: _atom(_binder),
    }
)
