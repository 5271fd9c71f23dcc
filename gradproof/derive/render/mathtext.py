"""Mathematics for a terminal: an equation as words and places where a line may end.

    ∂L/∂z[i,c] = (p[i,c] − y[i,c])/m        Unicode
    d_z[i,c] = (p[i,c] - y[i,c])/m          ASCII: the notation itself

Indices stay in brackets: Unicode has no subscript c, d or comma, and what is shown can be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Pow, Rational, Symbol

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.naming import pick_letter
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Product, Quotient, Reduce
from gradproof.derive.render.conditions_text import condition_texts
from gradproof.derive.render.integer_text import integer_text
from gradproof.derive.render.order import ordered_factors, ordered_terms, sign_and_size
from gradproof.derive.render.pretty import Align, Break, Doc, Group, Join, Word, join
from gradproof.derive.render.symbols import Symbols

#: How tightly a text binds: as a term of a sum, as a factor, as the base of a power or a divisor.
TERM, FACTOR, ATOM = 0, 1, 2
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPERATORS = {"sum": "Σ", "prod": "Π"}


@dataclass(frozen=True)
class Writer:
    """Writes expressions of one derivation; `system` gives letters for bound indices."""

    symbols: Symbols
    system: System

    @property
    def minus(self) -> str:
        return "-" if self.symbols.ascii else "−"

    @property
    def dot(self) -> str:
        return "*" if self.symbols.ascii else "·"

    def left(self, equation: Equation) -> Doc:
        """Return the left-hand side of an equation."""
        start = [Word("start ", "word")] if equation.kind is Kind.START else []
        return join(*start, self.element(equation.target))

    def sign(self, equation: Equation) -> str:
        """Return what stands between the sides."""
        return ":=" if equation.kind is Kind.UPDATE else "="

    def right(self, equation: Equation) -> Doc:
        """Return the right-hand side of an equation."""
        return self.write(equation.value, equation.indices)

    def write(self, e: Expr, scope: Sequence[Index] = (), level: int = TERM) -> Doc:
        """Return an expression in which the indices of `scope` are taken, in parentheses where the level asks."""
        if isinstance(e, Add):
            return self._bracketed(self._sum(e, scope), level > TERM)
        if isinstance(e, Mul | Product):
            return self._signed(e, scope, level)
        if isinstance(e, Reduce):
            return self._bracketed(self._reduction(e, scope), level > TERM)
        if isinstance(e, Pow):
            return self._power(e, scope, level)
        if isinstance(e, Call):
            return self._call(self.symbols.function(e.name), e.arguments, scope)
        if isinstance(e, Iverson):
            return self._conditions("[", e.conditions, scope, "]")
        if e.is_Rational and (e < 0 or e.q != 1):
            sign, size = (self.minus, -e) if e < 0 else ("", e)
            return self._bracketed(Word(f"{sign}{size}", "number"), level > FACTOR or bool(sign and level > TERM))
        return self._leaf(e)

    def element(self, e: Element) -> Doc:
        """Return `p[i,c]`."""
        name = Word(self.symbols.tensor(e.name), "adjoint" if e.name in self.symbols.adjoints else "name")
        if not e.indices:
            return name
        return join(name, Word(f"[{','.join(self.index(i) for i in e.indices)}]", "index"))

    def index(self, e: Expr) -> str:
        """Return an integer expression in an index or a condition: `t+1`, `(h+p)/s`."""
        return integer_text(e, self._index_leaf, self.minus)

    def _index_leaf(self, e: Expr) -> str:
        if isinstance(e, Element):
            inside = f"[{','.join(self.index(i) for i in e.indices)}]" if e.indices else ""
            return self.symbols.plain(e.name) + inside
        return self.symbols.plain(str(e))

    def _leaf(self, e: Expr) -> Doc:
        if isinstance(e, Element):
            return self.element(e)
        if isinstance(e, Grad):
            name = Word(self.symbols.derivative(e.of, e.element.name), "adjoint")
            if self.symbols.ascii:
                return Word(f"grad({e.of}, {self._index_leaf(e.element)})", "adjoint")
            inside = Word(f"[{','.join(self.index(i) for i in e.element.indices)}]", "index")
            return join(name, inside) if e.element.indices else name
        if isinstance(e, Quotient):
            return Word(self.index(e), "index")
        if isinstance(e, Symbol):
            return Word(self.symbols.plain(e.name), "size")
        if e.is_Float:
            return Word(repr(float(e)), "number")
        return Word("π" if str(e) == "pi" and not self.symbols.ascii else str(e), "number")

    # ------------------------------------------------------------ sums and products

    def _sum(self, e: Add, scope: Sequence[Index]) -> Doc:
        parts: list[Doc] = []
        for negative, term in ordered_terms(e, scope):
            sign = self.minus if negative else "+"
            if parts:
                parts += [Break(" "), Word(f"{sign} ", "operator")]
            elif negative:
                parts.append(Word(self.minus, "operator"))
            parts.append(Group(self.write(term, scope, FACTOR if negative and isinstance(term, Add) else TERM)))
        return Group(Align(Join(tuple(parts))))

    def _signed(self, e: Expr, scope: Sequence[Index], level: int) -> Doc:
        negative, size = sign_and_size(e)
        body = self._product(size, scope)
        if negative:
            return self._bracketed(join(Word(self.minus, "operator"), body), level > TERM)
        return self._bracketed(body, level > FACTOR or (level == FACTOR and _ends_in_sum(size, scope)))

    def _product(self, e: Expr, scope: Sequence[Index]) -> Doc:
        above, below = ordered_factors(e, scope)
        tail = above.pop() if above and isinstance(above[-1], Reduce) else None
        parts: list[Doc] = []
        for factor in above or ([] if tail is not None and not below else [Rational(1)]):
            if parts:
                parts += [Group(Break()), Word(self.dot, "operator")]
            parts.append(self.write(factor, scope, FACTOR))
        if below:
            parts += self._divided(below, scope, last=tail is None)
        if tail is not None:
            if parts:
                parts += [Group(Break(" ")), Word(f"{self.dot} ", "operator")]
            parts.append(self._reduction(tail, scope))
        return parts[0] if len(parts) == 1 else Group(Align(Join(tuple(parts))))

    def _divided(self, below: list[Expr], scope: Sequence[Index], last: bool) -> list[Doc]:
        """Return `/m`, `/(m·C)`, or `/ Σ[k] exp(z[i,k])` with room around it."""
        if len(below) == 1:
            if isinstance(below[0], Reduce) and last and isinstance(below[0].body, Element | Call):
                return [Group(Break(" ")), Word("/ ", "operator"), self._reduction(below[0], scope)]
            return [Word("/", "operator"), self.write(below[0], scope, ATOM)]
        parts: list[Doc] = []
        for factor in below:
            parts += ([Word(self.dot, "operator")] if parts else []) + [self.write(factor, scope, FACTOR)]
        return [Word("/", "operator"), self._bracketed(Join(tuple(parts)), True)]

    def _reduction(self, e: Reduce, scope: Sequence[Index]) -> Doc:
        letters = self._letters(e, scope)
        binders, body, conditions = e.open(letters)
        inner = (*scope, *binders)
        inside = [self.symbols.plain(b.name) for b in binders] + condition_texts(conditions, self, inner)
        separator = "," if not conditions else ", "
        shown = e.op if self.symbols.ascii else _OPERATORS.get(e.op, e.op)
        head = join(Word(shown, "operator"), Word(f"[{separator.join(inside)}]", "index"), Word(" "))
        tight = self.write(body, inner, FACTOR if isinstance(body, Add) else TERM)
        return join(head, Align(tight))

    def _letters(self, e: Reduce, scope: Sequence[Index]) -> list[Index]:
        used = [i.name for i in scope]
        out = []
        for size in e.sizes:
            used.append(pick_letter(self.system, size, used))
            out.append(Index(used[-1], size))
        return out

    def _power(self, e: Pow, scope: Sequence[Index], level: int) -> Doc:
        base, exponent = e.args
        if exponent == Rational(1, 2):
            return self._call(self.symbols.function("sqrt"), (base,), scope)
        if exponent.is_Rational and exponent < 0:
            return self._bracketed(self._product(e, scope), level > FACTOR)
        shown = self.write(base, scope, ATOM)
        if isinstance(base, Pow | Mul | Product) and not isinstance(base, Reduce):
            shown = self._bracketed(self.write(base, scope), True)
        if not self.symbols.ascii and exponent.is_Integer:
            return join(shown, Word(str(exponent).translate(SUPERSCRIPTS), "number"))
        caret = "**" if self.symbols.ascii else "^"
        return self._bracketed(join(shown, Word(caret, "operator"), self.write(exponent, scope, ATOM)), level > FACTOR)

    def _call(self, name: str, arguments: Sequence[Expr], scope: Sequence[Index]) -> Doc:
        parts: list[Doc] = []
        for a in arguments:
            parts += ([Word(","), Break(" ")] if parts else []) + [self.write(a, scope)]
        return join(Word(name, "function"), Word("("), Group(Align(Join(tuple(parts)))), Word(")"))

    def _conditions(self, opening: str, conditions: Sequence[Condition], scope: Sequence[Index], closing: str) -> Doc:
        parts: list[Doc] = []
        for text in condition_texts(conditions, self, scope):
            parts += ([Word(","), Break(" ")] if parts else []) + [Word(text, "condition")]
        return join(Word(opening), Group(Align(Join(tuple(parts)))), Word(closing))

    def _bracketed(self, body: Doc, needed: bool) -> Doc:
        return join(Word("("), Align(body), Word(")")) if needed else body


def _ends_in_sum(e: Expr, scope: Sequence[Index]) -> bool:
    above, below = ordered_factors(e, scope)
    return any(isinstance(f, Reduce) for f in above + below)
