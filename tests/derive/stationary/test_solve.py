"""Stationary points: the gradient, evaluated in balls, vanishes there."""

import numpy as np
import pytest
from flint import arb_mat, ctx

import gradproof as gp
from gradproof.derive.interpret.fields import Balls
from gradproof.derive.interpret.run import bits, machine_for
from gradproof.derive.model import Equation
from gradproof.errors import InputError, NotYet
from gradproof.verify.draw import draw_point, draw_sizes

SYSTEMS = {
    "discriminator": "given p[n], q[n]\nparam D[n]\nV = sum[i] (p[i]*log(D[i]) + q[i]*log(1 - D[i]))",
    "least squares": "given X[m,n], y[m]\nparam w[n]\nL = sum[i] ((sum[j] X[i,j]*w[j]) - y[i])**2",
    "ridge": """
        given X[m,n], y[m], lam
        param w[n]
        p[i] = sum[j] X[i,j]*w[j]
        L = 1/m*(sum[i] (p[i] - y[i])**2) + lam*sum[j] w[j]**2
        """,
    "ridge with a bias": """
        given X[m,n], y[m], lam
        param w[n], b
        p[i] = sum[j] X[i,j]*w[j] + b
        L = 1/m*(sum[i] (p[i] - y[i])**2) + lam*sum[j] w[j]**2
        """,
    "gaussian": "given x[n]\nparam mu, v\nL = sum[i] ((x[i] - mu)**2/(2*v) + log(v)/2)",
    "gaussian by its deviation": "given x[n]\nparam mu, s\nL = mean[i] (((x[i] - mu)/s)**2/2 + log(s))",
    "gaussian by its log deviation": "given x[n]\nparam mu, s\nL = mean[i] (((x[i] - mu)*exp(-s))**2/2 + s)",
    "linear mean": """
        given X[m,n], y[m]
        param w[n], s
        mu[i] = sum[j] X[i,j]*w[j]
        r[i] = (y[i] - mu[i])*exp(-s)
        L = mean[i] (r[i]**2/2 + s)
        """,
    "bernoulli": "given k, l\nparam t\nL = k*log(t) + l*log(1 - t)",
    "rate": "given x[n]\nparam r\nL = sum[i] (log(r) - r*x[i])",
    "weights of rows": "given a[m], X[m,n]\nparam c[n]\nL = sum[i,j] a[i]**2*(X[i,j] - c[j])**2",
}


def solved_linear(linear, machine):
    """Solve the linear system of an unknown with one axis, in balls."""
    matrix, right = machine.value(linear.matrix), machine.value(linear.right)
    n = len(right)
    a = arb_mat(n, n, [x.value for x in matrix.reshape(-1)])
    found = a.solve(arb_mat(n, 1, [x.value for x in right]))
    out = np.empty(n, dtype=object)
    out[:] = [found[k, 0] for k in range(n)]
    return out


def at_the_point(derivation, solution, point, root):
    """Return the inputs with each unknown at its value there."""
    inputs = dict(point.named())
    for unknown in solution.unknowns:
        machine = machine_for(derivation.joint, inputs, Balls())
        if unknown.linear is not None:
            inputs[unknown.name] = solved_linear(unknown.linear, machine)
        else:
            values = machine.value(Equation(0, unknown.target, unknown.values[root % len(unknown.values)]))
            inputs[unknown.name] = np.frompyfunc(lambda x: x.value, 1, 1)(values)
            if not values.shape:
                inputs[unknown.name] = np.array(values.item().value, dtype=object)
    return inputs


QUICK = ("discriminator", "gaussian", "ridge")
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in sorted(SYSTEMS) if name not in QUICK]


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_the_gradient_vanishes(name):
    system = gp.system(SYSTEMS[name])
    solution = gp.solve(system)
    unknowns = [t.name for t in system.parameters]
    assert sorted(u.name for u in solution.unknowns) == sorted(unknowns)
    derivation = gp.derive(system, wrt=unknowns)
    roots = max(len(u.values) for u in solution.unknowns)
    for root in range(max(roots, 1)):
        rng, checked = np.random.default_rng(root), 0
        with ctx.workprec(bits(60)):
            for attempt in range(4, 12):  # later attempts draw positive inputs
                sizes = draw_sizes(derivation.joint, rng, with_one=False)
                point = draw_point(derivation.joint, {**sizes, **{s: 5 for s in sizes if s.name == "m"}}, rng, attempt)
                gradients = derivation.evaluate(at_the_point(derivation, solution, point, root), field="arb", digits=60)
                flat = [x for g in gradients.values() for x in g.reshape(-1)]
                if all(x.is_finite() for x in flat):
                    assert all(x.contains(0) and x.rad() < 1e-30 for x in flat), (point, flat)
                    checked += 1
        assert checked >= 2


def texts(name):
    return [line.text for u in gp.solve(gp.system(SYSTEMS[name])).unknowns for line in u.lines]


def test_what_is_printed():
    assert "(Xᵀ X) w = Xᵀ y" in texts("least squares")
    assert "(Xᵀ X + m*lam I) w = Xᵀ y" in texts("ridge")
    assert "D[i] = p[i]/(p[i] + q[i])" in texts("discriminator")
    assert {"mu = 1/n * sum[i] x[i]", "v = 1/n * sum[i] (x[i] - mu)**2"} <= set(texts("gaussian"))


def test_the_second_derivative_says_what_kind_of_point_it_is():
    found = gp.solve(gp.system(SYSTEMS["discriminator"]))["D"]
    assert found.nature == ("maximum",)
    assert found.lines[-1].because == "negative where p, q are positive: a maximum in D"
    assert gp.solve(gp.system(SYSTEMS["gaussian"]))["v"].nature == ("minimum",)
    unknown = gp.solve(gp.system("given k, n\nparam t\nL = k*log(t) + (n - k)*log(1 - t)"))["t"]
    assert (unknown.nature, unknown.lines[-1].because) == (("",), "its sign depends on the inputs")


def test_the_other_extremum_is_not_taken_for_one():
    assert gp.solve(gp.system("given a\nparam x\nL = -(x - a)**2"))["x"].nature == ("maximum",)
    cubic = gp.solve(gp.system("param x\nL = x**3 - 3*x"))["x"]
    assert sorted(zip(map(int, cubic.values), cubic.nature, strict=True)) == [(-1, "maximum"), (1, "minimum")]


LOGISTIC = """
given X[m,n], y[m]
param w[n]
p[i] = sigmoid(sum[j] X[i,j]*w[j])
L = -sum[i] (y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOGISTIC, "w: it stands inside sigmoid"),
        ("given x[n]\nparam w[n]\nL = (sum[i] x[i]*w[i])**4 + sum[i] w[i]**2", "not linear"),
        ("given a\nparam x\nL = x**5 + a*x", "not linear"),
        ("given a\nparam x\nL = cos(x) + a*x", "inside sin"),
    ],
)
def test_what_has_no_closed_form_is_refused_by_name(text, message):
    with pytest.raises(NotYet, match=message):
        gp.solve(gp.system(text))


@pytest.mark.parametrize(
    ("text", "of", "unknowns", "message"),
    [
        ("given x[n]\ny[i] = x[i]**2", None, "x", "of one scalar"),
        ("given x\ny = x**2", None, None, "nothing to solve for"),
        ("given x\nu = x**2\ny = u**2", None, "u", "u is computed"),
        ("given x\ny = x**2", None, "q", "no tensor named 'q'"),
    ],
)
def test_what_cannot_be_asked(text, of, unknowns, message):
    with pytest.raises(InputError, match=message):
        gp.solve(gp.system(text), of, unknowns)


def test_ascii_and_json():
    found = gp.solve(gp.system(SYSTEMS["ridge"]))
    assert found.text(ascii=True).isascii()
    assert "X.T" in found.text(ascii=True)
    assert [s["rule"] for s in found.to_dict()["unknowns"][0]["steps"]][-1] == "in matrix notation"
