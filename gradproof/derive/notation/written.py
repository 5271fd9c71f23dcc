"""The order in which a text writes the terms of its sums and the factors of its products: it is printed so again.

SymPy sorts what it adds and multiplies, and so `f*c + i*g` would come back as `g*i + c*f`. What the reader of the text
met is kept beside the system, by what the parts look like without their indices: those are renamed under a sum's sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sympy import Add, Basic, Expr, Mul, Symbol, Tuple

from gradproof.derive.index import Bound, Index
from gradproof.derive.nodes import Element, Product, free
from gradproof.derive.notation.boxes import Elem, Frac, Num, Prod, Sum, Sym

#: For a sum or product by the looks of its parts: their looks in the order of the text.
Written = Mapping[tuple[str, ...], tuple[str, ...]]


@lru_cache(None)
def look(e: Basic) -> str:
    """Return what an expression looks like without its indices, the same whatever its sums call theirs."""
    if isinstance(e, Element):
        moved = any(i.args for i in e.indices)
        return f"{e.name}[{','.join(look(i) for i in e.indices)}]" if moved else e.name
    if isinstance(e, Index | Bound):
        return "?"
    if not isinstance(e, Basic) or isinstance(e, Symbol) or not e.args:
        return str(e)
    parts = [look(a) for a in e.args]
    if isinstance(e, Add | Mul | Product | Tuple):
        parts.sort()
    return f"{type(e).__name__}({','.join(parts)})"


def flat_terms(e: Expr) -> list[Expr]:
    """Return the terms of a sum; anything else is one."""
    return list(Add.make_args(e))


def flat_factors(e: Expr) -> list[Expr]:
    """Return the factors of a product, those of products inside it among them, without numbers."""
    if isinstance(e, Mul | Product):
        return [f for a in e.args for f in flat_factors(a)]
    return [] if e.is_Rational else [e]


def keep(written: dict[tuple[str, ...], tuple[str, ...]], kind: str, parts: Iterable[Expr]) -> None:
    """Note the order of the parts; the first text of such a sum or product counts."""
    looks = tuple(look(p) for p in parts)
    if len(looks) > 1:
        written.setdefault((kind, *sorted(looks)), looks)


def in_order(written: Written, kind: str, parts: Sequence[Expr]) -> dict[Expr, int] | None:
    """Return each part's place in the text; None where the text has no such sum or product."""
    if len(parts) < 2 or not written:
        return None
    looks = written.get((kind, *sorted(look(p) for p in parts)))
    return None if looks is None else {p: looks.index(look(p)) for p in parts}


# ---------------------------------------------------------------- integer expressions: s*i+q*u-p


def keep_integers(written: dict[tuple[str, ...], tuple[str, ...]], e: Expr, leaves: Sequence[Expr]) -> None:
    """Note the order of an index expression's terms: that of the indices in them; `leaves` stand as in the text."""
    place = {s: k for k, s in reversed(list(enumerate(leaves)))}

    def first(t: Expr) -> int:
        own = free(t) or [abs(t)]
        indices = [s for s in own if isinstance(s, Index)]
        return min(place.get(s, len(leaves)) for s in indices or own)

    keep(written, "index", sorted(e.args, key=lambda t: (first(t), look(t))))


def ordered_integers(written: Written, box: Sum) -> Sum:
    """Return an integer sum in the order of the text's sum of these terms, or of one that has them all among others."""
    looks = [box_look(b, sign) for sign, b in box.terms]
    found = written.get(("index", *sorted(looks)))
    if found is None:
        found = next((o for k, o in written.items() if k[0] == "index" and set(looks) <= set(o)), None)
    if found is None:
        return box
    places = [found.index(x) for x in looks]
    return Sum(tuple(box.terms[k] for k in sorted(range(len(places)), key=lambda k: (places[k], k))), tight=True)


def box_look(box: Any, sign: int = 1) -> str:
    """Return what the display tree of an integer expression looks like, as `look` does of the expression."""
    match box:
        case Prod(factors):
            parts = [box_look(f) for f in factors] + ["-1"] * (sign < 0)
            return f"Mul({','.join(sorted(parts))})"
        case Num(text):
            return text if sign > 0 else f"-{text}"
        case Sym(symbol):
            shown = "?" if isinstance(symbol, Index | Bound) else symbol.name
        case Elem(name):
            shown = name
        case Frac(num, den):
            shown = f"Quotient({box_look(num)},{box_look(den)})"
        case Sum(terms):
            shown = f"Add({','.join(sorted(box_look(b, s) for s, b in terms))})"
        case _:
            shown = repr(box)
    return shown if sign > 0 else f"Mul({','.join(sorted(['-1', shown]))})"
