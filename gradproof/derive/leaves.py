"""Nodes without bound indices or conditions: tensor element, quotient, elementwise call, gradient, display product."""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Expr, S
from sympy.core.symbol import Str
from sympy.core.sympify import _sympify  # strict: text is refused, never parsed

from gradproof.derive.affine import integer_form


class Node(Expr):
    """A node of our own: commutative, with no other assumption, so that SymPy deduces nothing about it."""

    is_commutative = True
    is_number = False
    # Stated to be unknown: SymPy would search for each of them, in every node anew, and find nothing.
    is_complex = is_real = is_extended_real = is_finite = is_infinite = is_hermitian = is_antihermitian = None
    is_integer = is_rational = is_irrational = is_algebraic = is_transcendental = is_noninteger = None
    is_zero = is_nonzero = is_extended_nonzero = is_imaginary = is_even = is_odd = is_prime = is_composite = None
    is_positive = is_negative = is_nonnegative = is_nonpositive = is_polar = None
    is_extended_positive = is_extended_negative = is_extended_nonnegative = is_extended_nonpositive = None

    def as_base_exp(self) -> tuple[Expr, Expr]:
        return self, S.One

    def _sympystr(self, printer: object) -> str:
        from gradproof.derive.notation.printer import format_expr

        return format_expr(self)


def _text(name: str | Str) -> str:
    """Return the name as text; `str` of a `Str` would start SymPy's printer for each node that is rebuilt."""
    return name.name if isinstance(name, Str) else str(name)


class Element(Node):
    """`T[i, j]`: an element of the tensor named T; a scalar has no indices."""

    def __new__(cls, name: str | Str, *indices: Expr | int) -> Element:
        return _element(_text(name), tuple([integer_form(_sympify(i)) for i in indices]))

    @property
    def name(self) -> str:
        return self.args[0].name

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[1:]


@lru_cache(None)
def _element(name: str, indices: tuple[Expr, ...]) -> Element:
    """Return the one object for the element: equal ones are then found equal without looking inside."""
    return Expr.__new__(Element, Str(name), *indices)


class Quotient(Node):
    """`num/den` in an index, exact by a divisibility condition that stands elsewhere."""

    def __new__(cls, num: Expr, den: Expr) -> Expr:
        num, den = integer_form(_sympify(num)), _sympify(den)
        whole = _divided(num, den)
        return Expr.__new__(cls, num, den) if whole is None else whole

    @property
    def num(self) -> Expr:
        return self.args[0]

    @property
    def den(self) -> Expr:
        return self.args[1]


@lru_cache(None)
def _divided(num: Expr, den: Expr) -> Expr | None:
    """Return num/den where every term is divisible as it stands: 2*i/2 is i, and (s*i + s)/s is i + 1."""
    if den == 1:
        return num
    terms = [t / den for t in Add.make_args(num)]
    whole = all(t.as_coeff_Mul()[0].is_Integer and t.is_polynomial() for t in terms)
    return Add(*terms) if whole else None


class Call(Node):
    """`f(a, b)`: an elementwise function of the table, or an unknown one (primes in the name: its derivatives)."""

    def __new__(cls, name: str | Str, *arguments: Expr) -> Call:
        return Expr.__new__(cls, name if isinstance(name, Str) else Str(str(name)), *[_sympify(a) for a in arguments])

    @property
    def name(self) -> str:
        return self.args[0].name

    @property
    def arguments(self) -> tuple[Expr, ...]:
        return self.args[1:]


class Grad(Node):
    """`grad(L, w[j])`: the derivative of the scalar tensor L with respect to an element, in an update rule."""

    def __new__(cls, of: str | Str, element: Element) -> Grad:
        return Expr.__new__(cls, Str(_text(of)), element)

    @property
    def of(self) -> str:
        return self.args[0].name

    @property
    def element(self) -> Element:
        return self.args[1]


class Product(Node):
    """A product in display order that SymPy may not touch (it would distribute `2*(a + b)`)."""


class Linear(Node):
    """Body of a reduction "solve": sum over the columns of `matrix` * x = `right`, and of x the entry at `slots`."""

    def __new__(cls, matrix: Expr, right: Expr, *slots: Expr) -> Linear:
        return Expr.__new__(cls, _sympify(matrix), _sympify(right), *[_sympify(s) for s in slots])

    @property
    def matrix(self) -> Expr:
        return self.args[0]

    @property
    def right(self) -> Expr:
        return self.args[1]

    @property
    def slots(self) -> tuple[Expr, ...]:
        return self.args[2:]
