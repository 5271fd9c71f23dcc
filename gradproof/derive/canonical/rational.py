"""Sums, products and powers as one quotient of polynomials, in which tensor elements and functions are letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb, prod

import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, S, Symbol

from gradproof.derive.bounds import size_nonnegative
from gradproof.derive.conditions import greater
from gradproof.derive.index import Index
from gradproof.derive.nodes import Iverson, Node, Product, free_indices, order_key

#: A quotient of more letters or terms than this is multiplied out, but not cancelled: that would take too long.
MOST_LETTERS, MOST_TERMS = 40, 400
#: Nor is one with more monomials than this below all the degrees: the heuristic greatest common divisor evaluates the
#: letters one by one at ever larger numbers, of about so many digits.
MOST_MONOMIALS = 10**16
#: What would have more terms than this is not even multiplied out: it stays as it stands.
MOST_EXPANDED = 4000
_ROUNDS = 6


def rational(e: Expr) -> Expr:
    """Return the quotient in lowest terms, multiplied out; brackets are 0 or 1, and roots stand in no denominator."""
    letters = _Letters()
    hidden = letters.hide(e, _names(e))
    for _ in range(_ROUNDS if _count(hidden) <= MOST_EXPANDED else 0):
        before = hidden
        hidden = _reduced(_cancelled(hidden), letters)
        if hidden == before:
            break
    return letters.show(hidden)


def terms_over(e: Expr) -> list[tuple[Expr, Expr]]:
    """Return the terms of the numerator, each with the whole denominator: (a + b)/c is a/c + b/c."""
    num, den = parts(e)
    return [(t, den) for t in Add.make_args(num)]


def parts(e: Expr) -> tuple[Expr, Expr]:
    """Return numerator and denominator as they stand; only whole negative powers are below."""
    above, below = [], []
    for f in Mul.make_args(e):
        if f.is_Rational and not f.is_Integer:
            above.append(S(f.p))
            below.append(S(f.q))
        elif f.is_Pow and f.exp.is_Integer and f.exp < 0:
            below.append(Pow(f.base, -f.exp))
        else:
            above.append(f)
    return Mul(*above), Mul(*below)


@dataclass
class _Letters:
    """Letters for what is no sum, product or whole power; `roots` of them obey letter**q = base."""

    meaning: dict[Symbol, Expr] = field(default_factory=dict)
    brackets: set[Symbol] = field(default_factory=set)
    roots: dict[Symbol, tuple[int, Expr]] = field(default_factory=dict)

    def hide(self, e: Expr, names: dict[Expr, Symbol]) -> Expr:
        if isinstance(e, Iverson):
            return Mul(*[self._bracket(c, names) for c in e.conditions])
        if isinstance(e, Node) and not isinstance(e, Product):
            self.meaning[names[e]] = e
            return names[e]
        if isinstance(e, Index):
            return e
        if isinstance(e, Pow) and not e.exp.is_Integer:
            return self._power(e.base, e.exp, names)
        if isinstance(e, Add | Mul | Product | Pow):
            func = Mul if isinstance(e, Product) else e.func
            return func(*[self.hide(a, names) for a in e.args])
        return e

    def _bracket(self, condition: Basic, names: dict[Expr, Symbol]) -> Symbol:
        letter = names[Iverson(condition)]
        self.meaning[letter] = Iverson(condition)
        self.brackets.add(letter)
        return letter

    def _power(self, base: Expr, exponent: Expr, names: dict[Expr, Symbol]) -> Expr:
        """b**(p/q) is the p-th power of a letter for the q-th root; b**(2*t - 1) is (b**t)**2/b."""
        units, rest = _units(base) if exponent.is_Rational else (S.One, base)
        if units != 1 and rest != 1:
            return self._power(units, exponent, names) * self._power(rest, exponent, names)
        out = S.One
        for term in Add.make_args(sp.expand(exponent)):
            number, symbolic = term.as_coeff_Mul()
            if symbolic == 1 and number.is_Rational:
                whole = self.hide(base, names)
                letter = names.setdefault(Pow(base, S(1) / number.q), Symbol(f"_root{len(names):04d}"))
                self.meaning[letter] = Pow(base, S(1) / number.q)
                if number.q > 1:
                    self.roots[letter] = (int(number.q), whole)
                out *= Pow(letter if number.q > 1 else whole, number.p)
            else:
                step = symbolic / number.q
                letter = names.setdefault(Pow(base, step), Symbol(f"_power{len(names):04d}"))
                self.meaning[letter] = Pow(base, step)
                out *= Pow(letter, number.p)
        return out

    def of(self, e: Expr) -> Expr | None:
        """Return the expression in the letters that there are; None where one is missing."""
        known = {x: s for s, x in self.meaning.items()}
        hidden = e.xreplace(known)
        return None if hidden.has(Node) else hidden

    def show(self, e: Expr) -> Expr:
        return e.xreplace(self.meaning) if self.meaning else e


def _units(base: Expr) -> tuple[Expr, Expr]:
    """Split off the factors that are numbers and sizes, and proved not to be negative."""
    own = [f for f in Mul.make_args(base) if not f.atoms(Node) and not free_indices(f) and size_nonnegative(f)]
    return Mul(*own), Mul(*[f for f in Mul.make_args(base) if f not in own])


def _names(e: Expr) -> dict[Expr, Symbol]:
    """Return a letter for each node outside other nodes; their order is that of the nodes, not of the reading."""
    found: set[Expr] = set()
    stack = [e]
    while stack:
        top = stack.pop()
        if isinstance(top, Iverson):
            found.update(Iverson(c) for c in top.conditions)
        elif isinstance(top, Node) and not isinstance(top, Product):
            found.add(top)
        else:
            stack += top.args
    return {x: Symbol(f"_node{k:04d}") for k, x in enumerate(sorted(found, key=order_key))}


def _cancelled(e: Expr) -> Expr:
    """Return the quotient in lowest terms with both sides multiplied out."""
    if not e.is_Add and not e.is_Mul and not e.is_Pow:
        return e
    if len(e.free_symbols) > MOST_LETTERS:
        return sp.expand(e)
    num, den = sp.fraction(sp.together(e))
    if _count(num) + _count(den) > MOST_EXPANDED:
        return e
    if _small(e) and _has_small_degrees(num, den):
        num, den = sp.fraction(sp.cancel(e))
    return sp.expand(num) / sp.expand(den)


def _small(e: Expr) -> bool:
    return sum(1 for _ in sp.preorder_traversal(e)) <= MOST_TERMS


def _count(e: Expr) -> int:
    """Return how many terms e has at the most when it is multiplied out."""
    if e.is_Add:
        return sum(_count(a) for a in e.args)
    if e.is_Mul:
        return prod(_count(a) for a in e.args)
    if e.is_Pow and e.exp.is_Integer:
        n, k = _count(e.base), abs(int(e.exp))
        return comb(n + k - 1, k)
    return 1


def _has_small_degrees(num: Expr, den: Expr) -> bool:
    """Can a common divisor be found fast? That of a monomial and a polynomial always can."""
    if min(_count(num), _count(den)) == 1:
        return True
    letters = sorted(num.free_symbols | den.free_symbols, key=str)
    return prod(1 + max(_degree(num, s), _degree(den, s)) for s in letters) <= MOST_MONOMIALS


def _degree(e: Expr, letter: Basic) -> int:
    """Return the degree of a polynomial in a letter, or a bound of it."""
    if e.is_Add:
        return max(_degree(a, letter) for a in e.args)
    if e.is_Mul:
        return sum(_degree(a, letter) for a in e.args)
    if e.is_Pow and e.exp.is_Integer:
        return abs(int(e.exp)) * _degree(e.base, letter)
    return int(e == letter)


def _reduced(e: Expr, letters: _Letters) -> Expr:
    """Use that a bracket is its own square, and that roots obey r**q = base."""
    num, den = sp.fraction(e)
    for letter in sorted(letters.brackets & num.free_symbols, key=str):
        num = _map_powers(num, letter, lambda k, b=letter: b if k else S.One)
        num = _where_zero(num, letter, letters)
    for letter, (q, base) in sorted(letters.roots.items(), key=lambda item: item[0].name):
        lowest = den.as_independent(letter)[1] if den.is_Mul or den.is_Pow or den == letter else S.One
        power = lowest.as_base_exp()[1] if lowest.as_base_exp()[0] == letter else S.Zero
        if power:
            lift = letter ** (-power % q)
            num, den = num * lift, den * lift

        def put(k: int, letter: Symbol = letter, q: int = q, base: Expr = base) -> Expr:
            return Pow(base, k // q) * Pow(letter, k % q)

        num, den = (_map_powers(x, letter, put) for x in (num, den))
    return num / den


def _where_zero(e: Expr, letter: Symbol, letters: _Letters) -> Expr:
    """Beside [d = 0] write 0 for d: x*[x = 0] = 0, and [x > 0]*[x = 0] = 0."""
    condition = letters.meaning[letter].args[0]
    if condition.args[0].name != "same" or condition.args[2] != 0 or letter not in e.free_symbols:
        return e
    d = condition.args[1]
    values: dict[Expr, Expr] = {
        b: S.Zero
        for b in letters.brackets
        if letters.meaning[b] in (Iverson(greater(d, S.Zero)), Iverson(greater(-d, S.Zero)))
    }
    hidden = letters.of(d)
    plain = [] if hidden is None else [s for s in hidden.free_symbols if s in letters.meaning]
    for s in sorted(plain, key=str):
        factor = hidden.coeff(s) if hidden is not None else S.Zero
        if factor.is_Rational and factor != 0 and s not in (hidden - factor * s).free_symbols:
            values[s] = sp.expand(s - hidden / factor)
            break
    rest, beside = sp.expand(e).as_independent(letter, as_Add=True)
    return sp.expand(rest + beside.subs(values, simultaneous=True))


def _map_powers(e: Expr, letter: Symbol, put: object) -> Expr:
    """Replace each letter**k of a polynomial by put(k)."""
    if letter not in e.free_symbols:
        return e
    out = S.Zero
    for term in Add.make_args(sp.expand(e)):
        rest, power = term.as_independent(letter)
        k = power.as_base_exp()[1] if power != 1 else S.Zero
        if power != 1 and (power.as_base_exp()[0] != letter or not k.is_Integer or k < 0):
            out += term
        else:
            out += rest * put(int(k))  # type: ignore[operator]
    return sp.expand(out)
