"""A definition prepared for folding: target[I] = unit * prod base**exponent, with the head that is looked for first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Iverson, Node, Reduce, elements, free, names_in, substitute
from gradproof.derive.normal.factors import factors, weight


@dataclass(frozen=True)
class Definition:
    """`target = value`, one term; numbers and sizes (`unit`) divide freely.

    With a `function`, it says `function(target) = value`: exp(y) = exp(z)/s follows from y = z - log(s).
    """

    number: int
    target: Element
    value: Expr
    function: str = ""

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def shown(self) -> Expr:
        """What is written in place of the value."""
        return Call(self.function, self.target) if self.function else self.target

    @cached_property
    def variables(self) -> frozenset[Index]:
        return frozenset(i for i in self.target.indices if isinstance(i, Index))

    @cached_property
    def _pairs(self) -> list[tuple[Expr, Expr]]:
        return [(self.value, S.One)] if self.value.is_Add else factors(self.value)[1]

    @cached_property
    def unit(self) -> Expr:
        coefficient = S.One if self.value.is_Add else factors(self.value)[0]
        return coefficient * Mul(*[Pow(b, x) for b, x in self._pairs if self._is_unit(b)])

    def _is_unit(self, base: Expr) -> bool:
        return not base.atoms(Node) and free(base).isdisjoint(self.variables)

    @cached_property
    def conditions(self) -> tuple[Expr, ...]:
        """The conditions of the brackets among the factors."""
        return tuple(c for b, _ in self._pairs if isinstance(b, Iverson) for c in b.conditions)

    def conditions_at(self, e: Element) -> tuple[Expr, ...]:
        """Return these conditions for an element of the target."""
        if self.function:
            return ()
        return tuple(substitute(c, dict(zip(self.target.indices, e.indices, strict=True))) for c in self.conditions)

    @cached_property
    def _ranked(self) -> list[tuple[Expr, Expr]]:
        rest = [f for f in self._pairs if not self._is_unit(f[0]) and not isinstance(f[0], Iverson)]
        return sorted(rest, key=lambda f: (-len(free(f[0]) & self.variables), isinstance(f[0], Element), -weight(f[0])))

    @property
    def head(self) -> tuple[Expr, Expr]:
        """The factor whose match binds most indices."""
        return self._ranked[0]

    @property
    def others(self) -> list[tuple[Expr, Expr]]:
        return self._ranked[1:]

    @cached_property
    def names(self) -> frozenset[str]:
        """Tensors that must occur where the definition can be folded."""
        return names_in(self.head[0])

    @cached_property
    def usable(self) -> bool:
        """Is the head worth a name (function, sum, Add, root, quotient)? y = c*x, y = x*w would be solved for x."""
        if not self._ranked or not elements(self.head[0]):
            return False
        return not isinstance(self.head[0], Element) or self.is_root or self._is_quotient

    @property
    def is_root(self) -> bool:
        """Is it y = x**q for a tensor x and a q that is not whole, as y = sqrt(x)?"""
        (base, exponent), *rest = self._ranked
        return isinstance(base, Element) and not rest and exponent.is_Rational and not exponent.is_Integer

    @property
    def _is_quotient(self) -> bool:
        """Is it one element over another, as y = x/r? An argument that the derivation named itself is no better."""
        below = [b for b, x in self.others if x == -1 and isinstance(b, Element)]
        return self.head[1] == 1 and len(self.others) == len(below) == 1 and not self.name.startswith("pre")


def exponential(definition: Definition) -> Definition | None:
    """Return exp(y) = exp(z)/s for y = z - log(s), exp(y) = s for y = log(s); None without such a logarithm."""
    terms = Add.make_args(definition.value)
    inside = {t: _logarithm(t) for t in terms}
    rest = [t for t in terms if inside[t] is None]
    if len(rest) == len(terms) or not (rest or _is_log_sum_exp(definition.value)):
        return None
    value = Mul(*[Call("exp", Add(*rest)) for _ in rest[:1]], *[f for f in inside.values() if f is not None])
    return Definition(definition.number, definition.target, value, "exp")


def _is_log_sum_exp(e: Expr) -> bool:
    """Not log(1 + exp(z)), whose derivative is the sigmoid, nor log(sum p): 1/sum p reads better than 1/exp(L)."""
    return any(c.name == "exp" for r in e.atoms(Reduce) for c in r.atoms(Call))


def _logarithm(term: Expr) -> Expr | None:
    """Return s for log(s) and 1/s for -log(s)."""
    sign, rest = term.as_coeff_Mul()
    if isinstance(rest, Call) and rest.name == "log" and sign in (S.One, S.NegativeOne):
        return Pow(rest.arguments[0], sign)
    return None
