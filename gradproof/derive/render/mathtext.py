"""Mathematics for a terminal: a display tree as words and places where a line may end.

    ∂L/∂z[i,c] = (p[i,c] − y[i,c])/m        Unicode
    d_z[i,c] = (p[i,c] - y[i,c])/m          ASCII: the notation itself

Indices stay in brackets: Unicode has no subscript c, d or comma, and what is shown can be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Basic

from gradproof.derive.implicit import is_solution
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.notation import boxes as bx
from gradproof.derive.notation.boxes import Box
from gradproof.derive.notation.printer import expression_box, shown_boxes
from gradproof.derive.render.arrange import deltas_in_front, for_reading
from gradproof.derive.render.pretty import Align, Break, Doc, Group, Join, Late, Lead, Word, join, words
from gradproof.derive.render.symbols import Symbols

#: How tightly a text binds: a sum, a product that a reduction ends, a product, a factor of a product, an atom.
SUM, OPEN, PRODUCT, FACTOR, ATOM = range(5)
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_REDUCTIONS = {"sum": "Σ", "prod": "Π"}
_RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}


@dataclass(frozen=True)
class Writer:
    """Writes the mathematics of one derivation; the system knows the letters of its text."""

    symbols: Symbols
    system: System
    _sides: dict[Equation, tuple[Doc, Doc]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def minus(self) -> str:
        return "-" if self.symbols.ascii else "−"

    @property
    def dot(self) -> str:
        return "*" if self.symbols.ascii else "·"

    # ------------------------------------------------------------ equations and expressions

    def left(self, equation: Equation) -> Doc:
        """Return the left-hand side of an equation."""
        return self._written(equation)[0]

    def right(self, equation: Equation) -> Doc:
        """Return the right-hand side of an equation."""
        return self._written(equation)[1]

    def _written(self, equation: Equation) -> tuple[Doc, Doc]:
        """Return both sides, laid out once: a page measures them before it sets them."""
        if equation not in self._sides:
            start: list[Doc] = [Word("start ", "word")] if equation.kind is Kind.START else []
            if is_solution(equation.value):
                start = [Word("solve ", "word")]
            sides = shown_boxes(equation, self.system)
            right = self.doc(deltas_in_front(for_reading(sides[2])))
            self._sides[equation] = join(*start, self.doc(sides[0])), right
        return self._sides[equation]

    def sign(self, equation: Equation) -> str:
        """Return what stands between the sides."""
        return shown_boxes(equation, self.system)[1]

    def write(self, e: Basic, least: int = SUM) -> Doc:
        """Return an expression, in parentheses where it binds less tightly than `least`."""
        return self.doc(deltas_in_front(for_reading(expression_box(e, self.system))), least)

    def text(self, e: Basic) -> str:
        """Return an expression as text on one line."""
        return flat_text(self.write(e))

    # ------------------------------------------------------------ boxes

    def doc(self, box: Box, least: int = SUM) -> Doc:
        """Return the words of a display tree, in parentheses where it binds less tightly than `least`."""
        body, binding = self._doc(box)
        return body if binding >= least else join(Word("("), Align(body), Word(")"))

    def _doc(self, box: Box) -> tuple[Doc, int]:
        match box:
            case bx.Elem():
                return self._element(box)
            case bx.Prod():
                return self._product(box)
            case bx.Sum():
                return self._sum(box), SUM
            case bx.Frac():
                return self._fraction(box), PRODUCT
            case bx.Big():
                return self._reduction(box), OPEN
            case bx.Power():
                return self._power(box)
            case bx.Chain() | bx.Not() | bx.Mod() | bx.Tup():
                return self._condition(box), SUM
            case bx.Iver():
                return self._listed("[", [self._condition(c) for c in box.conditions], "]", "condition"), ATOM
        return self._leaf(box), ATOM

    def _leaf(self, box: Box) -> Doc:
        match box:
            case bx.Num(text):
                return Word(text, "digits")
            case bx.Const(name):
                return Word("π" if name == "pi" and not self.symbols.ascii else name, "digits")
            case bx.Sym(symbol, name):
                return Word(self.symbols.plain(name or symbol.name), "size")
            case bx.Fun(name, arguments):
                return self._call(self.symbols.function(name), arguments)
            case bx.Root(bx.Num() | bx.Sym() as inner) if not self.symbols.ascii:
                return join(Word("√", "function"), self.doc(inner))
            case bx.Root(inner):
                return self._call(self.symbols.function("sqrt"), (inner,))
            case bx.Deriv(of, bx.Elem(name, indices)):
                head = self.symbols.derivative(of, name)
                if self.symbols.ascii:
                    return Word(f"{head[:-1]}{self._indices(indices)})", "adjoint")
                return join(Word(head, "adjoint"), Word(self._indices(indices), "index"))
        raise TypeError(f"no such box: {box!r}")

    def _element(self, box: bx.Elem) -> tuple[Doc, int]:
        shown = self.symbols.tensor(box.name)
        name = Word(shown, "adjoint" if box.name in self.symbols.adjoints else "name")
        whole = join(name, Word(self._indices(box.indices), "index")) if box.indices else name
        return whole, PRODUCT if "/" in shown else ATOM

    def _indices(self, indices: Sequence[Box]) -> str:
        return f"[{','.join(flat_text(self.doc(i)) for i in indices)}]" if indices else ""

    def _sum(self, box: bx.Sum) -> Doc:
        if box.tight:
            signed = [(self.minus if s < 0 else "+", flat_text(self.doc(t, OPEN))) for s, t in box.terms]
            return Word("".join(s + t for s, t in signed).removeprefix("+"), "index")
        parts: list[Doc] = []
        # In `1 - tanh(...)**2` the long term breaks rather than leave the 1 alone on its line.
        lone = len(box.terms) == 2 and isinstance(box.terms[0][1], bx.Num)
        for sign, term in box.terms:
            shown = self.minus if sign < 0 else "+"
            if parts:
                parts += [Group(Break(" ")) if lone else Break(" "), Word(f"{shown} ", "operator")]
            elif sign < 0:
                parts.append(Word(shown, "operator"))
            parts.append(Group(self.doc(term, OPEN)))
        return Group(Align(Join(tuple(parts))))

    # ------------------------------------------------------------ products

    def _product(self, box: bx.Prod) -> tuple[Doc, int]:
        """A reduction may stand open at the end, set off by room around the dot."""
        parts: list[Doc] = []
        *first, last = box.factors
        for factor in first:
            shown = self._factor(factor, PRODUCT if not parts else FACTOR)
            parts.append(Lead(join(Break(), Word(self.dot, "operator")), shown) if parts else shown)
        if isinstance(last, bx.Big):
            tight = isinstance(first[-1], bx.Iver)
            dot = Word(self.dot if tight else f"{self.dot} ", "operator")
            place = Break("" if tight else " ")
            # a sum of terms breaks at its signs rather than before the sum
            parts.append(
                Lead(join(place, dot), self.doc(last)) if _sums_terms(last) else Group(join(place, dot, self.doc(last)))
            )
            return Group(Align(Join(tuple(parts)))), OPEN
        parts.append(Lead(join(Break(), Word(self.dot, "operator")), self._factor(last, FACTOR)))
        return Group(Align(Join(tuple(parts)))), PRODUCT

    def _factor(self, box: Box, least: int) -> Doc:
        """∂L/∂z is a factor in spite of its stroke, and so is a fraction after a delta."""
        return self.doc(box, PRODUCT if isinstance(box, bx.Elem | bx.Frac) else least)

    def _fraction(self, box: bx.Frac) -> Doc:
        if box.exact:
            return Word(f"{flat_text(self.doc(box.num, PRODUCT))}/{flat_text(self.doc(box.den, FACTOR))}", "index")
        above = self.doc(box.num, PRODUCT)
        if isinstance(box.den, bx.Big) and self._doc(box.den.body)[1] >= FACTOR:
            return Group(Align(join(above, Group(Break(" ")), Word("/ ", "operator"), self.doc(box.den))))
        place = () if isinstance(box.den, bx.Num | bx.Sym) else (Group(Break()),)
        return Group(Align(join(above, *place, Word("/", "operator"), self.doc(box.den, FACTOR))))

    def _reduction(self, box: bx.Big) -> Doc:
        binders = [self._binder(b) for b in box.binders]
        shown = box.op if self.symbols.ascii else _REDUCTIONS.get(box.op, box.op)
        index: Doc = Word(f"[{','.join(binders)}]", "index")
        if box.conditions or any(b.bound is not None for b in box.binders):
            inside = [*(Word(b, "index") for b in binders), *(self._condition(c, "index") for c in box.conditions)]
            index = self._listed("[", inside, "]", "index")
        body = Align(self.doc(box.body, OPEN))
        # under a head with conditions the body stands whole on a line of its own rather than broken beside it
        rest = Group(join(Break(" "), body)) if box.conditions and not _sums_terms(box) else join(Late(" "), body)
        return Align(join(Word(shown, "operator"), index, rest))

    def _power(self, box: bx.Power) -> tuple[Doc, int]:
        base = self.doc(box.base, ATOM)
        if not self.symbols.ascii and isinstance(box.exponent, bx.Num) and box.exponent.text.isdigit():
            return join(base, Word(box.exponent.text.translate(SUPERSCRIPTS), "digits")), FACTOR
        caret = "**" if self.symbols.ascii else "^"
        return join(base, Word(caret, "operator"), self.doc(box.exponent, ATOM)), FACTOR

    def _call(self, name: str, arguments: Sequence[Box]) -> Doc:
        parts: list[Doc] = []
        for a in arguments:
            parts += [Word(","), Break(" "), self.doc(a)] if parts else [self.doc(a)]
        return join(Word(name, "function"), Word("("), Group(Align(Join(tuple(parts)))), Word(")"))

    # ------------------------------------------------------------ conditions, broken between them and at a relation

    def _listed(self, opening: str, parts: Sequence[Doc], closing: str, role: str) -> Doc:
        """Return parts between brackets, with a comma and a place where a line may end after each but the last."""
        inside: list[Doc] = []
        for part in parts:
            inside += [Word(",", role), Late(" "), part] if inside else [part]
        return join(Word(opening, role), Align(Join(tuple(inside))), Word(closing, role))

    def _binder(self, b: bx.Binder) -> str:
        index = self.symbols.plain(b.index.name or b.index.symbol.name)
        return index if b.bound is None else f"{index}{self._relation(b.op)}{flat_text(self.doc(b.bound))}"

    def _relation(self, op: str) -> str:
        return op if self.symbols.ascii else _RELATIONS.get(op, op)

    def _condition(self, box: Box, role: str = "condition") -> Doc:
        match box:
            case bx.Chain((bx.Mod(num, den), bx.Num("0")), ("==",)) if not self.symbols.ascii:
                return Word(f"{flat_text(self.doc(den))} | {flat_text(self.doc(num))}", role)
            case bx.Chain(operands, ops):
                parts = [self._operand(operands[0], role)]
                for op, b in zip(ops, operands[1:], strict=True):
                    parts += [Late(" "), Word(f"{self._relation(op)} ", role), self._operand(b, role)]
                return Join(tuple(parts))
            case bx.Not(conditions):
                return self._listed("not(", [self._condition(c, role) for c in conditions], ")", role)
        return self._operand(box, role)

    def _operand(self, box: Box, role: str) -> Doc:
        match box:
            case bx.Mod(num, den):
                return Word(f"{flat_text(self.doc(num, ATOM))} % {flat_text(self.doc(den, ATOM))}", role)
            case bx.Tup(items):
                return self._listed("(", [Word(flat_text(self.doc(i)), role) for i in items], ")", role)
            case bx.Big():
                return self.doc(box)
        return Word(flat_text(self.doc(box)), role)


def _sums_terms(box: Box) -> bool:
    """Is it sum[j] (a + b), also behind other sums?"""
    while isinstance(box, bx.Big):
        box = box.body
    return isinstance(box, bx.Sum) and len(box.terms) > 1


def flat_text(doc: Doc) -> str:
    """Return a document on one line, as text."""
    if isinstance(doc, Break | Late | Word):
        return doc.text
    if isinstance(doc, Lead):
        return flat_text(doc.sign) + flat_text(doc.body)
    return "".join(flat_text(p) for p in (doc.parts if isinstance(doc, Join) else (doc.body,)))


__all__ = ["ATOM", "FACTOR", "OPEN", "PRODUCT", "SUM", "SUPERSCRIPTS", "Writer", "flat_text", "words"]
