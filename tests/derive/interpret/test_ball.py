import math

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from gradproof.derive.interpret.ball import Ball, Trace, exact
from gradproof.derive.interpret.heads import HEADS
from gradproof.derive.interpret.smooth import smooth_functions

#: A point inside the domain of every function of the table.
INSIDE = {"arccosh": "1.7"}


def dual(x, trace=None):
    return Ball(arb(x), trace or Trace(), arb_mat(1, 1, [arb(1)]))


def slope(ball):
    return ball.slope[0, 0]


@pytest.mark.parametrize("name", HEADS)
def test_the_slope_of_each_function_is_its_derivative(name):
    """A central difference at 600 bits with h = 1e-40 is good to about 1e-78."""
    with ctx.workprec(600):
        a, h = arb(INSIDE.get(name, "0.37")), arb(10) ** -40
        difference = (HEADS[name].value(a + h) - HEADS[name].value(a - h)) / (2 * h)
        assert abs(difference - slope(dual(a).apply(name))) < arb(10) ** -70


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 2 * x - 1,
        lambda x: 3 - x,
        lambda x: x * x * x,
        lambda x: 1 / (x + 1),
        lambda x: x / (x * x + 1),
        lambda x: x**5,
        lambda x: x**-2,
        lambda x: x**1.5,
        lambda x: x**x,
        lambda x: 2**x,
        lambda x: abs(-x),
        lambda x: x.maximum(0.1) + x.minimum(5),
    ],
)
def test_arithmetic_differentiates(f):
    with ctx.workprec(600):
        h = arb(10) ** -40
        difference = (f(dual(arb("0.7") + h)).value - f(dual(arb("0.7") - h)).value) / (2 * h)
        assert abs(difference - slope(f(dual(arb("0.7"))))) < arb(10) ** -70


def test_integer_powers_take_negative_bases_and_zero():
    assert (dual(-2) ** 3).value == -8
    assert slope(dual(0) ** 2) == 0
    assert slope(dual(-2) ** 3) == 12


def test_division_by_zero_is_no_number():
    assert (dual(1) / 0).value.is_nan()


def test_an_undecided_comparison_is_an_event():
    trace = Trace()
    assert not dual(0, trace) > 0
    assert len(trace.events) == 1


def test_equal_quantities_are_no_kink():
    trace = Trace()
    x = dual(1, trace)
    assert x <= x  # noqa: PLR0124  (the very same quantity)
    assert Ball(arb(2), trace) >= 2
    assert trace.events == []


def test_nan_compares_false_and_is_no_event():
    trace = Trace()
    assert not Ball(arb("nan"), trace) > 0
    assert not Ball(arb("nan"), trace) <= 0
    assert trace.events == []


def test_a_step_of_floor_is_an_event_only_at_the_step():
    trace = Trace()
    assert dual("1.5", trace).floor().value == 1
    assert trace.events == []
    dual(2, trace).floor()
    assert len(trace.events) == 1


def test_float_is_a_real_float_and_is_recorded():
    trace = Trace()
    x = dual("0.5", trace)
    assert float(x) == 0.5
    assert trace.floats[0][1] is x


@pytest.mark.parametrize("number", [1, True, 0.1, np.float32(0.1), np.int64(3), np.array(2.0), math.inf, -math.inf])
def test_numbers_are_taken_exactly(number):
    assert float(exact(number)) == float(number)


def test_other_things_are_no_numbers():
    assert exact("1") is None
    assert exact(np.ones(2)) is None
    with pytest.raises(TypeError):
        dual(1) + "1"


def test_ufuncs_on_object_arrays_find_the_methods():
    with ctx.workprec(200):
        array = np.array([dual(1), dual(2)], dtype=object)
        assert [float(b.value) for b in np.exp(array)] == [math.exp(1), math.exp(2)]


def test_smooth_functions_are_each_other_s_derivatives():
    functions = smooth_functions(["phi", "psi"])
    with ctx.workprec(600):
        a, h = arb("0.3"), arb(10) ** -40
        for name in ("phi", "phi'", "phi''", "psi"):
            difference = (functions[name](a + h) - functions[name](a - h)) / (2 * h)
            assert abs(difference - functions[name + "'"](a)) < arb(10) ** -70
    assert abs(functions["phi"](0.3) - float(functions["phi"](arb("0.3")).mid())) < 1e-15


@pytest.mark.parametrize("exponent", [1, 2, 3, 6])
def test_whole_powers_of_what_may_be_0(exponent: int) -> None:
    """x - mean(x) is 0 +- r where there is one x, and its square is a number."""
    trace = Trace()
    found = Ball(arb(0, 1e-9), trace, arb_mat(1, 1, [1])) ** Ball(arb(exponent), trace)
    assert found.value.contains(0)
    assert found.value.rad() < 1e-8**exponent
    assert found.slope is not None
    assert found.slope[0, 0].contains(int(exponent == 1))
