"""Display tree -> LaTeX, with as few parentheses as its reader needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from types import MappingProxyType

from gradproof.derive.latex.first import from_zero
from gradproof.derive.latex.names import is_partial, latex_name
from gradproof.derive.model import System
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

#: How tightly a form binds: a sum, a product that a sum sign ends, a product, a factor, an atom.
SUM, OPEN, PRODUCT, FACTOR, ATOM = range(5)

_COMPARE = MappingProxyType({"=": "=", "==": "=", "!=": r"\neq", "<=": r"\leq", ">=": r"\geq", "<": "<", ">": ">"})
_FUNCTIONS = MappingProxyType(
    {name: f"\\{name}" for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "arctan", "max", "min")}
    | {"relu": r"\operatorname{ReLU}"}
)
_BIG = MappingProxyType(
    {
        "sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min",
        "argmax": r"\arg\max", "argmin": r"\arg\min", "logdet": r"\operatorname{logdet}",
    }
)  # fmt: skip
#: Names of letters that LaTeX has otherwise, and functions whose power stands at their name.
_LETTERS = MappingProxyType({"eps": r"\varepsilon", "lam": r"\lambda"})
_SPELLED = re.compile(r"\\text\{(eps|lam)\}")
_COUNTED = re.compile(r"\\text\{([A-Za-z]{2,})(\d+)\}")
_POWERED = ("sin", "cos", "tan", "tanh", "sinh", "cosh", "log")


def _script(text: str) -> str:
    """Return what stands above or below: one character needs no braces."""
    return text if len(text) == 1 else f"{{{text}}}"


def _parentheses(text: str) -> str:
    """Return the text in parentheses, which grow where something tall stands inside."""
    tall = any(x in text for x in (r"\frac", r"\sum", r"\prod", r"\left", r"\sqrt"))
    return rf"\left({text}\right)" if tall else f"({text})"


class Writer:
    """Writes display trees; the system says which names are tensors (and so which are adjoints).

    `shown`: names that are written otherwise, each with what writes it over its indices.

    `below`: joins the indices and conditions below a sum.

    `zero`: all sums count from 0, since one of them must; x_0 in one sum and x_1 in the next would be two entries.

    `read_back`: what is written is for this package's reader too; else it is for people alone, who need no dot to
    tell a product from a call, know ε by its letter, and take tanh² for a power.
    """

    def __init__(self, system: System | None, *, zero: bool = False, read_back: bool = True) -> None:
        self.zero = zero
        self.read_back = read_back
        self.shown: dict[str, Callable[[list[str]], str]] = {}
        self.below: Callable[[list[str]], str] = ", ".join
        names = frozenset(system.by_name) if system else None
        # what a derivation gives computes adjoints; elsewhere d_x is one only beside x, and d_k may be a labelled d
        backward = system is not None and any(e.name.startswith(("d_", "t_")) for e in system.definitions)
        self.tensors = None if backward else names
        self.names = names or frozenset()
        self.indexed = frozenset(t.name for t in system.tensors if t.rank) if system else frozenset()
        self.functions = frozenset(system.functions) if system else frozenset()

    def write(self, box: Box, least: int = SUM) -> str:
        """Return the LaTeX of a display tree, in parentheses where it binds less tightly than `least`."""
        text, binding = self._write(box)
        return text if binding >= least else _parentheses(text)

    def _write(self, box: Box) -> tuple[str, int]:  # noqa: C901, PLR0912  (one line for each kind of box)
        match box:
            case Num():
                return self._number(box)
            case Const():
                return f"\\{box.name}", ATOM
            case Sym():
                return self.name(box.name or box.symbol.name, ""), ATOM
            case Elem():
                return self._element(box), ATOM
            case Fun():
                return self._function(box)
            case Root():
                return rf"\sqrt{{{self.write(box.inner)}}}", ATOM
            case Frac():
                return rf"\frac{{{self.write(box.num)}}}{{{self.write(box.den)}}}", FACTOR
            case Power():
                return self._power(box), FACTOR
            case Mod():
                return rf"{self.write(box.num, PRODUCT)} \bmod {self.write(box.den, ATOM)}", PRODUCT
            case Prod():
                return self._product(box)
            case Sum():
                return self._sum(box), SUM
            case Chain():
                return self._chain(box), SUM
            case Not():
                return rf"\neg({', '.join(self.write(c) for c in box.conditions)})", ATOM
            case Tup():
                return f"({', '.join(self.write(i) for i in box.items)})", ATOM
            case Iver():
                return rf"\left[{', '.join(self.write(c) for c in box.conditions)}\right]", ATOM
            case Deriv():
                return rf"\frac{{\partial {self.name(box.of, '')}}}{{\partial {self.write(box.element)}}}", FACTOR
            case Big():
                return self._big(box), OPEN
            case Binder():
                return self.write(box.index), ATOM
        raise TypeError(f"no such box: {box!r}")

    # ------------------------------------------------------------ names

    def name(self, name: str, below: str) -> str:
        """Return a name with its indices below and its label above."""
        head, label = latex_name(name, self.tensors)
        if not self.read_back:
            head = _SPELLED.sub(lambda m: _LETTERS[m[1]], head).replace(r"\bar{\text", r"\overline{\text")
            if not label and (found := _COUNTED.search(head)):
                head, label = head.replace(found[0], rf"\text{{{found[1]}}}"), f"({found[2]})"
        number = label.strip("()")
        bare = re.sub(r"^[dt]\d*_", "", name.removesuffix(number))
        if number.isdigit() and not below and bare not in self.indexed:
            return f"{head}_{_script(number)}"
        return head + (f"^{_script(label)}" if label else "") + (f"_{_script(below)}" if below else "")

    def _element(self, box: Elem) -> str:
        below = self._indices(box)
        if box.name in self.shown:
            return self.shown[box.name]([self.write(i) for i in box.indices])
        if (partial := is_partial(box.name)) is not None:
            return rf"\frac{{\partial {self.name(partial[0], '')}}}{{\partial {self.name(partial[1], below)}}}"
        return self.name(box.name, below)

    def _indices(self, box: Elem) -> str:
        parts = [self.write(i) for i in box.indices]
        single = all(len(p) == 1 and p.isalpha() for p in parts)
        return ("" if single and len(parts) < 2 else ",").join(parts)

    def _number(self, box: Num) -> tuple[str, int]:
        mantissa, _, exponent = box.text.partition("e")
        if not exponent:
            return box.text, ATOM
        power = f"10^{{{int(exponent)}}}"
        return (power, FACTOR) if mantissa == "1" else (rf"{mantissa} \cdot {power}", PRODUCT)

    # ------------------------------------------------------------ forms

    def _function(self, box: Fun) -> tuple[str, int]:
        if box.name == "exp" and "e" not in self.names:
            return f"e^{{{self._exponent(box.arguments[0])}}}", FACTOR
        if box.name == "abs":
            return rf"\left|{self.write(box.arguments[0])}\right|", ATOM
        if box.name == "floor":
            return rf"\lfloor {self.write(box.arguments[0])} \rfloor", ATOM
        inside = ", ".join(self.write(a) for a in box.arguments)
        return f"{self.function_name(box.name)}{_parentheses(inside)}", FACTOR

    def function_name(self, name: str) -> str:
        r"""Return a function as it stands before its argument: \exp, \operatorname{erf}, \phi'."""
        base = name.rstrip("'")
        head = _FUNCTIONS.get(base) or (self.name(base, "") if base in self.functions else rf"\operatorname{{{base}}}")
        return f"{head}{name[len(base) :]}"

    def _power(self, box: Power) -> str:
        exponent, base = self._exponent(box.exponent), box.base
        if not self.read_back and isinstance(base, Fun) and base.name in _POWERED and exponent.isdigit():
            head = self.function_name(base.name)
            return f"{head}^{_script(exponent)}{_parentheses(self.write(base.arguments[0]))}"
        return f"{self._base(base)}^{_script(exponent)}"

    def _exponent(self, box: Box) -> str:
        """Return an exponent; for people a fraction in it has a stroke: a small one is hard to read."""
        if self.read_back or not isinstance(box, Frac):
            return self.write(box)
        return f"{self.write(box.num, PRODUCT)}/{self.write(box.den, FACTOR)}"

    def _base(self, base: Box) -> str:
        text = self.write(base, ATOM)
        # a label or an accent above the letter must not meet the power
        return f"{{{text}}}" if "^" in text and isinstance(base, Elem) else text

    def _sum(self, box: Sum) -> str:
        out = ""
        for sign, term in box.terms:
            text = self.write(term, OPEN)
            plus, minus = ("+", "-") if box.tight else (" + ", " - ")
            out += (plus if sign > 0 else minus) + text if out else ("-" if sign < 0 else "") + text
        return out

    def _product(self, box: Prod) -> tuple[str, int]:
        *first, last = box.factors
        parts = [self.write(f, FACTOR) for f in first]
        open_end = isinstance(last, Big)
        parts.append(self.write(last, OPEN if open_end else FACTOR))
        out = parts[0]
        for left, right in pairwise(parts):
            out += self.between(left, right) + right
        return out, OPEN if open_end else PRODUCT

    def between(self, left: str, right: str) -> str:
        """Return what stands between two factors: a dot where side by side they would read as something else."""
        fence = right.startswith((r"\left(", "(", r"\left["))
        if not self.read_back and fence and not left.endswith(")"):
            return "" if left.isdigit() else " " if right.startswith(r"\left") else r" \, "
        if (
            right[:1].isdigit()
            or (left[-1:].isalpha() and right.startswith((r"\left(", "(")))
            or right.startswith(r"\left[")
        ):
            return r" \cdot "
        if right.startswith((r"\left(", "(")) and not left.endswith((r"\right)", ")")) and not left[-1:].isdigit():
            return r" \cdot "
        return " "

    def _chain(self, box: Chain) -> str:
        out = self.write(box.operands[0])
        for op, operand in zip(box.ops, box.operands[1:], strict=True):
            out += f" {_COMPARE[op]} {self.write(operand)}"
        return out

    # ------------------------------------------------------------ big operators

    def _big(self, box: Big) -> str:
        sign = _BIG[box.op]
        body = self.write(box.body, OPEN)
        if isinstance(box.body, Big) and box.body.op == box.op and not box.fixed:
            body = _parentheses(body)
        if box.op in ("max", "min", "argmax", "argmin") and isinstance(box.body, Sum):
            body = self.write(box.body, OPEN)
        plain = [b for b in box.binders if not b.op or (b.op == "<" and not box.conditions)]
        if len(plain) == len(box.binders) and not box.conditions and box.op in ("sum", "prod"):
            return (
                "".join(
                    self._limits(sign, b, self.zero or from_zero(box, b, compared=self.read_back)) for b in box.binders
                )
                + " "
                + body
            )
        below = [self._bound(b) for b in box.binders] + [self.write(c) for c in box.conditions]
        return rf"{sign}_{{{self.below(below)}}} {body}"

    def _limits(self, sign: str, b: Binder, zero: bool) -> str:
        r"""Return the sign with its limits: `\sum_{i=1}^{m}`, or `\sum_{i=0}^{m-1}` where i is a number."""
        from gradproof.derive.notation.integer_layout import integer_box

        shown = b.bound is not None and b.op == "<"
        upper = self.write(integer_box(b.size))
        if shown and b.bound is not None and self.write(b.bound) != upper:
            return rf"{sign}_{{{self.write(b.index)} < {self.write(b.bound)}}}"
        if zero:
            return rf"{sign}_{{{self.write(b.index)}=0}}^{{{self.write(integer_box(b.size - 1))}}}"
        return rf"{sign}_{{{self.write(b.index)}=1}}^{{{upper}}}"

    def _bound(self, b: Binder) -> str:
        return self.write(b.index) + (f" {_COMPARE[b.op]} {self.write(b.bound)}" if b.bound is not None else "")
