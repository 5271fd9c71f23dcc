"""Equations in, equal equations out that neither overflow nor lose digits where the textbook forms do.

Each rewriting is an identity of real numbers, written at its rule; tests prove the whole in ball arithmetic.

    exp(b)/sum exp(a)     = exp(b - M)/sum exp(a - M)          for any M; here M = max a where that is finite, else 0
    log sum exp(a)        = M + log sum exp(a - M)
    log(exp(b)/sum exp(a)) = (b - M) - log sum exp(a - M)
    log sigmoid(z)        = -softplus(-z),   log(1 - sigmoid(z)) = -softplus(z)
    log(e^a + e^b)        = a + softplus(b - a)
    log prod f            = sum log f
    log cosh(z)           = |z| + softplus(-2 |z|) - log 2
    1/(1 + e^-z)          = sigmoid(z),      (e^z - e^-z)/(e^z + e^-z) = tanh(z)

A product of exponentials, of sums of them (with other terms or without) and of their powers and inverses has one
exponential of one shifted argument (`stable_scaling`). A tensor that is defined as such a form (`p` a softmax, `a` a
sigmoid) is seen through: `log(p[i,c])` is computed from the logits. Its own equation stays, and so does its value.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Basic, Expr, Integer, Mul, Pow, S

from gradproof.derive.index import Size
from gradproof.derive.model import System
from gradproof.derive.nodes import Call, Element, Iverson, Reduce, rebuild
from gradproof.derive.stable_forms import hyperbolic, logistic
from gradproof.derive.stable_scaling import Scaled, Scaling, times
from gradproof.derive.stable_tensors import Additions


def stabilise(system: System) -> System:
    """Return a system with the same tensors and values, computed stably; tensors may be added (`z_max`, `z_log`).

    Added equations bear the number of the equation that needs them.
    """
    return _Stabiliser(system).system()


class _Stabiliser:
    def __init__(self, system: System) -> None:
        self.given = system
        self.additions = Additions(system)
        self.scaling = Scaling(self.additions, self._log_of_product)

    def system(self) -> System:
        done = self.additions.equations
        for equation in self.given.equations:
            self.additions.number, self.additions.target = equation.number, equation.name
            value = self.rewrite(equation.value)
            done.append(equation if value == equation.value else replace(equation, value=value))
        if tuple(done) == self.given.equations:
            return self.given
        return replace(self.given, tensors=tuple(self.additions.tensors), equations=tuple(done))

    def rewrite(self, e: Expr) -> Expr:
        """Return the expression with every unstable form replaced, outermost first."""
        if not e.args or isinstance(e, Element):
            return e
        with self.additions.where(_brackets(e)):
            return self._rewritten(e)

    def _rewritten(self, e: Expr) -> Expr:
        new = self._logarithm(e) or hyperbolic(e) or logistic(e) or self._quotient(e)
        if new is not None and new != e:
            return self.rewrite(new)
        if isinstance(e, Reduce):
            binders, body, conditions = e.open()
            kept = [self._inside(c) for c in conditions]
            with self.additions.where(conditions):
                inner = self.rewrite(body)
            return e if inner == body and kept == conditions else Reduce(e.op, inner, binders, e.sizes, kept)
        return rebuild(e, [self._inside(a) for a in e.args])

    def _inside(self, e: Basic) -> Basic:
        if isinstance(e, Expr):
            return self.rewrite(e)
        return rebuild(e, [self._inside(a) for a in e.args]) if e.args else e

    # ---------------------------------------------------------------- logarithms

    def _logarithm(self, e: Expr) -> Expr | None:
        if isinstance(e, Call) and e.name == "log":
            return self.log(e.arguments[0])
        if isinstance(e, Call) and e.name == "log1p":
            return self.log(1 + e.arguments[0])
        return None

    def log(self, e: Expr) -> Expr | None:
        """Return log(e) for a form that holds an exponential, or None if e is no such form."""
        if isinstance(e, Call):
            return _log_of_call(e)
        if isinstance(e, Element):
            value = self.additions.definition(e)
            return None if value is None else self.log(value)
        if isinstance(e, Pow):
            inner = self.log(e.base) if self.is_positive(e.base) else None
            return None if inner is None else e.exp * inner
        if isinstance(e, Mul):
            return self._log_product(e)
        if isinstance(e, Add):
            return self._log_sum(e)
        if isinstance(e, Reduce) and e.op == "sum" and self.scaling.is_raw(e):
            return self._log_of_scaled(e)
        return self._log_of_product(e) if isinstance(e, Reduce) and e.op == "prod" else None

    def _log_of_scaled(self, e: Expr) -> Expr:
        """log(exp(M)*r) = M + log(r); the two stay apart: b - M may be small where b and M are large."""
        found = self.scaling.named(e)
        return found.shift + self.additions.tensor(f"{self.scaling.stem(found.shift)}_log", Call("log", found.rest))

    def _log_of_product(self, e: Expr) -> Expr | None:
        """log prod f = sum log f for a positive form f."""
        binders, body, conditions = e.open()
        inner = self.log(body) if self.is_positive(body) else None
        return None if inner is None else Reduce("sum", inner, binders, e.sizes, conditions)

    def _log_product(self, e: Expr) -> Expr | None:
        """log(u*k) = log(u) + log(k) where k > 0 is a known form; u is what is left."""
        known = [(f, self.log(f) if self.is_positive(f) else None) for f in e.args]
        rest = Mul(*[f for f, form in known if form is None])
        forms = [form for _, form in known if form is not None]
        if rest.has(Iverson):
            return None
        if forms:
            return Add(*forms, *_log_rest(rest))
        return self._log_of_scaled(e) if self.scaling.is_raw(e) else None

    def _log_sum(self, e: Expr) -> Expr | None:
        """log(1 - sigmoid(z)) = -softplus(z); log(a + b) = log(a) + softplus(log(b) - log(a)) for positive forms."""
        if len(e.args) == 2 and S.One in e.args:
            z = self._sigmoid_of(1 - e)
            if z is not None:
                return -Call("softplus", z)
        positive = all(self.is_positive(term) for term in e.args)
        forms = [_log_number(term) if term.is_number else self.log(term) for term in e.args] if positive else [None]
        if None in forms:
            return self._log_of_scaled(e) if self.scaling.is_raw(e) else None
        total: Expr = forms[0]
        for form in forms[1:]:
            total = total + Call("softplus", form - total)
        return total

    def is_positive(self, e: Expr) -> bool:
        """Is the expression certainly positive (or a sum over nothing)?"""
        if e.is_number or isinstance(e, Size):
            return bool(e.is_positive)
        if isinstance(e, Call):
            return e.name in ("exp", "sigmoid", "softplus", "cosh")
        if isinstance(e, Element):
            value = self.additions.definition(e)
            return value is not None and self.is_positive(value)
        if isinstance(e, Pow):
            return self.is_positive(e.base)
        if isinstance(e, Add | Mul):
            return all(self.is_positive(a) for a in e.args)
        return isinstance(e, Reduce) and self.is_positive(e.open()[1])

    def _sigmoid_of(self, e: Expr) -> Expr | None:
        """Return z if e is sigmoid(z)."""
        e = logistic(e) or e
        if isinstance(e, Call) and e.name == "sigmoid":
            return e.arguments[0]
        if isinstance(e, Element):
            value = self.additions.definition(e)
            return None if value is None else self._sigmoid_of(value)
        return None

    # ---------------------------------------------------------------- quotients of exponentials

    def _quotient(self, e: Expr) -> Expr | None:
        """Give a product of exponentials one exponential, if they might be inf/inf, 0/0 or inf*0."""
        if self.scaling.is_normalised(e):
            return self.scaling.named(e).value()
        if not isinstance(e, Mul):
            return None
        above, below = self.scaling.raw_factors(e)
        sigmoids = [f for f in e.args if _is_sigmoid(f.as_base_exp()[0]) and f.as_base_exp()[1].is_Integer]
        direct = [f for f in (*above, *below) if not isinstance(f.as_base_exp()[0], Element)]
        mixed = len(direct) + len(sigmoids) > 1 and any(_is_exp(f.as_base_exp()[0]) for f in direct)
        if not (above and below) and not mixed:
            return None
        used = [*above, *below]
        parts = [self.scaling.scaled(f) for f in above] + [self.scaling.named(f) for f in below]
        if mixed:
            parts += [Scaled(n * (_log_of_call(b) or S.Zero), S.One) for b, n in (f.as_base_exp() for f in sigmoids)]
            used += sigmoids
        return times(parts).value() * Mul(*[f for f in e.args if f not in used])


def _brackets(e: Expr) -> list[Basic]:
    """Return the conditions of a product's brackets: where they do not hold, no other factor is looked at."""
    return [c for f in Mul.make_args(e) if isinstance(f, Iverson) for c in f.conditions]


def _is_exp(e: Basic) -> bool:
    return isinstance(e, Call) and e.name == "exp"


def _is_sigmoid(e: Basic) -> bool:
    return isinstance(e, Call) and e.name == "sigmoid"


def _log_of_call(e: Call) -> Expr | None:
    """log(exp(a)) = a; log(sigmoid(z)) = -softplus(-z); log(cosh(z)) = |z| + softplus(-2|z|) - log(2)."""
    z = e.arguments[0]
    if e.name == "exp":
        return z
    if e.name == "sigmoid":
        return -Call("softplus", -z)
    if e.name == "cosh":
        return Call("abs", z) + Call("softplus", -2 * Call("abs", z)) - Call("log", Integer(2))
    return None


def _log_number(e: Expr) -> Expr | None:
    if not e.is_positive:
        return None
    return S.Zero if e == 1 else Call("log", e)


def _log_rest(e: Expr) -> tuple[Expr, ...]:
    """log(1/x) = -log(x); log(1) = 0."""
    if e == 1:
        return ()
    return (-Call("log", 1 / e),) if isinstance(e, Pow) and e.exp == -1 else (Call("log", e),)
