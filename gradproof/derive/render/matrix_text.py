"""Matrix notation as words: `∂W = Xᵀ ∂Z` for readers, `d_W = X.T @ d_Z` in ASCII (as NumPy writes it)."""

from __future__ import annotations

from dataclasses import dataclass

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
    Times,
    Turned,
    Whole,
)
from gradproof.derive.render.pretty import Align, Break, Doc, Group, Join, Word, join


@dataclass(frozen=True, slots=True)
class Spelling:
    """The signs of matrix notation."""

    dot: str
    times: str
    over: str
    transpose: str
    inner: tuple[str, str, str]
    minus: str


READERS = Spelling(" ", " ⊙ ", " ⊘ ", "ᵀ", ("⟨", ", ", "⟩"), "−")
NUMPY = Spelling(" @ ", " * ", " / ", ".T", ("sum(", " * ", ")"), "-")
_RELATIONS = {">=": "≥", "==": "=", "!=": "≠"}


def matrix_doc(m: Matrix, writer: Writer, level: int = SUM) -> Doc:
    """Return the words of a matrix expression, in parentheses where the level asks."""
    return _WRITERS[type(m)](m, writer, level)  # type: ignore[operator]


def _spelling(writer: Writer) -> Spelling:
    return NUMPY if writer.symbols.ascii else READERS


def _whole(m: Whole, w: Writer, level: int) -> Doc:
    if m.of:
        return Word(f"d_{m.name}" if w.symbols.ascii else f"∂{w.symbols.plain(m.name)}", "adjoint")
    return Word(w.symbols.short(m.name), "adjoint" if m.name in w.symbols.adjoints else "name")


def _scalar(m: Scalar, w: Writer, level: int) -> Doc:
    return w.write(m.value, level)


def _turned(m: Turned, w: Writer, level: int) -> Doc:
    return join(matrix_doc(m.body, w, ATOM), Word(_spelling(w).transpose, "index"))


def _chain(parts: tuple[Matrix, ...], sign: str, w: Writer, level: int) -> Doc:
    out: list[Doc] = []
    for part in parts:
        out += ([Word(sign, "operator")] if out else []) + [matrix_doc(part, w, ATOM)]
    return _bracketed(Join(tuple(out)), level > PRODUCT)


def _scaled(m: Scaled, w: Writer, level: int) -> Doc:
    out: list[Doc] = []
    for part in m.top:
        out += [matrix_doc(part, w, FACTOR), Word(w.dot, "operator")]
    out.append(matrix_doc(m.body, w, FACTOR if isinstance(m.body, Over) else PRODUCT))
    below: list[Doc] = []
    for part in m.bottom:
        below += ([Word(w.dot, "operator")] if below else []) + [matrix_doc(part, w, FACTOR)]
    if below:
        out += [Word("/", "operator"), _bracketed(Join(tuple(below)), len(m.bottom) > 1)]
    return _bracketed(Join(tuple(out)), level > PRODUCT)


def _plus(m: Plus, w: Writer, level: int) -> Doc:
    out: list[Doc] = []
    for negative, term in m.terms:
        sign = _spelling(w).minus if negative else "+"
        if out:
            out += [Break(" "), Word(f"{sign} ", "operator")]
        elif negative:
            out.append(Word(sign, "operator"))
        out.append(matrix_doc(term, w, OPEN))
    return _bracketed(Group(Align(Join(tuple(out)))), level > SUM)


def _inner(m: Inner, w: Writer, level: int) -> Doc:
    opening, comma, closing = _spelling(w).inner
    each = FACTOR if w.symbols.ascii else SUM
    body = join(matrix_doc(m.left, w, each), Word(comma), matrix_doc(m.right, w, each))
    return join(Word(opening, "operator"), body, Word(closing, "operator"))


def _power(m: Power, w: Writer, level: int) -> Doc:
    body = matrix_doc(m.body, w, ATOM)
    if w.symbols.ascii:
        return _bracketed(join(body, Word("**"), w.write(m.exponent, ATOM)), level > PRODUCT)
    if m.exponent.is_Integer:
        return join(body, Word("˚" + str(m.exponent).translate(SUPERSCRIPTS), "index"))
    return join(body, Word("^∘"), w.write(m.exponent, ATOM))


def _applied(m: Applied, w: Writer, level: int) -> Doc:
    out: list[Doc] = []
    for a in m.arguments:
        out += ([Word(", ")] if out else []) + [matrix_doc(a, w)]
    return join(Word(w.symbols.function(m.name), "function"), Word("("), *out, Word(")"))


def _holds(m: Holds, w: Writer, level: int) -> Doc:
    relation = m.op if w.symbols.ascii else _RELATIONS.get(m.op, m.op)
    ends = ("(", ")") if w.symbols.ascii else ("[", "]")
    return join(Word(ends[0]), matrix_doc(m.left, w), Word(f" {relation} "), matrix_doc(m.right, w), Word(ends[1]))


def _bracketed(body: Doc, needed: bool) -> Doc:
    return join(Word("("), Align(body), Word(")")) if needed else body


_WRITERS = {
    Whole: _whole,
    Scalar: _scalar,
    Ones: lambda m, w, level: Word("1", "ones"),
    Eye: lambda m, w, level: Word("I", "name"),
    Turned: _turned,
    Dot: lambda m, w, level: _chain(m.parts, _spelling(w).dot, w, level),
    Times: lambda m, w, level: _chain(m.parts, _spelling(w).times, w, level),
    Over: lambda m, w, level: _chain((m.top, m.bottom), _spelling(w).over, w, level),
    Scaled: _scaled,
    Plus: _plus,
    Diagonal: lambda m, w, level: join(Word("diag", "function"), Word("("), matrix_doc(m.body, w), Word(")")),
    Inner: _inner,
    Power: _power,
    Applied: _applied,
    Holds: _holds,
}
