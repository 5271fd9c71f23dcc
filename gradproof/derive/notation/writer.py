"""Display tree -> notation, with as few parentheses as its grammar needs."""

from __future__ import annotations

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
    match box:
        case Num():
            return box.text, ATOM
        case Const():
            return box.name, ATOM
        case Sym():
            return box.name or box.symbol.name, ATOM
        case Elem():
            return box.name + (f"[{','.join(write(i) for i in box.indices)}]" if box.indices else ""), ATOM
        case Fun():
            return f"{box.name}({', '.join(write(a) for a in box.arguments)})", ATOM
        case Root():
            return f"sqrt({write(box.inner)})", ATOM
        case Iver():
            return f"[{', '.join(write(c) for c in box.conditions)}]", ATOM
        case Deriv():
            return f"grad({box.of}, {write(box.element)})", ATOM
        case Tup():
            return f"({', '.join(write(i) for i in box.items)})", ATOM
        case Not():
            return f"not({', '.join(write(c) for c in box.conditions)})", ATOM
        case Power():
            return f"{write(box.base, ATOM)}**{write(box.exponent, ATOM)}", FACTOR
        case Frac():
            return _fraction(box)
        case Mod():
            return f"{write(box.num, ATOM)} % {write(box.den, ATOM)}", PRODUCT
        case Prod():
            return _product(box)
        case Sum():
            return _sum(box), SUM
        case Chain():
            return _chain(box), SUM
        case Big():
            return _big(box), OPEN
        case Binder():
            return _binder(box), ATOM
    raise TypeError(f"no such box: {box!r}")


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
