"""Forward mode: tangents as they are printed, certified by dual balls, and the adjoint identity."""

import numpy as np
import pytest
from flint import ctx

import gradproof as gp
from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps
from tests.derive.second_order_systems import EACH, SYSTEMS, inputs_of, load, total


@pytest.mark.parametrize("name", EACH)
def test_tangents_are_certified_and_every_step_keeps_its_value(name: str) -> None:
    d = gp.jvp(load(name))
    for check in check_derivation(d, seed=0):
        assert (check.verdict, check.strength) == ("right", "certified"), check.reason
    assert [c for c in check_steps(d, seed=0) if c.verdict != "right"] == []


@pytest.mark.parametrize("name", EACH)
def test_a_vjp_is_the_adjoint_of_a_jvp(name: str) -> None:
    """<ȳ, J v> = <Jᵀ ȳ, v>, in balls of fifty digits."""
    system = load(name)
    forward, backward = gp.jvp(system), gp.derive(system)
    functions = smooth_functions(system.functions)
    inputs = inputs_of(forward.joint)
    moved = evaluate(forward.joint, inputs, field="arb", functions=functions)
    (y,) = forward.of
    rng = np.random.default_rng(5)
    seed = rng.integers(-8, 9, moved[y].shape) / 4 if moved[y].ndim else np.ones(())
    plain = {n: a for n, a in inputs.items() if n not in forward.directions.values()}
    pulled = evaluate(
        backward.joint, {**plain, **({f"d_{y}": seed} if seed.ndim else {})}, field="arb", functions=functions
    )
    with ctx.workprec(bits(50)):
        left = total(seed, moved[forward.gradients[y].name])
        right = sum(total(inputs[forward.directions[w]], pulled[e.name]) for w, e in backward.gradients.items())
    assert left.overlaps(right)
    assert left.rad() < 1e-40


@pytest.mark.parametrize(
    ("text", "tangent"),
    [
        ("given z[n]\na[i] = sigmoid(z[i])", "v_a[i] = a[i]*v_z[i]*(1 - a[i])"),
        (SYSTEMS["softmax"], "v_p[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])"),
        ("param E[V, D]\ngiven tok[T] in V\nx[t,d] = E[tok[t],d]", "v_x[t,d] = v_E[tok[t],d]"),
        ("given x[n], v_x[n]\ny[i] = x[i]*v_x[i]", "v_y[i] = v2_x[i]*v_x[i] + v_v_x[i]*x[i]"),
    ],
)
def test_tangents_as_they_are_printed(text: str, tangent: str) -> None:
    d = gp.jvp(gp.system(text))
    assert [str(e) for e in d.gradients.values()] == [tangent]


def test_a_recurrence_stays_one_and_its_start_row_moves_with_what_it_is_made_of() -> None:
    assert [str(e) for e in gp.jvp(load("rnn")).backward.definitions if e.name.startswith("v_")] == [
        "start v_h[-1,n,k] = 0",
        "v_a[t,n,k] = sum[d] x[t,n,d]*v_W[d,k] + sum[i] (v_h[t-1,n,i]*U[i,k] + h[t-1,n,i]*v_U[i,k]) + v_b[k]",
        "v_h[t,n,k] = v_a[t,n,k]*(1 - h[t,n,k]**2)",
    ]
    moved = gp.jvp(load("rnn"), wrt="h0")
    assert "start v_h[-1,n,k] = v_h0[n,k]" in [str(e) for e in moved.backward.definitions]


def test_it_evaluates_with_its_directions() -> None:
    d = gp.jvp(gp.system("given x[n], y[n]\nz = sum[i] x[i]*y[i]"))
    found = d.evaluate({"x": [1.0, 2.0], "y": [3.0, 4.0], "v_x": [1.0, 0.0], "v_y": [0.0, 1.0]})
    assert float(found["z"]) == 3.0 + 2.0
    assert (d.mode, d.order, d.directions) == ("jvp", 1, {"x": "v_x", "y": "v_y"})


def test_an_output_that_does_not_move() -> None:
    d = gp.jvp(gp.system("given x[n], y[n]\nz[i] = x[i]**2"), wrt="y")
    assert str(d.gradients["z"]) == "v_z[i] = 0"


def test_a_direction_of_a_computed_tensor_is_refused_by_name() -> None:
    with pytest.raises(gp.NotYet, match="a direction of h, which is computed"):
        gp.jvp(gp.system("given x\nh = x**2\ny = h**2"), wrt="h")


def test_kernels_and_rows_of_verdicts_refuse_it_by_name() -> None:
    from gradproof.verify.table import verify_derivation

    d = gp.jvp(load("softmax"))
    with pytest.raises(gp.NotYet, match="a kernel of a jvp derivation"):
        gp.kernel(d)
    with pytest.raises(gp.NotYet, match="rows for a jvp derivation"):
        verify_derivation(d)
