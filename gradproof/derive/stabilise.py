"""Equations in, equal equations out that neither overflow nor lose digits where the textbook forms do.

Each rewriting is an identity of real numbers, written at its rule; tests prove the whole in ball arithmetic.

    exp(b)/sum exp(a)     = exp(b - M)/sum exp(a - M)          for any M; here M = max a
    log sum exp(a)        = M + log sum exp(a - M)
    log(exp(b)/sum exp(a)) = b - (M + log sum exp(a - M))
    log sigmoid(z)        = -softplus(-z),   log(1 - sigmoid(z)) = -softplus(z)
    log(e^a + e^b)        = a + softplus(b - a)
    1/(1 + e^-z)          = sigmoid(z),      (e^z - e^-z)/(e^z + e^-z) = tanh(z)

A tensor that is defined as such a form (`p` a softmax, `a` a sigmoid) is seen through: `log(p[i,c])` is computed from
the logits. Its own equation stays, and so does its value.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Add, Basic, Expr, Mul, Pow, S, Symbol, Tuple, preorder_traversal

from gradproof.derive.index import Index, is_fresh
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Call, Element, Iverson, Reduce, free, names_in, rebuild, substitute
from gradproof.derive.seen_through import seen_through
from gradproof.derive.stable_forms import hyperbolic, logistic


def stabilise(system: System) -> System:
    """Return a system with the same tensors and values, computed stably; tensors may be added (`z_max`, `z_lse`).

    Added equations bear the number of the equation that needs them.
    """
    return _Stabiliser(system).system()


class _Stabiliser:
    def __init__(self, system: System) -> None:
        self.given = system
        self.definitions = seen_through(system)
        self.tensors = list(system.tensors)
        self.equations: list[Equation] = []
        self.number = 0
        self.taken = {t.name for t in system.tensors} | {s.name for s in system.sizes} | set(system.functions)
        self.shared: dict[Basic, str] = {}

    def system(self) -> System:
        for equation in self.given.equations:
            self.number = equation.number
            value = self.rewrite(equation.value, equation.name)
            self.equations.append(equation if value == equation.value else replace(equation, value=value))
        if tuple(self.equations) == self.given.equations:
            return self.given
        return replace(self.given, tensors=tuple(self.tensors), equations=tuple(self.equations))

    def rewrite(self, e: Expr, target: str) -> Expr:
        """Return the expression with every unstable form replaced, outermost first."""
        if not e.args or isinstance(e, Element):
            return e
        new = self._logarithm(e, target) or self._ratio(e, target) or hyperbolic(e) or logistic(e)
        if new is not None and new != e:
            return self.rewrite(new, target)
        if isinstance(e, Reduce):
            binders, body, conditions = e.open()
            kept = [self._inside(c, target) for c in conditions]
            inner = self.rewrite(body, target)
            return e if inner == body and kept == conditions else Reduce(e.op, inner, binders, e.sizes, kept)
        return rebuild(e, [self._inside(a, target) for a in e.args])

    def _inside(self, e: Basic, target: str) -> Basic:
        if isinstance(e, Expr):
            return self.rewrite(e, target)
        return rebuild(e, [self._inside(a, target) for a in e.args]) if e.args else e

    # ---------------------------------------------------------------- logarithms

    def _logarithm(self, e: Expr, target: str) -> Expr | None:
        if isinstance(e, Call) and e.name == "log":
            return self.log(e.arguments[0], target)
        if isinstance(e, Call) and e.name == "log1p":
            return self.log(1 + e.arguments[0], target)
        return None

    def log(self, e: Expr, target: str) -> Expr | None:
        """Return log(e) for a positive form that holds an exponential, or None if e is no such form."""
        if isinstance(e, Call) and e.name == "exp":
            return e.arguments[0]
        if isinstance(e, Call) and e.name == "sigmoid":
            return -Call("softplus", -e.arguments[0])
        if isinstance(e, Element):
            value = self._definition(e)
            return None if value is None else self.log(value, target)
        if isinstance(e, Pow):
            inner = self.log(e.base, target)
            return None if inner is None else e.exp * inner
        if isinstance(e, Mul):
            return self._log_product(e, target)
        if isinstance(e, Add):
            return self._log_sum(e, target)
        if isinstance(e, Reduce) and e.op == "sum" and self._exponent(e) is not None:
            return self._tensor(e, "lse", target)
        return None

    def _log_product(self, e: Expr, target: str) -> Expr | None:
        """log(u*k) = log(u) + log(k) where k > 0 is a known form; u is what is left."""
        known = [(f, self.log(f, target)) for f in e.args]
        rest = Mul(*[f for f, form in known if form is None])
        forms = [form for _, form in known if form is not None]
        if not forms or rest.has(Iverson):
            return None
        return Add(*forms, *_log_rest(rest))

    def _log_sum(self, e: Expr, target: str) -> Expr | None:
        """log(1 - sigmoid(z)) = -softplus(z); log(a + b) = log(a) + softplus(log(b) - log(a)) for positive forms."""
        if len(e.args) == 2 and S.One in e.args:
            z = self._sigmoid_of(1 - e)
            if z is not None:
                return -Call("softplus", z)
        forms = [_log_number(term) if term.is_number else self.log(term, target) for term in e.args]
        if None in forms:
            return None
        total: Expr = forms[0]
        for form in forms[1:]:
            total = total + Call("softplus", form - total)
        return total

    def _sigmoid_of(self, e: Expr) -> Expr | None:
        """Return z if e is sigmoid(z)."""
        e = logistic(e) or e
        if isinstance(e, Call) and e.name == "sigmoid":
            return e.arguments[0]
        if isinstance(e, Element):
            value = self._definition(e)
            return None if value is None else self._sigmoid_of(value)
        return None

    # ---------------------------------------------------------------- quotients of exponentials

    def _ratio(self, e: Expr, target: str) -> Expr | None:
        """Subtract the maximum in every exponential of a product with as many above the line as below."""
        if not isinstance(e, Mul):
            return None
        powers = [f.as_base_exp() for f in e.args]
        below = [(self._through(b), n) for b, n in powers if n.is_Integer and n < 0]
        sums = [(b, n) for b, n in below if isinstance(b, Reduce) and b.op == "sum" and self._exponent(b) is not None]
        if len(sums) != 1:
            return None
        total, count = sums[0]
        above = [(b, n) for b, n in powers if n.is_Integer and n > 0 and self._is_exponential(self._through(b))]
        if sum(n for _, n in above) != -count:
            return None
        largest, shifted = self._tensor(total, "max", target), self._tensor(total, "sumexp", target)
        rest = [b**n for b, n in powers if self._through(b) != total and (b, n) not in above]
        return Mul(*rest, *[self._shifted(self._through(b), largest) ** n for b, n in above], shifted**count)

    def _through(self, e: Expr) -> Expr:
        """Return the value of an element that is defined as an exponential or as a sum of exponentials, else e."""
        value = self._definition(e) if isinstance(e, Element) else None
        return e if value is None or not self._is_exponential(value) else value

    def _is_exponential(self, e: Expr) -> bool:
        if isinstance(e, Reduce):
            return e.op == "sum" and self._exponent(e) is not None
        return isinstance(e, Call) and e.name == "exp" and not self._is_shifted(e.arguments[0])

    def _is_shifted(self, e: Expr) -> bool:
        """Is a maximum subtracted already, by this pass or by hand?"""
        for term in Add.make_args(e):
            if isinstance(-term, Element):
                value = self._definition(-term)
                if (-term).name in self.shared.values() or (isinstance(value, Reduce) and value.op == "max"):
                    return True
        return False

    def _exponent(self, e: Reduce, binders: list[Index] | None = None) -> Expr | None:
        """Return a for `sum w*exp(a)` with one exponential in the body (binders open), else None."""
        _, body, _ = e.open(binders)
        found = [
            f.arguments[0] for f in map(self._through, Mul.make_args(body)) if isinstance(f, Call) and f.name == "exp"
        ]
        return found[0] if len(found) == 1 and not self._is_shifted(found[0]) else None

    def _shifted(self, e: Expr, largest: Expr) -> Expr:
        """Return exp(a - M), or sum w*exp(a - M)."""
        if isinstance(e, Call):
            return Call("exp", e.arguments[0] - largest)
        binders, body, conditions = e.open()
        factors = [self._through(f) for f in Mul.make_args(body)]
        body = Mul(*[Call("exp", f.arguments[0] - largest) if _is_exp(f) else f for f in factors])
        return Reduce("sum", body, binders, e.sizes, conditions)

    # ---------------------------------------------------------------- tensors that are added

    def _tensor(self, total: Reduce, what: str, target: str) -> Expr:
        """Return the element of a tensor with max, sumexp or lse of `total`, defined once for all its free indices."""
        own = _own_indices(total)
        places = {i: Index(f"@{k}", i.size) for k, i in enumerate(own)}
        key = Tuple(Symbol(what), substitute(total, places))
        if key not in self.shared:
            value = self._value(total, what, target)
            self.shared[key] = self._add(f"{self._stem(total, what, target)}_{what}", own, value)
        return Element(self.shared[key], *own)

    def _value(self, total: Reduce, what: str, target: str) -> Expr:
        if what == "max":
            binders, _, conditions = total.open()
            return Reduce("max", self._exponent(total, binders), binders, total.sizes, conditions)
        largest = self._tensor(total, "max", target)
        if what == "sumexp":
            return self._shifted(total, largest)
        return largest + Call("log", self._tensor(total, "sumexp", target))

    def _add(self, wish: str, own: tuple[Index, ...], value: Expr) -> str:
        name, number = wish, 2
        while name in self.taken:
            name, number = f"{wish}{number}", number + 1
        self.taken.add(name)
        self.tensors.append(Tensor(name, tuple(i.size for i in own), Role.OUTPUT))
        letters = self._letters(own, value)
        self.equations.append(Equation(self.number, Element(name, *letters.values()), substitute(value, letters)))
        return name

    def _letters(self, own: tuple[Index, ...], value: Expr) -> dict[Index, Index]:
        """Return for each index one with a letter that a reader can follow."""
        taken = self.taken | {s.name for s in free(value) if not is_fresh(s)}
        out: dict[Index, Index] = {}
        for i in own:
            wishes = (*self.given.names_for(i.size), *"ijklabuvqr", *(f"i{n}" for n in range(2, 100)))
            letter = next(w for w in wishes if w not in taken) if is_fresh(i) else i.name
            taken.add(letter)
            out[i] = Index(letter, i.size)
        return out

    def _stem(self, total: Reduce, what: str, target: str) -> str:
        """Name after the one tensor in the exponent (z_max), else after the equation that came first (p_max, p_lse)."""
        if what != "max":
            return self._tensor(total, "max", target).name.removesuffix("_max")
        names = sorted(names_in(self._exponent(total) or total))
        return names[0] if len(names) == 1 else target

    def _definition(self, e: Element) -> Expr | None:
        equation = self.definitions.get(e.name)
        if equation is None:
            return None
        return substitute(equation.value, dict(zip(equation.target.indices, e.indices, strict=True)))


def _own_indices(e: Expr) -> tuple[Index, ...]:
    """Return the free indices in the order in which they stand in e."""
    mine = {s for s in free(e) if isinstance(s, Index)}
    return tuple(dict.fromkeys(s for s in preorder_traversal(e) if s in mine))


def _is_exp(e: Basic) -> bool:
    return isinstance(e, Call) and e.name == "exp"


def _log_number(e: Expr) -> Expr | None:
    if not e.is_positive:
        return None
    return S.Zero if e == 1 else Call("log", e)


def _log_rest(e: Expr) -> tuple[Expr, ...]:
    """log(1/x) = -log(x); log(1) = 0."""
    if e == 1:
        return ()
    return (-Call("log", 1 / e),) if isinstance(e, Pow) and e.exp == -1 else (Call("log", e),)
