r"""Equations of a derivation in LaTeX: `\frac{\partial L}{\partial z_{i,c}} = \frac{p_{i,c} - y_{i,c}}{m}`.

The display trees are written by the LaTeX writer that also serves notes; here the adjoints of a scalar output become
derivatives of it, and the sigmoid its letter. With an array output an adjoint is the name under a bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic, Expr

from gradproof.derive.implicit import is_solution
from gradproof.derive.latex.first import counts_from_zero
from gradproof.derive.latex.names import latex_name
from gradproof.derive.latex.writer import Writer
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element
from gradproof.derive.notation.boxes import Box, Deriv, Elem, Fun, map_box
from gradproof.derive.notation.printer import equation_boxes, expression_box, shown_boxes
from gradproof.derive.render.arrange import for_reading
from gradproof.derive.render.higher import Shown, in_latex, shown_names
from gradproof.derive.render.latex_lines import Lines, broken, stacked
from gradproof.derive.render.mathtext import flat_text
from gradproof.derive.render.matrix_text import Hand, Spelling, matrix_doc
from gradproof.derive.render.matrix_time import NOTHING, Held, form_of, held_in
from gradproof.derive.render.pretty import Doc, Word
from gradproof.derive.render.symbols import Symbols, symbols_for
from gradproof.derive.steps import Derivation

LATEX = Spelling(
    dot=r"\, ",
    times=r" \odot ",
    over=r" \oslash ",
    scalar=r" \, ",
    transpose=r"^{\top}",
    minus="-",
    inner=(r"\langle ", ", ", r" \rangle"),
    holds=("[", "]"),
    relations=((">=", r"\geq"), ("==", "="), ("!=", r"\neq")),
    power=(r"^{\circ ", "}"),
    sum=(r"\sum_{", "} "),
    ones=r"\mathbf{1}",
    diagonal=r"\operatorname{diag}",
    triangles=(r"\operatorname{tril}", r"\operatorname{triu}"),
    brackets=(r"\left(", r"\right)"),
)
_NAMED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL = str.maketrans({c: f"\\{c}" for c in "_&%#${}"} | _NAMED)
#: Signs in titles and reasons that a document does not know as text; accented letters that stand alone are names.
_SIGNS = {
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "×": r"\times",
    "·": r"\cdot",
    "−": "-",
    "→": r"\to",
    "∂": r"\partial",
}
_SIGN = {"ell": r"\ell", "ones": r"\mathbf{1}", "times": r"\odot", "over": r"\oslash", "equals": "="}
_MATHEMATICS = re.compile(rf"[{''.join(_SIGNS)}\u0370-\u03ff]|(?<!\w)[^\W\x00-\x7f](?!\w)")


@dataclass(frozen=True)
class LatexHand:
    """Writes the mathematics of one derivation in LaTeX."""

    symbols: Symbols
    system: System
    zero: bool = False
    arguments: tuple[str, ...] = ()
    higher: Mapping[str, Shown] = field(default_factory=dict)
    held: Held = NOTHING

    @classmethod
    def of(cls, derivation: Derivation) -> LatexHand:
        """Return the hand for a derivation, in all of which sums count from 0 or in all of which from 1."""
        system = derivation.system
        shown = (*system.equations, *derivation.arguments, *(s.after for s in derivation.steps))
        data = frozenset(t.name for t in system.tensors if t.bound is not None)
        zero = counts_from_zero(*(box for e in shown for box in equation_boxes(e, system)), data=data)
        return cls(
            symbols_for(derivation),
            system,
            zero,
            tuple(e.name for e in derivation.arguments),
            shown_names(derivation),
            held_in(derivation),
        )

    @cached_property
    def writer(self) -> Writer:
        writer = Writer(self.system, zero=self.zero, read_back=False)
        writer.below = stacked
        writer.functions |= {"sigma"}
        writer.shown = {n: self._as_shown(n, s, writer) for n, s in self.higher.items()}
        writer.tensors = (writer.tensors or frozenset()) | {*self.symbols.adjoints.values(), *self._respelled.values()}
        return writer

    def _as_shown(self, name: str, shown: Shown, writer: Writer) -> Callable[[list[str]], str]:
        """Return what writes a direction or a tangent over its indices."""
        rank = self.system[shown.of].rank if shown.of in self.system.by_name else 0
        return lambda indices: in_latex(shown, name, writer.name, indices, rank)

    @cached_property
    def _respelled(self) -> dict[str, str]:
        """Names that are written otherwise: an argument `pre_h` as h_pre, which is shown with its label above."""
        out: dict[str, str] = {}
        for name in self.arguments:
            label, _, of = name.partition("_")
            shown = f"{of}_{label}"
            if shown not in self.system.by_name:
                ours = [a for a in self.symbols.adjoints if a.endswith(f"_{name}")]
                out |= {name: shown} | {a: a.removesuffix(name) + shown for a in ours}
        return out

    def sides(self, equation: Equation) -> tuple[str, str, str]:
        """Return left side, sign and right side."""
        left, sign, right = shown_boxes(equation, self.system)
        start = r"\text{solve } " if is_solution(equation.value) else ""
        return start + self._write(left), sign, self._write(for_reading(right))

    def expression(self, e: Basic, least: int = 0) -> str:
        """Return an expression, in parentheses where it binds less tightly than `least`."""
        return self._write(for_reading(expression_box(e, self.system)), least)

    def lines(self, equation: Equation, room: int) -> list[str]:
        """Return the right side in lines of at most `room` points."""
        right = shown_boxes(equation, self.system)[2]
        return Lines(self.writer, room).of(self.spelled(for_reading(right)))

    def matrix(self, equation: Equation) -> tuple[str, str, str] | None:
        """Return both sides in matrix notation with the sign between them, or None where there is none."""
        form = form_of(equation, self.held)
        if form is None:
            return None
        left, right = (flat_text(matrix_doc(m, self._hand)) for m in form)
        return left, ":=" if equation.kind is Kind.UPDATE else "=", right

    def matrix_lines(self, equation: Equation, room: int) -> list[str]:
        """Return the right side in matrix notation in lines of at most `room` points."""
        form = form_of(equation, self.held)
        return [] if form is None else broken(matrix_doc(form[1], self._hand), room)

    def name(self, name: str) -> str:
        """Return a tensor's or a size's name."""
        return self._write(Elem(name, ()))

    def shape(self, shape: Sequence[Expr]) -> str:
        r"""Return `m \times C`."""
        return r" \times ".join(self.expression(n) for n in shape) or r"\text{scalar}"

    def member(self, name: str, shape: Sequence[Expr], bound: Expr | None) -> str:
        r"""Return `W \in \mathbb{R}^{D \times C}`."""
        values = r"\mathbb{R}" if bound is None else rf"\{{0, \dots, {self.expression(bound - 1)}\}}"
        return rf"{self.name(name)} \in {values}" + (f"^{{{self.shape(shape)}}}" if shape else "")

    def by(self, name: str) -> str:
        r"""Return `\partial \ell / \partial x`."""
        return rf"\partial \ell / \partial {self.name(name)}"

    def sign(self, word: str) -> str:
        """Return a sign by its name."""
        return _SIGN[word]

    def words(self, text: str, size: str = "") -> str:
        r"""Return a reason for use among mathematics: `\text{substitute }` and the adjoint as such."""
        parts = re.split(r"(\s+)", text)
        named = {*self.symbols.adjoints, *self.symbols.sums}
        spelled = "".join(rf"}}{self.name(p)}\text{{" if p in named else escaped(p) for p in parts)
        return rf"\text{{{size}{spelled}}}".replace(r"\text{}", "")

    @cached_property
    def _hand(self) -> Hand:
        return Hand(LATEX, self._array, self.function, self._scalar, _raised)

    def _array(self, name: str, of: str, at: tuple[Expr, ...]) -> Doc:
        if at:
            return Word(self.expression(Element(name, *at)))
        return Word(self._write(Deriv(of, Elem(name, ())) if of else Elem(name, ())))

    def function(self, name: str) -> str:
        """Return a function's name."""
        return self.writer.function_name(self.spelled(Fun(name, ())).name)

    def _scalar(self, e: Expr, level: int) -> Doc:
        return Word(self.expression(e, level))

    def _write(self, box: Box, least: int = 0) -> str:
        return self.writer.write(self.spelled(box), least)

    def spelled(self, box: Any) -> Any:
        """Return the display tree with adjoints as derivatives, and σ for the sigmoid."""
        if isinstance(box, Elem) and box.name in self.higher:
            return box
        if isinstance(box, Elem) and self.symbols.scalar and box.name in self.symbols.adjoints:
            of = self.symbols.adjoints[box.name]
            return Deriv(self.symbols.scalar, Elem(self._respelled.get(of, of), box.indices))
        if isinstance(box, Elem) and box.name in self._respelled:
            return Elem(self._respelled[box.name], box.indices)
        inner = map_box(box, self.spelled)
        if isinstance(inner, Fun) and inner.name.rstrip("'") == "sigmoid" and "sigma" not in self.system.by_name:
            return Fun(inner.name.replace("sigmoid", "sigma"), inner.arguments)
        return inner


def _raised(doc: Doc) -> Doc:
    """Braces for a name that has a label above already, parentheses for a fraction."""
    text = flat_text(doc)
    if text.startswith(r"\frac"):
        return Word(rf"\left({text}\right)")
    # TeX takes the braces off a lone accent, and would see two superscripts: the empty group keeps them.
    return Word(f"{{{text}{{}}}}") if "^" in text else doc


def escaped(text: str) -> str:
    """Return text as LaTeX takes it: special characters escaped, Greek letters and signs as mathematics."""
    return _MATHEMATICS.sub(_as_mathematics, text.translate(_SPECIAL))


def _as_mathematics(match: re.Match[str]) -> str:
    sign = match.group()
    written = _SIGNS.get(sign) or latex_name(sign)[0]
    return f"${written}$" if written.isascii() else sign
