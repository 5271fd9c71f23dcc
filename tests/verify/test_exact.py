from dataclasses import replace

import pytest
from flint import ctx
from sympy import Rational

from gradproof.derive.derivation import derive
from gradproof.derive.model import Role
from gradproof.derive.nodes import Call
from gradproof.derive.notation import parse_system
from gradproof.verify import check_derivation, check_steps

from .systems import CATALOGUE, EVERY

SOFTMAX = CATALOGUE["softmax_cross_entropy"]


@pytest.mark.parametrize("name", EVERY)
def test_derived_gradients_are_certified(name):
    for check in check_derivation(derive(EVERY[name])):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason
        assert len(check.points) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, s in CATALOGUE.items() if any(t.role is Role.PARAM for t in s.inputs)])
def test_gradients_for_what_is_given_beside_parameters_are_certified(name):
    system = CATALOGUE[name]
    for check in check_derivation(derive(system, wrt=[t.name for t in system.inputs if t.bound is None])):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason


@pytest.mark.parametrize("name", EVERY)
def test_every_step_keeps_its_value(name):
    for check in check_steps(derive(EVERY[name])):
        assert check.verdict == "right", f"{check.block}, {check.step.rule}: {check.reason}"


def wrong_backward(derivation, change):
    equations = tuple(replace(e, value=change(e)) for e in derivation.backward.equations)
    return replace(derivation.backward, equations=equations)


def test_a_wrong_gradient_names_its_worst_entry():
    derivation = derive(SOFTMAX, wrt="z")
    backward = wrong_backward(derivation, lambda e: e.value + 1)
    (check,) = check_derivation(derivation, backward=backward)
    assert (check.verdict, check.strength) == ("wrong", "certified")
    assert check.worst.input == "z"
    assert abs(check.worst.claimed - check.worst.expected - 1) < 1e-12
    assert "claimed" in check.reason


def test_a_mistake_in_the_fortieth_digit_is_seen():
    derivation = derive(SOFTMAX, wrt="z")
    backward = wrong_backward(derivation, lambda e: e.value * (1 + Rational(1, 10**39)))
    assert check_derivation(derivation, backward=backward)[0].verdict == "wrong"


def test_a_gradient_that_used_an_assumption_is_wrong_without_it():
    derivation = derive(SOFTMAX, wrt="z")
    free = replace(derivation, system=replace(SOFTMAX, assumptions=()), assumptions_used=())
    assert check_derivation(derivation)[0].verdict == "right"
    assert check_derivation(free)[0].verdict == "wrong"


def test_the_derivative_for_a_computed_tensor():
    (check,) = check_derivation(derive(SOFTMAX, of="L", wrt="p"))
    assert check.verdict == "right"


def test_the_same_seed_gives_the_same_points():
    derivation = derive(SOFTMAX)
    assert check_derivation(derivation, seed=4) == check_derivation(derivation, seed=4)


def test_sizes_may_be_given():
    (check,) = check_derivation(derive(SOFTMAX, wrt="z"), sizes={"m": 2, "C": 6})
    assert set(check.points) == {"C = 6, m = 2"}


def test_a_point_that_is_always_a_kink_leaves_it_undecided():
    system = parse_system("given x[n]\nL = sum[i] abs(x[i] - x[i])")
    (check,) = check_derivation(derive(system))
    assert check.verdict in ("undecided", "right")
    if check.verdict == "undecided":
        assert "kink" in check.reason


def test_a_function_without_a_domain_leaves_it_undecided():
    system = parse_system("given x[n]\nL = sum[i] log(-exp(x[i]))")
    (check,) = check_derivation(derive(system))
    assert check.verdict == "undecided"
    assert "not finite" in check.reason


def test_the_working_precision_is_restored():
    before = ctx.prec
    check_derivation(derive(SOFTMAX))
    assert ctx.prec == before


UNREAD = """
given x[n], w[n]
given size q
y[i] = log(q*exp(x[i]))
z[i] = y[i] - log(sum[k] exp(y[k]))
L = sum[i, i < q] w[i]*z[i]
"""


def test_beside_a_value_that_is_infinite_and_not_read_a_gradient_has_none():
    derivation = derive(parse_system(UNREAD), wrt="x")
    (check,) = check_derivation(derivation, sizes={"q": 0})
    assert (check.verdict, "y[0] holds a part without a finite value" in check.reason) == ("undecided", True)
    (check,) = check_derivation(derivation)
    assert check.verdict == "right"


HIDDEN = """
given x[n], w[n]
given size q
y[i] = tanh(x[i] + exp(w[i])/sum[k<q] exp(w[i]))
z[i] = y[i] - log(sum[k] exp(y[k]))
L = sum[i, i < q] w[i]*z[i]
"""


def test_an_infinite_part_of_a_finite_value_is_found():
    derivation = derive(parse_system(HIDDEN), wrt="x")
    (check,) = check_derivation(derivation, sizes={"q": 0})
    assert (check.verdict, "y[0] holds a part without a finite value" in check.reason) == ("undecided", True)
    (check,) = check_derivation(derivation)
    assert check.verdict == "right"


def test_a_division_by_zero_under_a_false_bracket_is_no_excuse():
    system = parse_system("given x[n]\ny[i] = [x[i] > 0]*x[i]/(x[i] + abs(x[i]))\nL = sum[i] y[i]*x[i]")
    derivation = derive(system)
    (check,) = check_derivation(derivation)
    assert check.verdict == "right"
    backward = wrong_backward(derivation, lambda e: e.value + Call("log", -1 - e.value**2))
    assert check_derivation(derivation, backward=backward)[0].verdict == "wrong"


def test_a_gradient_without_a_value_is_wrong_where_all_else_has_one():
    derivation = derive(SOFTMAX, wrt="z")
    backward = wrong_backward(derivation, lambda e: Call("log", -1 - e.value**2))
    (check,) = check_derivation(derivation, backward=backward)
    assert (check.verdict, check.strength) == ("wrong", "certified")


def test_a_finite_gradient_is_judged_beside_infinite_values():
    system = parse_system("given x[n]\ngiven size q\ny[i] = log(q*exp(x[i]))\nL = sum[i] x[i]**2 + sum[i, i < q] y[i]")
    derivation = derive(system)
    (check,) = check_derivation(derivation, sizes={"q": 0})
    assert (check.verdict, check.strength) == ("right", "certified")
    backward = wrong_backward(derivation, lambda e: 2 * e.value)
    assert check_derivation(derivation, sizes={"q": 0}, backward=backward)[0].verdict == "wrong"
