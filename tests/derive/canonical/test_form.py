"""The canonical form: equal things get one form, every rewriting keeps the value, and different things stay apart."""

import numpy as np
import pytest
from flint import ctx

from gradproof.derive.canonical import canonical, closed_values, difference
from gradproof.derive.interpret.fields import Balls
from gradproof.derive.interpret.run import bits, machine_for
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.nodes import substitute
from gradproof.derive.normal.context import ALGEBRA, Context, row_lows
from gradproof.derive.notation import parse_system
from gradproof.verify.draw import draw_point, draw_sizes
from tests.derive.random_systems import random_system
from tests.verify.systems import CATALOGUE, SYSTEMS

#: given, a, b: two expressions over the same free indices, equal wherever both are defined.
EQUAL = (
    ("x[n]", "a[i] = sigmoid(x[i])", "b[i] = exp(x[i])/(1 + exp(x[i]))"),
    ("x[n]", "a[i] = sigmoid(-x[i])", "b[i] = 1 - sigmoid(x[i])"),
    ("x[n]", "a[i] = tanh(x[i])", "b[i] = 2*sigmoid(2*x[i]) - 1"),
    ("x[n]", "a[i] = exp(x[i])/sum[j] exp(x[j])", "b[i] = exp(x[i] - max[j] x[j])/sum[k] exp(x[k] - max[j] x[j])"),
    ("x[n]", "a[i] = x[i] - log(sum[j] exp(x[j]))", "b[i] = log(exp(x[i])/sum[k] exp(x[k]))"),
    ("x[n]", "a = mean[i] (x[i] - mean[j] x[j])**2", "b = (mean[i] x[i]**2) - (mean[i] x[i])**2"),
    ("v, e", "a = (v + e)**(-3/2)", "b = 1/(sqrt(v + e)*(v + e))"),
    ("x[m]", "a = sqrt(mean[i] x[i]**2)", "b = sqrt(sum[i] x[i]**2)/sqrt(m)"),
    ("p[n], g", "a[i] = (1 - p[i])**(g - 1)*(1 - p[i])", "b[i] = (1 - p[i])**g"),
    (
        "X[m,n], w[n], y[m]",
        "a = sum[i] ((sum[j] X[i,j]*w[j]) - y[i])**2",
        "b = (sum[i,j,k] X[i,j]*w[j]*X[i,k]*w[k]) - (2*sum[i,j] X[i,j]*w[j]*y[i]) + sum[i] y[i]**2",
    ),
    ("A[n,m], B[m,k], v[k]", "a[i] = sum[j] A[i,j]*(sum[l] B[j,l]*v[l])", "b[i] = sum[l] (sum[j] A[i,j]*B[j,l])*v[l]"),
    ("x, y", "a = max(x, y)", "b = max(y, x)"),
    ("x, y", "a = min(x, y) + max(x, y)", "b = x + y"),
    ("x, y", "a = abs(x - y)", "b = max(x - y, y - x)"),
    ("x", "a = max(x/10, x)", "b = where(x >= 0, x, x/10)"),
    ("x[n]", "a[i] = where(x[i] >= 0, x[i], 0)", "b[i] = relu(x[i])"),
    ("x", "a = [x > 0] + [x == 0] + [x < 0]", "b = 1 + 0*x"),
    ("z", "a = softplus(z) - softplus(-z)", "b = z"),
    ("x[n]", "a[i] = log(12*exp(x[i]))", "b[i] = x[i] + 2*log(2) + log(3)"),
    ("x[n]", "a[i,k] = [i == k]*x[i]", "b[i,k] = [i == k]*x[k]"),
    ("x[n]", "a[i] = [i == 0]*x[i]*i + x[i]", "b[i] = x[i]"),
    ("w[2], x[n]", "a[i] = sum[k] w[k]*x[i]", "b[i] = (w[0] + w[1])*x[i]"),
    ("x[n], W[n,3]", "a = sum[i,k, k>0] W[i,k]*x[i]", "b = sum[i] x[i]*(W[i,1] + W[i,2])"),
    ("x, y, z, w", "a = (x + y + z + w)**60/(x*tanh(y) + z)**50", "b = (w + z + y + x)**60*(z + x*tanh(y))**(-50)"),
)

#: Different somewhere, where a careless rewriting would take them for equal.
DIFFERENT = (
    ("x", "a = exp(log(x**2)/2)", "b = x"),
    ("x", "a = log(x**2)/2", "b = log(x)"),
    ("x", "a = sqrt(x**2)", "b = x"),
    ("x", "a = [x > 0]", "b = [x >= 0]"),
    ("x, y", "a = sqrt(x*y)", "b = sqrt(x)*sqrt(y)"),
    ("x[n]", "a = (sum[i] x[i])**2", "b = sum[i] x[i]**2"),
    ("x[n]", "a = sum[i] x[i]*x[i]", "b = sum[i,j] x[i]*x[j]"),
    ("x[m]", "a = mean[i] x[i]", "b = sum[i] x[i]"),
    ("x", "a = log(6*x)", "b = log(2) + log(2) + log(x)"),
    ("x[n]", "a[i,k] = [i == k]*x[i]", "b[i,k] = x[i]*x[k]*[i == k]"),
    ("x[n]", "a[i,k] = [i != k]*x[i]", "b[i,k] = [i != k]*x[k]"),
    ("w[2]", "a = sum[k] w[k]", "b = 2*w[0]"),
    ("W[n,3], x[n]", "a = sum[i,k, k>0] W[i,k]*x[i]", "b = sum[i,k] W[i,k]*x[i]"),
    ("x[n]", "a[i] = sum[j<=i] x[j]", "b[i] = sum[j<i] x[j]"),
)


def context_of(system):
    names = frozenset(system.by_name)
    return Context(system.by_name, names, rules=ALGEBRA, lows=row_lows(system))


def apart(case):
    system = parse_system("\n".join(("given " + case[0], *case[1:])))
    values = closed_values(system)
    a, b = values["a"], values["b"]
    slots = dict(zip(b.target.indices, a.target.indices, strict=True))
    return difference(a.value, substitute(b.value, slots), context_of(system))


@pytest.mark.parametrize("case", EQUAL, ids=lambda c: c[1])
def test_equal_expressions_have_one_form(case):
    assert apart(case) == 0


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda c: f"{c[1]}, {c[2]}")
def test_different_expressions_keep_different_forms(case):
    assert apart(case) != 0


def keeps_its_value(system, seed):
    """Evaluate every equation, with all definitions written in, and its canonical form at a random point."""
    from dataclasses import replace

    rng, checked = np.random.default_rng(seed), 0
    values, context = closed_values(system), context_of(system)
    definitions = replace(system, equations=system.definitions)
    with ctx.workprec(bits(60)):
        for attempt in range(12):
            point = draw_point(system, draw_sizes(system, rng, with_one=False, most=3), rng, attempt)
            machine = machine_for(definitions, point.named(), Balls(), functions=smooth_functions(system.functions))
            for equation in values.values():
                form = replace(equation, value=canonical(equation.value, context))
                for x, y in zip(machine.value(equation).flat, machine.value(form).flat, strict=True):
                    if x.value.is_finite() and y.value.is_finite():
                        assert x.value.overlaps(y.value), f"{equation} became {form}"
                        checked += 1
            if checked:
                return
    raise AssertionError("no point could be used")


@pytest.mark.parametrize("name", sorted(n for n, s in SYSTEMS.items() if closed_values(s)))
def test_the_form_keeps_its_value(name):
    keeps_its_value(SYSTEMS[name], 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(n for n, s in CATALOGUE.items() if closed_values(s)))
def test_the_form_of_the_catalogue_keeps_its_value(name):
    keeps_its_value(CATALOGUE[name], 5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_the_form_of_random_systems_keeps_its_value(seed):
    keeps_its_value(parse_system(random_system(seed)), seed)
