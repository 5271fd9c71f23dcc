"""Display tree -> MathML, with the names, labels and limits of the LaTeX writer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gradproof.derive.latex.first import from_zero
from gradproof.derive.latex.names import is_partial, latex_name
from gradproof.derive.latex.writer import ATOM, FACTOR, OPEN, PRODUCT, SUM
from gradproof.derive.latex.writer import Writer as LatexWriter
from gradproof.derive.notation import boxes as bx
from gradproof.derive.notation.boxes import Box
from gradproof.derive.notation.integer_layout import integer_box
from gradproof.derive.render.mathml import (
    THIN,
    TIMES,
    fenced,
    frac,
    head,
    indices,
    label,
    limits,
    listed,
    mi,
    mn,
    mo,
    row,
    scripts,
)

MINUS = "\u2212"
_RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}
_BIG = {"sum": "∑", "prod": "∏", "argmax": "arg max", "argmin": "arg min"}
_FUNCTIONS = {"relu": "ReLU", "sigma": "σ", "pi": "π"}
_APPLY = mo("\u2061")


@dataclass(frozen=True)
class MathWriter:
    """Writes display trees as MathML; what names mean is known from the LaTeX writer of the same derivation."""

    latex: LatexWriter

    def write(self, box: Box, least: int = SUM) -> str:
        """Return a display tree, in parentheses where it binds less tightly than `least`."""
        text, binding = self._write(box)
        return text if binding >= least else fenced(text)

    def _write(self, box: Box) -> tuple[str, int]:  # noqa: C901, PLR0912  (one line for each kind of box)
        match box:
            case bx.Num():
                return self._number(box)
            case bx.Const():
                return mi(_FUNCTIONS.get(box.name, box.name)), ATOM
            case bx.Sym():
                return self.name(box.name or box.symbol.name, ""), ATOM
            case bx.Elem():
                return self._element(box), ATOM
            case bx.Fun():
                return self._function(box)
            case bx.Root():
                return f"<msqrt>{self.write(box.inner)}</msqrt>", ATOM
            case bx.Frac():
                return frac(self.write(box.num), self.write(box.den)), FACTOR
            case bx.Power():
                return scripts(self.write(box.base, ATOM), "", self.write(box.exponent)), FACTOR
            case bx.Mod():
                return row(self.write(box.num, PRODUCT), mo("mod"), self.write(box.den, ATOM)), PRODUCT
            case bx.Prod():
                return self._product(box)
            case bx.Sum():
                return row(*self._signed(box)), SUM
            case bx.Chain():
                return self._chain(box), SUM
            case bx.Not():
                return row(mo("¬"), fenced(listed([self.write(c) for c in box.conditions]))), ATOM
            case bx.Tup():
                return fenced(listed([self.write(i) for i in box.items])), ATOM
            case bx.Iver():
                return fenced(listed([self.write(c) for c in box.conditions]), "[", "]"), ATOM
            case bx.Deriv():
                by = row(mi("∂"), self.write(box.element))
                return frac(row(mi("∂"), self.name(box.of, "")), by), FACTOR
            case bx.Big():
                return self._big(box), OPEN
            case bx.Binder():
                return self.write(box.index), ATOM
        raise TypeError(f"no such box: {box!r}")

    # ------------------------------------------------------------ names

    def name(self, name: str, below: str) -> str:
        """Return a name with its indices below and its label above."""
        stem, mark = latex_name(name, self.latex.tensors)
        number = mark.strip("()")
        bare = re.sub(r"^[dt]\d*_", "", name.removesuffix(number))
        if number.isdigit() and not below and bare not in self.latex.indexed:
            return scripts(head(stem), mn(number), "")
        return scripts(head(stem), below, label(mark) if mark else "")

    def _element(self, box: bx.Elem) -> str:
        below = self._indices(box)
        if (partial := is_partial(box.name)) is not None:
            return frac(row(mi("∂"), self.name(partial[0], "")), row(mi("∂"), self.name(partial[1], below)))
        return self.name(box.name, below)

    def _indices(self, box: bx.Elem) -> str:
        return indices([self.write(i) for i in box.indices])

    def _number(self, box: bx.Num) -> tuple[str, int]:
        mantissa, _, exponent = box.text.partition("e")
        if not exponent:
            return mn(box.text), ATOM
        sign = mo(MINUS) if int(exponent) < 0 else ""
        power = scripts(mn("10"), "", sign + mn(str(abs(int(exponent)))))
        return (power, FACTOR) if mantissa == "1" else (row(mn(mantissa), mo("⋅"), power), PRODUCT)

    # ------------------------------------------------------------ forms

    def _function(self, box: bx.Fun) -> tuple[str, int]:
        arguments = [self.write(a) for a in box.arguments]
        if box.name == "exp" and "e" not in self.latex.names:
            return scripts(mi("e"), "", arguments[0]), FACTOR
        if box.name in ("abs", "floor"):
            return fenced(arguments[0], *("||" if box.name == "abs" else "⌊⌋")), ATOM
        return row(self.function(box.name), _APPLY, fenced(listed(arguments))), FACTOR

    def function(self, name: str) -> str:
        """Return a function's name, with its primes."""
        base = name.rstrip("'")
        shown = self.name(base, "") if base in self.latex.functions - {"sigma"} else mi(_FUNCTIONS.get(base, base))
        primes = "\u2032" * (len(name) - len(base))
        return scripts(shown, "", mo(primes)) if primes else shown

    def _signed(self, box: bx.Sum) -> list[str]:
        out: list[str] = []
        for sign, term in box.terms:
            form = 'form="infix"' if out else 'form="prefix"'
            out += [mo("+" if sign > 0 else MINUS, form)] if out or sign < 0 else []
            out.append(self.write(term, OPEN))
        return out

    def _product(self, box: bx.Prod) -> tuple[str, int]:
        *first, last = box.factors
        open_end = isinstance(last, bx.Big)
        parts = [*(self.write(f, FACTOR) for f in first), self.write(last, OPEN if open_end else FACTOR)]
        out = parts[0]
        for (a, _), (b, right) in pairwise(zip(box.factors, parts, strict=True)):
            out += between(a, b, right) + right
        return row(out), OPEN if open_end else PRODUCT

    def _chain(self, box: bx.Chain) -> str:
        out = [self.write(box.operands[0])]
        for op, operand in zip(box.ops, box.operands[1:], strict=True):
            out += [mo(_RELATIONS.get(op, op)), self.write(operand)]
        return row(*out)

    # ------------------------------------------------------------ big operators

    def _big(self, box: bx.Big) -> str:
        body = self.write(box.body, OPEN)
        if isinstance(box.body, bx.Big) and box.body.op == box.op and not box.fixed:
            body = fenced(body)
        return row(self.big_sign(box), body)

    def big_sign(self, box: bx.Big) -> str:
        """Return the sign of a sum, product or maximum with its limits."""
        sign = mo(_BIG[box.op]) if box.op in ("sum", "prod") else mi(_BIG.get(box.op, box.op))
        plain = [b for b in box.binders if not b.op or (b.op == "<" and not box.conditions)]
        if len(plain) == len(box.binders) and not box.conditions and box.op in ("sum", "prod"):
            return "".join(
                self._limits(sign, b, self.latex.zero or from_zero(box, b, compared=False)) for b in box.binders
            )
        below = listed([self._bound(b) for b in box.binders] + [self.write(c) for c in box.conditions])
        return limits(sign, below) + THIN

    def _limits(self, sign: str, b: bx.Binder, zero: bool) -> str:
        """Return the sign with its limits: from 1 to m, or from 0 to m - 1 where the index is a number."""
        upper, index = self.write(integer_box(b.size)), self.write(b.index)
        if b.bound is not None and b.op == "<" and self.write(b.bound) != upper:
            return limits(sign, row(index, mo("<"), self.write(b.bound)))
        if zero:
            return limits(sign, row(index, mo("="), mn("0")), self.write(integer_box(b.size - 1)))
        return limits(sign, row(index, mo("="), mn("1")), upper)

    def _bound(self, b: bx.Binder) -> str:
        index = self.write(b.index)
        return index if b.bound is None else row(index, mo(_RELATIONS.get(b.op, b.op)), self.write(b.bound))


def between(a: Box, b: Box, right: str) -> str:
    """Return what stands between two factors: a dot where side by side they would read as something else."""
    brackets = isinstance(b, bx.Sum | bx.Iver | bx.Mod)
    if right.startswith("<mn>") or (brackets and not isinstance(a, bx.Num | bx.Sum)):
        return mo("⋅")
    functions = isinstance(a, bx.Fun) or isinstance(b, bx.Fun | bx.Big | bx.Frac) or isinstance(a, bx.Frac)
    return TIMES + (THIN if functions else "")
