"""Are two systems the same: proved, certified, refuted with a counterexample, or undecided."""

import json

import pytest

import gradproof as gp
from gradproof.errors import InputError
from gradproof.verify.mutate import mutants

from .systems import EVERY, SYSTEMS

LAYER_NORM = """
given x[n,d], g[d], b[d], eps
mu[i] = mean[j] x[i,j]
v[i] = mean[j] (x[i,j] - mu[i])**2
r[i] = (v[i] + eps)**(-1/2)
xhat[i,j] = (x[i,j] - mu[i])*r[i]
y[i,j] = g[j]*xhat[i,j] + b[j]
"""
#: The staged chain rule: through the variance and the mean.
LAYER_NORM_BY_STAGES = """
given x[n,d], g[d], eps, dy[n,d]
mu[i] = mean[j] x[i,j]
v[i] = mean[j] (x[i,j] - mu[i])**2
dxhat[i,j] = dy[i,j]*g[j]
dv[i] = sum[j] dxhat[i,j]*(x[i,j] - mu[i])*(-1/2)*(v[i] + eps)**(-3/2)
dmu[i] = (-sum[j] dxhat[i,j]/sqrt(v[i] + eps)) + dv[i]*(mean[j] (-2)*(x[i,j] - mu[i]))
dx[i,j] = dxhat[i,j]/sqrt(v[i] + eps) + dv[i]*2*(x[i,j] - mu[i])/d + dmu[i]/d
dg[j] = sum[i] dy[i,j]*(x[i,j] - mu[i])/sqrt(v[i] + eps)
db[j] = sum[i] dy[i,j]
"""
RNN = """
given x[T,n,d], W[d,k], U[k,k], h0[n,k]
start h[-1,i,j] = h0[i,j]
h[t,i,j] = tanh(sum[l] x[t,i,l]*W[l,j] + sum[l] h[t-1,i,l]*U[l,j])
"""
RNN_BY_SIGMOIDS = """
given x[T,n,d], W[d,k], U[k,k], h0[n,k]
start h[-1,i,j] = h0[i,j]
a[t,i,j] = sum[l] x[t,i,l]*W[l,j] + sum[l] U[l,j]*h[t-1,i,l]
h[t,i,j] = 2*sigmoid(2*a[t,i,j]) - 1
"""
CROSS_ENTROPY = "softmax_cross_entropy"


@pytest.mark.slow
def test_the_staged_chain_rule_of_layer_norm_is_the_derived_one():
    found = gp.compare(LAYER_NORM, LAYER_NORM_BY_STAGES)
    assert [(p.name, p.second, p.verdict) for p in found.pairs] == [
        ("d_x", "dx", "proved"),
        ("d_g", "dg", "proved"),
        ("d_b", "db", "proved"),
    ]


def test_a_recurrence_is_proved_by_induction():
    assert gp.compare(RNN, RNN_BY_SIGMOIDS).verdict == "proved"


@pytest.mark.parametrize(("old", "new"), [("h0[i,j]\n", "2*h0[i,j]\n"), ("h[t-1,i,l]", "h[t-1,i,j]"), (" - 1", " - 2")])
def test_another_recurrence_is_not(old, new):
    changed = RNN_BY_SIGMOIDS.replace(old, new)
    assert changed != RNN_BY_SIGMOIDS
    assert gp.compare(RNN, changed).verdict == "refuted"


def test_an_assumption_that_a_proof_used_is_named():
    backward = "given p[m, C], y[m, C]\nd_z[i,c] = (p[i,c] - y[i,c])/m"
    found = gp.compare(gp.load(CROSS_ENTROPY), backward)
    assert (found.verdict, found.pairs[0].assumptions) == ("proved", ("sum_y",))
    assert gp.compare(gp.load(CROSS_ENTROPY), backward, without="all").verdict == "refuted"


def test_a_counterexample_says_where_and_by_how_much():
    found = gp.compare(gp.load(CROSS_ENTROPY), "given p[m, C], y[m, C]\nd_z[i,c] = p[i,c] - y[i,c]")
    example = found.counterexample
    assert (found.verdict, example.name) == ("refuted", "d_z")
    assert example.factor == f"m = {example.sizes['m']}"
    assert float(example.second) == pytest.approx(example.sizes["m"] * float(example.first), rel=1e-12)
    assert example.equations.second == "d_z[i,c] = p[i,c] - y[i,c]"
    assert set(example.inputs) == {"z", "y"}


def test_the_counterexample_is_one():
    a, b = gp.system("given x[n]\ny[i] = x[i]*erf(x[i])"), gp.system("given x[n]\ny[i] = x[i]*tanh(x[i])")
    example = gp.compare(a, b).counterexample
    for system, value in ((a, example.first), (b, example.second)):
        assert gp.evaluate(system, example.inputs)["y"][example.index] == pytest.approx(float(value), rel=1e-12)


def test_the_first_equation_that_differs_is_found_upstream():
    a = "given x[n]\nu[i] = 2*x[i]\nv[i] = u[i] + 1\ny[i] = tanh(v[i])"
    b = "given x[n]\nu[i] = 2*x[i]\nv[i] = u[i] - 1\ny[i] = tanh(v[i])"
    assert gp.compare(a, b).counterexample.equations.second == "v[i] = u[i] - 1"


def test_a_difference_at_ties_alone_is_seen():
    found = gp.compare("given z[n]\ny[i] = relu(z[i])", "given z[n], dy[n]\ndz[i] = dy[i]*[z[i] >= 0]")
    assert found.verdict == "refuted"
    assert found.agreeing == 4
    assert 0.0 in found.counterexample.inputs["z"]


def test_a_clamp_shows_at_large_inputs():
    assert gp.compare("given x[n]\ny[i] = x[i]", "given x[n]\ny[i] = max(min(x[i], 4), -4)").verdict == "refuted"


def test_what_is_equal_and_not_proved_is_certified_at_points():
    found = gp.compare("given x[n]\ny[i] = sin(2*x[i])", "given x[n]\ny[i] = 2*sin(x[i])*cos(x[i])")
    assert found.verdict == "certified"
    assert "n = 1" in found.points
    assert "not proved" in str(found)


def test_what_has_no_value_is_undecided():
    found = gp.compare("given x\ny = log(-x**2)", "given x\ny = 2*log(-x**2)")
    assert found.verdict == "undecided"
    assert "not finite" in found.pairs[0].reason


def test_names_and_sizes_are_matched():
    found = gp.compare(
        "given X[m,n], w[n]\ny[i] = sum[j] X[i,j]*w[j]",
        "given A[r,s], w[s]\nout[i] = sum[j] w[j]*A[i,j]",
        rename={"A": "X"},
    )
    assert [(p.name, p.second, p.verdict) for p in found.pairs] == [("y", "out", "proved")]


@pytest.mark.parametrize(
    ("second", "rename", "message"),
    [
        ("given q[n]\ny[i] = q[i]", {}, "reads q, which the first does not have"),
        ("given x[n,n]\ny[i] = x[i,i]", {}, "axes differ in number"),
        ("given x[3]\ny[i] = x[i]", {}, "3 is not n"),
        ("given x[n]\nu[i] = x[i]\nv[i] = 2*x[i]", {}, "no output of one name"),
        ("given x[n]\ny[i] = x[i]", {"z": "y"}, "about z, which the second system does not have"),
        ("given x[n]\ny[i] = x[i]", {"y": "q"}, "about q, which the first system does not have"),
        ("given x[n] in C\ny[i] = x[i]", {}, "holds integers in one"),
    ],
)
def test_what_cannot_be_matched_is_refused(second, rename, message):
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        gp.compare("given x[n]\ny[i] = x[i]", second, rename=rename)


def test_outputs_that_are_not_computed_are_named():
    found = gp.compare("given x\ny = x**2\nz = x**3", "given x\ny = x*x")
    assert (found.verdict, found.missing) == ("proved", ("z",))
    assert "does not compute z" in str(found)


def test_updates_are_compared():
    loss = "given X[m,n], y[m], lr, lam\nparam w[n]\nL = (mean[i] ((sum[j] X[i,j]*w[j]) - y[i])**2)"
    penalised = f"{loss} + lam/2*sum[j] w[j]**2\nw[j] := w[j] - lr*grad(L, w[j])"
    decayed = f"{loss}\nw[j] := (1 - lr*lam)*w[j] - lr*grad(L, w[j])"
    assert gp.compare(penalised, decayed).verdict == "proved"
    wrong = f"{loss}\nw[j] := (1 - lam)*w[j] - lr*grad(L, w[j])"
    assert gp.compare(penalised, wrong).verdict == "refuted"


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_a_system_is_itself_and_not_its_negative(name):
    system = SYSTEMS[name]
    assert gp.compare(system, system).verdict == "proved"
    negative = next(m for m in mutants(system) if m.name in system.outputs and m.change == "flip the sign")
    assert gp.compare(system, negative.system).verdict == "refuted"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EVERY))
def test_no_mutant_is_proved_against_the_numbers(name):
    """compare raises InternalError where a point contradicts a proof."""
    assert gp.compare(EVERY[name], EVERY[name]).verdict == "proved"
    for mutant in mutants(EVERY[name])[1::3][:6]:
        gp.compare(EVERY[name], mutant.system)


def test_the_report_is_plain_data_too():
    found = gp.compare("given x\ny = x**2", "given x\ny = x**3")
    record = json.loads(json.dumps(found.to_dict()))
    assert record["verdict"] == "refuted"
    assert record["counterexample"]["equations"]["second"] == "y = x**3"


def test_a_stop_in_one_of_the_two_is_told_where_values_are_compared():
    held, free = "given x[n]\ny[i] = x[i]*stop(x[i])", "given x[n]\ny[i] = x[i]**2"
    found = gp.compare(held, free)
    assert (found.verdict, found.stopped) == ("proved", True)
    assert "it changes derivatives, not these values" in found.text()
    assert not gp.compare(free, free).stopped
    gradient = gp.compare(held, "given x[n], d_y[n]\nadjoint d_x\nd_x[i] = d_y[i]*x[i]")
    assert (gradient.verdict, gradient.stopped) == ("proved", False)
