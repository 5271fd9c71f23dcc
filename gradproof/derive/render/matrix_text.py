r"""Matrix notation as words: `∂W = Xᵀ ∂Z`, in ASCII as NumPy writes it `d_W = X.T @ d_Z`, in LaTeX `X^{\top} ...`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr

from gradproof.derive.nodes import Element
from gradproof.derive.render.mathtext import ATOM, FACTOR, OPEN, PRODUCT, SUM, SUPERSCRIPTS, Writer
from gradproof.derive.render.matrix_nodes import (
    Applied,
    Diagonal,
    Dot,
    Eye,
    Holds,
    Inner,
    Matrix,
    Ones,
    Over,
    Plus,
    Power,
    Scalar,
    Scaled,
    Summed,
    Times,
    Triangle,
    Turned,
    Whole,
)
from gradproof.derive.render.pretty import Align, Break, Doc, Group, Join, Late, Lead, Word, join


@dataclass(frozen=True, slots=True)
class Spelling:
    """The signs of matrix notation."""

    dot: str
    times: str
    over: str
    scalar: str
    transpose: str
    minus: str
    inner: tuple[str, str, str]
    holds: tuple[str, str]
    relations: tuple[tuple[str, str], ...]
    power: tuple[str, str]
    sum: tuple[str, str]
    ones: str = "1"
    eye: str = "I"
    diagonal: str = "diag"
    triangles: tuple[str, str] = ("tril", "triu")
    brackets: tuple[str, str] = ("(", ")")


UNICODE = Spelling(
    dot=" ",
    times=" ⊙ ",
    over=" ⊘ ",
    scalar="·",
    transpose="ᵀ",
    minus="−",
    inner=("⟨", ", ", "⟩"),
    holds=("[", "]"),
    relations=((">=", "≥"), ("==", "="), ("!=", "≠")),
    power=("^∘", ""),
    sum=("Σ[", "] "),
)
NUMPY = Spelling(
    dot=" @ ",
    times=" * ",
    over=" / ",
    scalar="*",
    transpose=".T",
    minus="-",
    inner=("sum(", " * ", ")"),
    holds=("(", ")"),
    relations=(),
    power=("**", ""),
    sum=("sum[", "] "),
)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes: the signs, and how names, functions and scalar expressions are written.

    Attributes:
        array: (name, of, at) -> the array's name; with `of`, the derivative of that scalar for it; its row `at` a step.
        function: name -> the function's name.
        scalar: (expression, level) -> its words.
        raised: words -> words that a transpose sign or a power may follow.
    """

    spelling: Spelling
    array: Callable[[str, str, tuple[Expr, ...]], Doc]
    function: Callable[[str], str]
    scalar: Callable[[Expr, int], Doc]
    raised: Callable[[Doc], Doc] = lambda doc: doc


def hand_of(writer: Writer) -> Hand:
    """Return the hand for a terminal: adjoints in their short form, `∂W`."""
    symbols = replace(writer.symbols, scalar="")
    short = replace(writer, symbols=symbols)

    def array(name: str, of: str, at: tuple[Expr, ...]) -> Doc:
        if at:
            return short.write(Element(name, *at), ATOM)
        if of:
            return Word(f"d_{symbols.plain(name)}" if symbols.ascii else f"∂{symbols.plain(name)}", "adjoint")
        return Word(symbols.tensor(name), "adjoint" if name in symbols.adjoints else "name")

    return Hand(NUMPY if symbols.ascii else UNICODE, array, symbols.function, short.write)


def matrix_doc(m: Matrix, hand: Hand, level: int = SUM) -> Doc:
    """Return the words of a matrix expression, in parentheses where the level asks."""
    return _WRITERS[type(m)](m, hand, level)


def _turned(m: Turned, h: Hand, _: int) -> Doc:
    return join(h.raised(matrix_doc(m.body, h, ATOM)), Word(h.spelling.transpose, "index"))


def _chain(parts: tuple[Matrix, ...], sign: str, h: Hand, level: int) -> Doc:
    out: list[Doc] = []
    for part in parts:
        room = " " if sign.startswith(" ") else ""
        word, factor = Word(sign.removeprefix(room), "operator"), matrix_doc(part, h, FACTOR)
        if not out:
            out.append(factor)
        elif sign.strip():
            out.append(Lead(join(Break(room), word), factor))
        else:
            out += [Late(room), word, factor]
    return _bracketed(Align(Join(tuple(out))), h, level > PRODUCT)


def _scaled(m: Scaled, h: Hand, level: int) -> Doc:
    out: list[Doc] = []
    for part in m.top:
        out += [matrix_doc(part, h, FACTOR), Word(h.spelling.scalar, "operator")]
    out.append(matrix_doc(m.body, h, FACTOR if isinstance(m.body, Over) else PRODUCT))
    below: list[Doc] = []
    for part in m.bottom:
        one = matrix_doc(part, h, FACTOR)
        below += [Word(h.spelling.scalar, "operator"), one] if below else [one]
    if below:
        out += [Late(""), Word("/", "operator"), _bracketed(Join(tuple(below)), h, len(m.bottom) > 1)]
    return _bracketed(Join(tuple(out)), h, level > PRODUCT)


def _plus(m: Plus, h: Hand, level: int) -> Doc:
    out: list[Doc] = []
    for negative, term in m.terms:
        sign = h.spelling.minus if negative else "+"
        if out:
            out += [Break(" "), Word(f"{sign} ", "operator")]
        elif negative:
            out.append(Word(sign, "operator"))
        out.append(matrix_doc(term, h, OPEN))
    return _bracketed(Group(Align(Join(tuple(out)))), h, level > SUM)


def _inner(m: Inner, h: Hand, _: int) -> Doc:
    opening, comma, closing = h.spelling.inner
    each = FACTOR if "*" in comma else SUM
    body = join(matrix_doc(m.left, h, each), Word(comma), matrix_doc(m.right, h, each))
    return join(Word(opening, "operator"), body, Word(closing, "operator"))


def _power(m: Power, h: Hand, level: int) -> Doc:
    body = h.raised(matrix_doc(m.body, h, ATOM))
    opening, closing = h.spelling.power
    if h.spelling is UNICODE and m.exponent.is_Integer:
        return join(body, Word("°" + str(m.exponent).translate(SUPERSCRIPTS), "index"))
    exponent = h.scalar(m.exponent, SUM if closing else ATOM)
    return _bracketed(join(body, Word(opening), exponent, Word(closing)), h, level > FACTOR and not closing)


def _applied(m: Applied, h: Hand, _: int) -> Doc:
    out: list[Doc] = []
    for a in m.arguments:
        out += [Word(","), Break(" "), matrix_doc(a, h)] if out else [matrix_doc(a, h)]
    return join(Word(h.function(m.name), "function"), Word("("), Group(Align(join(*out))), Word(")"))


def _holds(m: Holds, h: Hand, _: int) -> Doc:
    relation = dict(h.spelling.relations).get(m.op, m.op)
    opening, closing = h.spelling.holds
    return join(Word(opening), matrix_doc(m.left, h), Word(f" {relation} "), matrix_doc(m.right, h), Word(closing))


def _summed(m: Summed, h: Hand, level: int) -> Doc:
    opening, closing = h.spelling.sum
    body = matrix_doc(m.body, h, PRODUCT)
    return _bracketed(join(Word(opening, "sum"), h.scalar(m.index, SUM), Word(closing), body), h, level > PRODUCT)


def _triangle(m: Triangle, h: Hand, _: int) -> Doc:
    return join(Word(h.spelling.triangles[m.upper], "function"), Word("("), matrix_doc(m.body, h), Word(")"))


def _bracketed(body: Doc, h: Hand, needed: bool) -> Doc:
    opening, closing = h.spelling.brackets
    return join(Word(opening), Align(body), Word(closing)) if needed else body


_WRITERS: dict[type, Callable[[Any, Hand, int], Doc]] = {
    Whole: lambda m, h, _: h.array(m.name, m.of, m.at),
    Summed: _summed,
    Scalar: lambda m, h, level: h.scalar(m.value, level),
    Ones: lambda _, h, __: Word(h.spelling.ones, "ones"),
    Eye: lambda _, h, __: Word(h.spelling.eye, "name"),
    Turned: _turned,
    Dot: lambda m, h, level: _chain(m.parts, h.spelling.dot, h, level),
    Times: lambda m, h, level: _chain(m.parts, h.spelling.times, h, level),
    Over: lambda m, h, level: _chain((m.top, m.bottom), h.spelling.over, h, level),
    Scaled: _scaled,
    Plus: _plus,
    Diagonal: lambda m, h, _: join(Word(h.spelling.diagonal, "function"), Word("("), matrix_doc(m.body, h), Word(")")),
    Inner: _inner,
    Power: _power,
    Triangle: _triangle,
    Applied: _applied,
    Holds: _holds,
}
