"""Each row of the table of functions: its partials equal SymPy's derivative of its definition, proved exactly."""

import itertools

import pytest
import sympy as sp

from gradproof.derive.functions import ARGS, CONVENTIONS, FUNCTIONS, Elementwise, unknown_derivative
from gradproof.derive.nodes import Call, Iverson

SMOOTH = [f for f in FUNCTIONS.values() if f.kink is None and not f.constant]
KINKED = [f for f in FUNCTIONS.values() if f.kink is not None]
TRUTH = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "same": sp.Eq}


def defined(e: sp.Basic) -> sp.Basic:
    """Write the definitions in place of the calls, and truth values in place of brackets."""
    if isinstance(e, Call):
        record = FUNCTIONS[e.name]
        return record.definition.xreplace(dict(zip(ARGS, [defined(a) for a in e.arguments], strict=False)))
    if isinstance(e, Iverson):
        held = [holds(c) for c in e.conditions]
        assert all(h in (sp.true, sp.false) for h in held), f"undecided: {held}"
        return sp.Integer(all(h == sp.true for h in held))
    return e.func(*[defined(a) for a in e.args]) if e.args else e


def holds(c: sp.Basic) -> sp.Basic:
    if c.kind == "not":
        return sp.Not(sp.And(*[holds(d) for d in c.operands]))
    return TRUTH[c.kind](*[defined(a) for a in c.operands])


def partials(f: Elementwise, *arguments: sp.Expr, kinks: str = "torch") -> list[sp.Basic]:
    slopes, _ = f.under(kinks)
    return [defined(p) for p in slopes(Call(f.name, *arguments), *arguments)]


@pytest.mark.parametrize("f", SMOOTH, ids=lambda f: f.name)
def test_partials_of_smooth_functions(f: Elementwise) -> None:
    arguments = ARGS[: f.arity]
    for a, stated in zip(arguments, partials(f, *arguments), strict=True):
        difference = (sp.diff(f.definition, a) - stated).rewrite(sp.exp)
        assert sp.cancel(sp.together(sp.expand(difference))) == 0 or sp.trigsimp(difference) == 0


@pytest.mark.parametrize("kinks", CONVENTIONS)
@pytest.mark.parametrize("f", KINKED, ids=lambda f: f.name)
def test_partials_of_kinked_functions_on_each_smooth_piece(f: Elementwise, kinks: str) -> None:
    """To both sides of the kink the definition is smooth, and SymPy decides it by the sign of a symbol."""
    t, positive, negative = sp.symbols("t"), sp.Symbol("p", positive=True), sp.Symbol("n", negative=True)
    if f.name == "floor":
        assert partials(f, ARGS[0]) == [0]
        return
    if f.arity == 1:
        for side in (positive, negative):
            slope = sp.diff(f.definition.xreplace({ARGS[0]: t}).subs(t, side), side)
            assert partials(f, side, kinks=kinks) == [slope]
        return
    if f.arity == 3:
        for numbers in itertools.permutations((1, 2, 3)):
            at = dict(zip(ARGS, map(sp.Integer, numbers), strict=True))
            slopes = [sp.diff(f.definition, a).subs(at) for a in ARGS]
            assert partials(f, *at.values(), kinks=kinks) == slopes
        return
    base = sp.Symbol("c", real=True)
    for offset in (positive, negative):
        pieces = f.definition.xreplace({ARGS[0]: base + offset, ARGS[1]: base})
        by_offset = sp.diff(pieces, offset)
        by_both = sp.diff(pieces, base)
        da, db = partials(f, base + offset, base, kinks=kinks)
        assert (da, db) == (by_offset, by_both - by_offset)


def test_a_constant_has_the_derivative_zero_by_definition() -> None:
    constant = [f for f in FUNCTIONS.values() if f.constant]
    assert [f.name for f in constant] == ["stop"]
    assert partials(constant[0], ARGS[0]) == [0]


@pytest.mark.parametrize("f", [f for f in FUNCTIONS.values() if f.steepest is not None], ids=lambda f: f.name)
def test_no_slope_is_larger_than_the_steepest_and_one_comes_close(f: Elementwise) -> None:
    slope = sp.diff(f.definition, ARGS[0])
    sizes = [abs(sp.N(slope.subs(ARGS[0], sp.Rational(k, 3) + sp.Rational(1, 1000)))) for k in range(-45, 46)]
    assert max(sizes) <= f.steepest * (1 + 1e-12)
    assert max(sizes) >= 0.999 * f.steepest


def test_stated_value_at_the_kink() -> None:
    for name, expected in {"relu": [0], "abs": [0], "sign": [0]}.items():
        assert partials(FUNCTIONS[name], sp.S.Zero) == expected
    half = sp.Rational(1, 2)
    assert partials(FUNCTIONS["max"], sp.S.One, sp.S.One) == [half, half]
    assert partials(FUNCTIONS["min"], sp.S.One, sp.S.One) == [half, half]


def test_unknown_functions_have_primes() -> None:
    z = sp.Symbol("z")
    assert unknown_derivative(Call("phi", z)) == Call("phi'", z)
    assert unknown_derivative(Call("phi'", z)) == Call("phi''", z)
    with pytest.raises(NotImplementedError, match="of 2 arguments"):
        unknown_derivative(Call("phi", z, z))
