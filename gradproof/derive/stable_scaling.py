"""Expressions with exponentials as `exp(shift)*rest`, where `rest` neither overflows nor vanishes.

    exp(a)              shift a              rest 1
    sum w*exp(a)        M = max a            sum w*exp(a - M)
    u + e^a + sum ...   M = max(0, a, ...)   u*exp(-M) + exp(a - M) + ...
    prod exp(a)         sum a                1
    cosh(a), sinh(a)    |a|                  (exp(a - |a|) +- exp(-a - |a|))/2
    exp(a - log T)      a - shift of T       1/(rest of T)

Products add shifts, powers multiply them; so a product of such expressions has one exponential, whose argument is
large only where the product itself is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from sympy import Add, Basic, Expr, Mul, Pow, Rational, S

from gradproof.derive.nodes import Call, Element, Iverson, Reduce, elements, free
from gradproof.derive.stable_tensors import Additions, stem_of

Log = Callable[[Expr], Expr | None]


@dataclass(frozen=True, slots=True)
class Scaled:
    """`exp(shift)*rest`."""

    shift: Expr
    rest: Expr

    def power(self, n: Expr) -> Scaled:
        return Scaled(n * self.shift, self.rest**n)

    def value(self) -> Expr:
        return self.rest if self.shift == 0 else Call("exp", self.shift) * self.rest


def times(parts: list[Scaled]) -> Scaled:
    """Return the product."""
    return Scaled(Add(*[p.shift for p in parts]), Mul(*[p.rest for p in parts]))


class Scaling:
    """Finds exponentials that may overflow, and scales them; a tensor defined as one is seen through."""

    def __init__(self, additions: Additions, log: Log) -> None:
        self.additions, self.log = additions, log
        # Definitions share what they read: without a memory each would be seen through once for every path to it.
        self._raw: dict[Expr, bool] = {}
        self._names: dict[str, bool] = {}
        self._below: dict[Expr, bool] = {}

    # ---------------------------------------------------------------- which they are

    def is_raw(self, e: Expr) -> bool:
        """Does the expression grow or vanish as an exponential does? Quotients of such expressions do not."""
        if e not in self._raw:
            self._raw[e] = self._is_raw(e)
        return self._raw[e]

    def _is_raw(self, e: Expr) -> bool:
        if isinstance(e, Call):
            return e.name in ("cosh", "sinh") or (e.name == "exp" and not self.is_shifted(e.arguments[0]))
        if isinstance(e, Element):
            return self._is_defined_raw(e.name)
        if isinstance(e, Pow):
            return bool(e.exp.is_Integer) and self.is_raw(e.base)
        if isinstance(e, Mul):
            above, below = self.raw_factors(e)
            return bool(above) != bool(below)
        if isinstance(e, Add):
            return any(self.is_raw(a) for a in e.args)
        if isinstance(e, Reduce) and e.op == "sum":
            return self.is_raw(e.opened()[1])
        return self._log_of_product(e) is not None

    def _is_defined_raw(self, name: str) -> bool:
        """May the tensor's definition stand for it, whatever its indices are?"""
        if name not in self._names:
            equation = self.additions.definitions.get(name)
            self._names[name] = equation is not None and self._stands_for(equation.value)
        return self._names[name]

    def raw_factors(self, e: Expr) -> tuple[list[Expr], list[Expr]]:
        """Return the factors of a product that are raw, above the line and below it."""
        raw = [f for f in Mul.make_args(e) if self.is_raw(f)]
        below = [f for f in raw if self._is_below(f)]
        return [f for f in raw if f not in below], below

    def _is_below(self, e: Expr) -> bool:
        """Does the raw expression stand below a line, be it in the definition of its tensor?"""
        if e not in self._below:
            self._below[e] = self._stands_below(e)
        return self._below[e]

    def _stands_below(self, e: Expr) -> bool:
        base, n = e.as_base_exp()
        value = self.additions.definition(base) if isinstance(base, Element) else base
        inverse = isinstance(value, Mul | Pow) and value != e and any(self._is_below(f) for f in Mul.make_args(value))
        return bool(n.is_negative) != inverse

    def _stands_for(self, value: Expr) -> bool:
        """May the value replace its tensor? A plain exponential, a sum of them, 1/sum; no weights but numbers."""
        if isinstance(value, Call) and value.name == "exp":
            return self.is_raw(value) and not any(n < 0 for n, _ in self._logs(value.arguments[0])[1])
        if isinstance(value, Pow):
            return bool(value.exp.is_Integer) and self._stands_for(value.base)
        if isinstance(value, Mul):
            rest = [f for f in value.args if not self._stands_for(f)]
            return self.is_raw(value) and len(rest) < len(value.args) and not elements(Mul(*rest))
        return isinstance(value, Add | Reduce) and self.is_raw(value)

    def is_shifted(self, argument: Expr) -> bool:
        """Is a maximum subtracted already, by this pass or by hand?"""
        for term in Add.make_args(argument):
            number, rest = term.as_coeff_Mul()
            if number.is_negative and self.additions.is_shift(rest):
                return True
            if isinstance(rest, Call) and rest.name == "abs" and number == -1:
                inner = rest.arguments[0]
                if (argument - term) in (inner, -inner):
                    return True
        return False

    def _logs(self, argument: Expr) -> tuple[Expr, list[tuple[Expr, Expr]]]:
        """Split a + n*log T + ...: return a and the pairs (n, T) with an integer n and a raw T."""
        left, pairs = [], []
        for term in Add.make_args(argument):
            number, rest = term.as_coeff_Mul()
            value = self.additions.definition(rest) if isinstance(rest, Element) else rest
            inner = value.arguments[0] if isinstance(value, Call) and value.name == "log" else None
            if inner is not None and number.is_Integer and self.is_raw(inner):
                pairs.append((number, inner))
            else:
                left.append(term)
        return Add(*left), pairs

    def _log_of_product(self, e: Basic) -> Expr | None:
        """log prod f = sum log f, where f is a sigmoid or has a known logarithm."""
        return self.log(e) if isinstance(e, Reduce) and e.op == "prod" else None

    # ---------------------------------------------------------------- scaling

    def scaled(self, e: Expr) -> Scaled:
        """Return e as exp(shift)*rest; what is not raw is all rest."""
        if not self.is_raw(e):
            return Scaled(S.Zero, e)
        if isinstance(e, Call):
            return self._hyperbolic(e) if e.name != "exp" else self.exponential(e.arguments[0])
        if isinstance(e, Element):
            return self.scaled(self.additions.definition(e))
        if isinstance(e, Pow):
            return self.scaled(e.base).power(e.exp)
        if isinstance(e, Mul):
            return times([self.scaled(f) for f in e.args])
        if isinstance(e, Add):
            return self._sum_of_terms(e)
        if e.op == "prod":
            return Scaled(self._log_of_product(e), S.One)
        return self._total(e)

    def exponential(self, argument: Expr) -> Scaled:
        """Return exp(a + n*log T) scaled: exp(a)*T**n."""
        rest, logs = self._logs(argument)
        return times([Scaled(rest, S.One), *[self.scaled(inner).power(n) for n, inner in logs]])

    def is_normalised(self, e: Expr) -> bool:
        """Is it exp(a - log T) for a raw T?"""
        return isinstance(e, Call) and e.name == "exp" and any(n < 0 for n, _ in self._logs(e.arguments[0])[1])

    def _hyperbolic(self, e: Call) -> Scaled:
        a = e.arguments[0]
        size, sign = Call("abs", a), 1 if e.name == "cosh" else -1
        return Scaled(size, (Call("exp", a - size) + sign * Call("exp", -a - size)) * Rational(1, 2))

    def _sum_of_terms(self, e: Add) -> Scaled:
        raw = [self.named(a) for a in e.args if self.is_raw(a)]
        plain = Add(*[a for a in e.args if not self.is_raw(a)])
        levels = [*([S.Zero] if plain != 0 else []), *[r.shift for r in raw]]
        largest = self.additions.shift(reduce(lambda a, b: Call("max", a, b), levels)) if len(levels) > 1 else levels[0]
        terms = [Scaled(r.shift - largest, r.rest).value() for r in raw]
        return Scaled(largest, Add(*terms, Scaled(-largest, plain).value() if plain != 0 else S.Zero))

    def _total(self, e: Reduce) -> Scaled:
        """sum w*exp(a) = exp(M) * sum w*exp(a - M) with M = max a over the terms that count."""
        binders, body, conditions = e.open()
        inner = self.scaled(body)
        largest = inner.shift
        if free(inner.shift) & set(binders):
            brackets = [c for f in Mul.make_args(body) if isinstance(f, Iverson) for c in f.conditions]
            largest = self.additions.shift(Reduce("max", inner.shift, binders, e.sizes, [*conditions, *brackets]))
        shifted = Scaled(inner.shift - largest, inner.rest).value()
        return Scaled(largest, Reduce("sum", shifted, binders, e.sizes, conditions))

    def named(self, e: Expr) -> Scaled:
        """Return e scaled, each sum in its rest kept in a tensor: many elements share it."""
        found = self.scaled(e)
        return Scaled(found.shift, Mul(*[self._kept(f, found.shift) for f in Mul.make_args(found.rest)]))

    def _kept(self, factor: Expr, shift: Expr) -> Expr:
        base, n = factor.as_base_exp()
        if not isinstance(base, Reduce | Add):
            return factor
        return self.additions.tensor(f"{self.stem(shift)}_sumexp", base) ** n

    def stem(self, shift: Expr) -> str:
        """Return what tensors with this shift are named after: z for z_shift, else the equation's own tensor."""
        names = sorted({a.name for a in elements(shift) if self.additions.is_shift(a)})
        return stem_of(names[0]) if len(names) == 1 else self.additions.target
