r"""`\frac{1}{n} \sum_i`: is n the number of values of i, or a number of its own? The page has to say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.sizes import key
from gradproof.derive.latex.tree import Add, At, Big, Frac, Inner, Mul, Norm, Num, Power, Sym, Tree
from gradproof.derive.latex.walk import walk
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

#: A letter below the line, a letter of a sum beside it, and where the two stand.
Division = tuple[Sym, Sym]
#: Trees with the names that are parameters in them.
Parts = list[tuple[Tree, frozenset[str]]]


def divisions(tree: Tree) -> Iterator[Division]:
    r"""Yield each pair of a bare divisor and a letter of a sum without limits that it divides."""
    for node in walk(tree):
        if isinstance(node, Mul):
            below = [s for op, f in node.factors for s in _divisors(op, f)]
            sums = [b for op, f in node.factors if op != "/" for b in _open_letters(f)]
        elif isinstance(node, Frac):
            below, sums = _letters(node.den), list(_open_letters(node.num))
        else:
            continue
        yield from ((d, b) for d in below for b in sums)


def _divisors(op: str, factor: Tree) -> list[Sym]:
    inner = unwrap(factor)
    if op == "/":
        return _letters(inner)
    if isinstance(inner, Frac):
        return _letters(inner.den)
    return _letters(inner.base) if isinstance(inner, Power) and _is_negative(inner.exponent) else []


def _is_negative(tree: Tree) -> bool:
    inner = unwrap(tree)
    return isinstance(inner, Add) and len(inner.terms) == 1 and inner.terms[0][0] == "-"


def _letters(tree: Tree) -> list[Sym]:
    """Return the letters of n, 2m, n - 1: what could count. Greek letters and powers do not count anything."""
    inner = unwrap(tree)
    if isinstance(inner, Sym):
        plain = not (inner.subs or inner.bold or inner.paren or inner.primes)
        return [inner] if plain and inner.name.isascii() else []
    if isinstance(inner, Mul):
        return [s for op, f in inner.factors if op != "/" for s in _letters(f)]
    if isinstance(inner, Add) and any(isinstance(t, Num) for _, t in inner.terms):
        return [s for _, t in inner.terms for s in _letters(t)]
    return []


def _open_letters(tree: Tree) -> Iterator[Sym]:
    for node in walk(tree):
        if isinstance(node, Big) and node.op == "sum" and node.upper is None:
            yield from (x for x in node.lower if isinstance(x, Sym))


class Counts:
    """The letters of sums without limits, and the sizes that they turn out to run over."""

    def __init__(self) -> None:
        self.sizes: dict[At, list[int]] = {}

    def bound(self, letter: Sym, size: int) -> None:
        """Remember that a sum binds a letter without a limit."""
        self.sizes.setdefault(letter.at, []).append(size)

    def unstated(self, low: Lowering, parts: Parts) -> list[tuple[Sym, Sym, int]]:
        """Return the divisions by an undeclared letter of sums whose range nothing has told so far."""
        pairs = [(d, b) for t, own in parts for d, b in divisions(t) if d.name not in own and _undeclared(low, d)]
        return [(d, b, v) for d, b in pairs for v in self.sizes.get(b.at, []) if low.sizes.name(v) is None]


def check_counts(low: Lowering, unstated: list[tuple[Sym, Sym, int]]) -> None:
    """Refuse a divisor that may be the number of values, unless the page's other sums say that it is.

    Raises:
        InputError: both readings, and how to write each.
    """
    for d, b, v in unstated:
        if key(low.sizes.name(v)) != low.know.name(d.name):
            raise _ask(low, d, b)


def _undeclared(low: Lowering, symbol: Sym) -> bool:
    name = low.know.name(base_name(low.know, symbol))
    known = name in low.know.shapes or name in low.know.defined or name in low.know.indices
    return not known and name != "e"


def _ask(low: Lowering, d: Sym, b: Sym) -> InputError:
    return low.error(
        f"{d.name} divides a sum over {b.name} without limits: is it the number of values of {b.name}, "
        "or a number of its own?",
        d.at,
        expected=rf"\sum_{{{b.name}=1}}^{{{d.name}}}, if {b.name} runs to {d.name}",
        hint=f"for a number of its own, declare it: where {d.name} in R, or give the sum its limit",
    )


def lone_divisors(low: Lowering, tree: Tree) -> Iterator[str]:
    """Yield undeclared letters that divide arrays or the terms of a sum: they are no sizes, which is noted."""
    for node in walk(tree):
        if isinstance(node, Big) and any(_open_letters(node)):
            factors = _factors(node.body)
        else:
            factors = _factors(node)
            if not any(
                isinstance(n, Norm | Inner) or (isinstance(n, Sym) and n.bold) for _, f in factors for n in walk(f)
            ):
                continue
        for d in (s for op, f in factors for s in _divisors(op, f)):
            if _undeclared(low, d) and not low.is_size(d.name):
                yield low.know.name(d.name)


def _factors(tree: Tree) -> tuple[tuple[str, Tree], ...]:
    if isinstance(tree, Mul):
        return tree.factors
    return (("", tree.num), ("/", tree.den)) if isinstance(tree, Frac) else ()
