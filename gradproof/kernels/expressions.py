"""Expressions to text: real arithmetic in the module's type, integers in indices, brackets as conditionals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.index import Index, Size
from gradproof.derive.model import System
from gradproof.derive.nodes import Call, Element, Iverson, Reduce, names_in
from gradproof.derive.stable_tensors import is_finite_or_zero
from gradproof.errors import InternalError
from gradproof.kernels.complement import as_bell, with_complement
from gradproof.kernels.conditions import conditions_text
from gradproof.kernels.integers import integer_text, is_integer, real_text, tight_text
from gradproof.kernels.mathematics import BELL, COMPLEMENT, FORMS, NORMAL
from gradproof.kernels.numbers import coefficient_texts, number_text
from gradproof.kernels.order import factor_key, is_negative, term_key
from gradproof.kernels.plan import Storage
from gradproof.kernels.reads import element_text
from gradproof.kernels.scope import Scope

Facts = tuple[Expr, ...]
SUM, PRODUCT, SIGN, ATOM = 1, 2, 3, 4
Piece = tuple[str, int]


class Writer:
    """Writes the expressions of one kernel.

    Attributes:
        used: names of the forms (`FORMS`) that the text calls.
        unknown: names of the unknown functions that it calls.
        wide: are powers made in float64?
        position: where each index stands at the left of the equation that is being written.
        checked_labels: has the function around the loops looked at all labels?
        normal: are there functions for the normal distribution?
    """

    checked_labels = True
    normal = True

    def __init__(self, system: System, storage: dict[str, Storage], scope: Scope) -> None:
        self.system, self.storage, self.scope = system, storage, scope
        self.used: set[str] = set()
        self.unknown: set[str] = set()
        self.position: dict[Index, int] = {}
        self.wide = False

    # ---------------------------------------------------------------- entries

    def real(self, e: Expr, facts: Facts = ()) -> str:
        """Return the text of a real expression that stands by itself."""
        return _bare(self._piece(e, facts)[0])

    def operand(self, e: Expr, facts: Facts = ()) -> str:
        """Return the text of a real expression that can stand beside a comparison."""
        return self._within(e, facts, SUM)

    def integer(self, e: Expr, facts: Facts = ()) -> str:
        """Return the text of an integer expression that stands by itself."""
        return integer_text(e, self, facts)

    def tight_integer(self, e: Expr, facts: Facts = ()) -> str:
        """Return the text of an integer expression that can stand beside any operator."""
        return tight_text(e, self, facts)

    def condition(self, conditions: tuple[Basic, ...], facts: Facts = ()) -> tuple[str, Facts]:
        """Return the conditions joined by `and`, and the facts with theirs added."""
        return conditions_text(conditions, self, facts)

    def element(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of a tensor's element, guarded where it may lie past the edge."""
        return element_text(e, self, facts)

    def is_checked(self, e: Element, axis: int) -> bool:
        """Has the function around the loops made sure that the read stays inside?"""
        return False

    def inside(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element that is inside its array: `h[t + 1, k]`, one row standing before row 0."""
        slots = [self.integer(i + low, facts) for i, low in zip(e.indices, self.storage[e.name].low, strict=True)]
        return f"{self.scope.tensor(e.name)}[{', '.join(slots)}]"

    def call(self, name: str, *arguments: str) -> str:
        """Return `name(arguments)`, and note that the form is used."""
        self.used.add(name)
        return f"{FORMS[name].name}({', '.join(arguments)})"

    # ---------------------------------------------------------------- real expressions

    def _piece(self, e: Expr, facts: Facts) -> Piece:
        if e.is_number:
            text, single = number_text(e)
            return text, ATOM if single else PRODUCT
        if is_integer(e, self.storage):
            return real_text(e, self, facts), ATOM
        for kind, write in self._writers():
            if isinstance(e, kind):
                return write(e, facts)
        raise InternalError(f"no source form for {type(e).__name__}: {e}")

    def _writers(self) -> tuple[tuple[type, Callable[[Expr, Facts], Piece]], ...]:
        return (
            (Element, lambda e, facts: (self.element(e, facts), ATOM)),
            (Call, self._call),
            (Iverson, self._product),
            (Mul, self._product),
            (Add, self._sum),
            (Pow, self._power),
        )

    def _within(self, e: Expr, facts: Facts, least: int) -> str:
        text, strength = self._piece(e, facts)
        return text if strength >= least else f"({text})"

    def _call(self, e: Call, facts: Facts) -> Piece:
        if self.normal and e.name == "exp" and (bell := as_bell(e)) is not None:
            return self._piece(bell, facts)
        arguments = [self.real(a, facts) for a in e.arguments]
        if e.name in FUNCTIONS or e.name in (COMPLEMENT, NORMAL, BELL):
            return self.call(e.name, *arguments), ATOM
        self.unknown.add(e.name)
        return f"{self.scope.function(e.name)}({', '.join(arguments)})", ATOM

    def _sum(self, e: Expr, facts: Facts) -> Piece:
        if (complemented := with_complement(e, normal=self.normal)) is not None:
            return self._piece(complemented, facts)
        terms = sorted(e.args, key=term_key)
        if (shifted := self._shifted(terms)) is not None:
            text = self.real(shifted[0], facts)
            for term in shifted[1:]:
                text = self.call("less", text, self.real(-term, facts))
            return text, ATOM
        text = self._within(terms[0], facts, SUM)
        for term in terms[1:]:
            negative = is_negative(term)
            text += (" - " if negative else " + ") + self._within(-term if negative else term, facts, PRODUCT)
        return text, SUM

    def _shifted(self, terms: list[Expr]) -> list[Expr] | None:
        """Return the terms in the order b, -M, ..., where M is a maximum that bounds b; None where there is none."""
        shift = next((t for t in terms if len(terms) > 2 and _bare_term(t) in self._shifts), None)
        bounded = next((t for t in terms if shift is not None and is_negative(t) != is_negative(shift)), None)
        if shift is None or bounded is None:
            return None
        return [bounded, shift, *(t for t in terms if t not in (shift, bounded))]

    @cached_property
    def _shifts(self) -> frozenset[str]:
        """Tensors that hold the maximum of what they are taken from."""
        return frozenset(e.name for e in self.system.definitions if is_finite_or_zero(e.value))

    def _product(self, e: Expr, facts: Facts) -> Piece:
        conditions = tuple(c for a in Mul.make_args(e) if isinstance(a, Iverson) for c in a.conditions)
        factors = [a for a in Mul.make_args(e) if not isinstance(a, Iverson)]
        if conditions:
            test, known = self.condition(conditions, facts)
            text = self._quotient(factors, known)[0] if factors else "real(1.0)"
            return f"({text} if {test} else real(0.0))", ATOM
        return self._quotient(factors, facts)

    def _quotient(self, factors: list[Expr], facts: Facts) -> Piece:
        number = Mul(*[f for f in factors if f.is_number])
        sign, number = ("-", -number) if number.is_negative else ("", number)
        ordered = sorted((f for f in factors if not f.is_number), key=lambda f: factor_key(f, self.position))
        above = [f for f in ordered if not _is_denominator(f)]
        below = [1 / f for f in ordered if _is_denominator(f)]
        top, bottom = coefficient_texts(number)
        wide = any(self._stays_wide(f) for f in ordered)
        top += [self._factor(f, facts, PRODUCT) for f in above]
        if top and wide:
            top[0] = f"np.float64({top[0]})"
        bottom += [self._factor(f, facts, ATOM if len(below) + len(bottom) == 1 else PRODUCT) for f in below]
        text = sign + ("*".join(top) or "real(1.0)")
        if len(below) == len(bottom) == 1 and isinstance(below[0], Size) and not self.wide and not wide:
            text = self.by_size(text, bottom[0])
        elif bottom:
            text += "/" + (bottom[0] if len(bottom) == 1 else f"({'*'.join(bottom)})")
        return text, SIGN if sign and len(top) == 1 and not bottom else PRODUCT

    def by_size(self, text: str, size: str) -> str:
        """Return the text of a quotient by a size."""
        return f"{text}/{size}"

    def _power(self, e: Pow, facts: Facts) -> Piece:
        base, exponent = e.base, e.exp
        if _is_denominator(e):
            return self._quotient([e], facts)
        if exponent == sp.Rational(1, 2):
            root = self.call("sqrt", self.real(base, facts))
            wide = any(self.storage[n].wide for n in names_in(base))
            return f"real({root})" if wide else root, ATOM
        if exponent in (2, 3):
            return self._small_power(base, int(exponent), facts)
        if self.wide or any(self.storage[n].wide for n in names_in(base)):
            text = f"np.power({self._base(base, facts)}, {self.real(exponent, facts)})"
            return text if self.wide else f"real({text})", ATOM
        return self.call("power", self.real(base, facts), self.real(exponent, facts)), ATOM

    def _base(self, e: Expr, facts: Facts) -> str:
        text = self.real(e, facts)
        return f"np.float64({text})" if self.wide else text

    def _factor(self, e: Expr, facts: Facts, least: int) -> str:
        outer, self.wide = self.wide, self.wide or self._stays_wide(e)
        text = self._within(e, facts, least)
        self.wide = outer
        return text

    @cached_property
    def _roots(self) -> frozenset[str]:
        """Tensors that are defined with a root of a sum, as norms are."""
        powers = ((e.name, p) for e in self.system.definitions for p in e.value.atoms(Pow))
        return frozenset(name for name, p in powers if not p.exp.is_Integer and p.base.has(Reduce))

    def _stays_wide(self, e: Expr) -> bool:
        """Is it a power of a norm, or of a sum of squares, that leaves float32 where the product does not?"""
        if not isinstance(e, Pow) or not e.exp.is_number:
            return False
        if abs(e.exp) > 1 and isinstance(e.base, Element):
            return e.base.name in self._roots
        return bool(abs(e.exp) > sp.Rational(1, 2)) and any(self.storage[n].wide for n in names_in(e.base))

    def _small_power(self, base: Expr, exponent: int, facts: Facts) -> Piece:
        if self.wide:
            return self.call({2: "square", 3: "cube"}[exponent], self._base(base, facts)), ATOM
        text = self.real(base, facts)
        if text.isidentifier() or (isinstance(base, Element) and len(text) < 20 and "(" not in text):
            return "*".join([text] * exponent), PRODUCT
        return self.call({2: "square", 3: "cube"}[exponent], text), ATOM


def _bare_term(e: Expr) -> str:
    """Return the name of an element that is added or subtracted, "" for other terms."""
    bare = -e if is_negative(e) else e
    return bare.name if isinstance(bare, Element) else ""


def _is_denominator(e: Expr) -> bool:
    return isinstance(e, Pow) and is_negative(e.exp)


def _bare(text: str) -> str:
    """Take away the one pair of brackets that encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1]
