"""Equations and matrix notation of a derivation in MathML; spelled as in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from sympy import Basic, Expr

from gradproof.derive.implicit import is_solution
from gradproof.derive.latex.writer import FACTOR, OPEN, PRODUCT, SUM
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Element
from gradproof.derive.notation.boxes import Deriv, Elem
from gradproof.derive.notation.printer import expression_box, shown_boxes
from gradproof.derive.render import matrix_nodes as mx
from gradproof.derive.render.arrange import for_reading
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.mathml import THIN, fenced, listed, mi, mn, mo, row, scripts
from gradproof.derive.render.mathml_pieces import pieces
from gradproof.derive.render.mathml_writer import MINUS, MathWriter
from gradproof.derive.render.matrix_nodes import Matrix
from gradproof.derive.render.matrix_time import form_of
from gradproof.derive.render.symbols import Symbols
from gradproof.derive.steps import Derivation

ATOM = 4
ONES = '<mn mathvariant="bold">𝟏</mn>'
_SIGNS = {"ell": mi("ℓ"), "ones": ONES, "times": mo("⊙"), "over": mo("⊘"), "equals": mo("=")}
_RELATIONS = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}


@dataclass(frozen=True)
class MathHand:
    """Writes the mathematics of one derivation in MathML."""

    latex: LatexHand

    @classmethod
    def of(cls, derivation: Derivation) -> MathHand:
        """Return the hand for a derivation."""
        return cls(LatexHand.of(derivation))

    @property
    def symbols(self) -> Symbols:
        return self.latex.symbols

    @cached_property
    def writer(self) -> MathWriter:
        return MathWriter(self.latex.writer)

    def sides(self, equation: Equation) -> tuple[str, str, list[str]]:
        """Return left side, sign, and the right side in pieces between which a line may end."""
        left, sign, right = shown_boxes(equation, self.latex.system)
        right = self.latex.spelled(for_reading(right))
        start = "<mtext>solve </mtext>" if is_solution(equation.value) else ""
        return start + self._write(left), mo(sign), pieces(right, self.writer)

    def equals(self, equation: Equation) -> str:
        return mo(":=" if equation.kind is Kind.UPDATE else "=")

    def expression(self, e: Basic, least: int = 0) -> str:
        """Return an expression, in parentheses where it binds less tightly than `least`."""
        return self._write(for_reading(expression_box(e, self.latex.system)), least)

    def name(self, name: str) -> str:
        """Return a tensor's or a size's name."""
        return self._write(Elem(name, ()))

    def function(self, name: str) -> str:
        """Return a function's name; σ is the sigmoid unless a tensor bears that name."""
        sigma = name.rstrip("'") == "sigmoid" and "sigma" not in self.latex.system.by_name
        return self.writer.function(name.replace("sigmoid", "sigma") if sigma else name)

    def shape(self, shape: Sequence[Expr]) -> str:
        """Return m × C."""
        return mo("×").join(self.expression(n) for n in shape) or "<mtext>scalar</mtext>"

    def member(self, name: str, shape: Sequence[Expr], bound: Expr | None) -> str:
        """Return W ∈ R^(D × C)."""
        values = mi("ℝ")
        if bound is not None:
            values = fenced(listed([mn("0"), mo("…"), self.expression(bound - 1)]), "{", "}")
        return self.name(name) + mo("∈") + scripts(values, "", self.shape(shape) if shape else "")

    def by(self, name: str) -> str:
        """Return ∂ℓ/∂x."""
        return mi("∂") + mi("ℓ") + mo("/") + mi("∂") + self.name(name)

    def sign(self, word: str) -> str:
        """Return a sign by its name."""
        return _SIGNS[word]

    def words(self, text: str, inline: Callable[[str], str]) -> str:
        """Return a reason in HTML: the adjoints in it as mathematics."""
        parts = re.split(r"(\s+)", text)
        return "".join(self._word(p, inline) for p in parts)

    def _word(self, word: str, inline: Callable[[str], str]) -> str:
        if word in self.symbols.sums:
            return inline(self.name(word))
        return inline(self._adjoint(word)) if word in self.symbols.adjoints else escape(word)

    def _adjoint(self, name: str) -> str:
        """Return an adjoint on one line: ∂L/∂p."""
        if not self.symbols.scalar:
            return self.name(name)
        of, slash = self.name(self.symbols.scalar), mo("/", 'lspace="0" rspace="0"')
        return mi("∂") + of + slash + mi("∂") + self.name(self.symbols.adjoints[name])

    def matrix(self, equation: Equation) -> tuple[str, str, str] | None:
        """Return both sides in matrix notation with the sign between them, or None where there is none."""
        form = form_of(equation, self.latex.held)
        if form is None:
            return None
        left, right = (self.array(m) for m in form)
        return left, self.equals(equation), right

    def _write(self, box: Any, least: int = 0) -> str:
        return self.writer.write(self.latex.spelled(box), least)

    # ------------------------------------------------------------ matrix notation

    def array(self, m: Matrix, level: int = SUM) -> str:  # noqa: C901, PLR0912  (one case for each kind of node)
        """Return a matrix expression, in parentheses where the level asks."""
        match m:
            case mx.Whole() if m.at:
                return self.expression(Element(m.name, *m.at))
            case mx.Summed():
                below = self.expression(m.index)
                return _bracketed(f"<munder>{mo('∑')}{below}</munder>{self.array(m.body, PRODUCT)}", level > PRODUCT)
            case mx.Whole():
                return self._write(Deriv(m.of, Elem(m.name, ())) if m.of else Elem(m.name, ()))
            case mx.Scalar():
                return self.expression(m.value, level)
            case mx.Ones():
                return ONES
            case mx.Eye():
                return mi("I")
            case mx.Turned():
                return scripts(self._raised(m.body), "", mo("⊤"))
            case mx.Dot():
                return self._chain(m.parts, THIN, level)
            case mx.Times():
                return self._chain(m.parts, mo("⊙"), level)
            case mx.Over():
                return self._chain((m.top, m.bottom), mo("⊘"), level)
            case mx.Scaled():
                return self._scaled(m, level)
            case mx.Plus():
                return self._plus(m, level)
            case mx.Diagonal():
                return row(mi("diag"), fenced(self.array(m.body)))
            case mx.Triangle():
                return row(mi("triu" if m.upper else "tril"), fenced(self.array(m.body)))
            case mx.Inner():
                return fenced(listed([self.array(m.left), self.array(m.right)]), "⟨", "⟩")
            case mx.Power():
                return scripts(self._raised(m.body), "", mo("∘") + self.expression(m.exponent))
            case mx.Applied():
                return row(self.function(m.name), fenced(listed([self.array(a) for a in m.arguments])))
            case mx.Holds():
                relation = mo(_RELATIONS.get(m.op, m.op))
                return fenced(self.array(m.left) + relation + self.array(m.right), "[", "]")
        raise TypeError(f"no such matrix expression: {m!r}")

    def _raised(self, m: Matrix) -> str:
        text = self.array(m, ATOM)
        return fenced(text) if text.startswith("<mfrac>") else text

    def _chain(self, parts: tuple[Matrix, ...], sign: str, level: int) -> str:
        return _bracketed(sign.join(self.array(p, ATOM) for p in parts), level > PRODUCT)

    def _scaled(self, m: mx.Scaled, level: int) -> str:
        body = self.array(m.body, FACTOR if isinstance(m.body, mx.Over) else PRODUCT)
        top = THIN.join([*(self.array(part, FACTOR) for part in m.top), body])
        if not m.bottom:
            return _bracketed(top, level > PRODUCT)
        below = [self.array(part, FACTOR) for part in m.bottom]
        slash = mo("/", 'lspace="0.1em" rspace="0.1em"')
        return _bracketed(top + slash + _bracketed(THIN.join(below), len(below) > 1), level > PRODUCT)

    def _plus(self, m: mx.Plus, level: int) -> str:
        out = ""
        for negative, term in m.terms:
            form = 'form="infix"' if out else 'form="prefix"'
            out += mo(MINUS if negative else "+", form) if out or negative else ""
            out += self.array(term, OPEN)
        return _bracketed(out, level > SUM)


def _bracketed(text: str, needed: bool) -> str:
    return fenced(text) if needed else row(text)
