from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.interpret import evaluate
from gradproof.derive.notation import format_system, parse_system
from gradproof.derive.render import render
from gradproof.verify.draw import draw_point, draw_sizes


def test_the_text_gives_the_same_numbers_as_the_backward_system(derivation):
    """Every entry of the catalogue, at random sizes: what the text computes is what the derivation computes."""
    again = parse_system(render(derivation, "eqs"))
    joint = derivation.joint
    assert [e.target for e in again.definitions] == [e.target for e in joint.definitions]
    rng = np.random.default_rng(11)
    for with_one in (True, False):
        point = draw_point(joint, draw_sizes(joint, rng, with_one=with_one), rng, 0)
        functions = {f"phi{primes}": np.cos for primes in ("", "'", "''")} if joint.functions else None
        ours, theirs = (evaluate(s, point.inputs, functions=functions) for s in (joint, again))
        for e in derivation.gradients.values():
            np.testing.assert_allclose(theirs[e.name], ours[e.name], rtol=1e-13, atol=1e-13)


def test_the_text_derives_again(derivation):
    again = derive(parse_system(render(derivation, "eqs")))
    assert set(again.of) & {e.name for e in derivation.gradients.values()}


def test_the_second_derivative_sees_through_what_was_saved(derived):
    """d_z reads p, which depends on z: a text without the forward equations would take p for a constant."""
    text = render(derived("given z\ny = tanh(z)"), "eqs")
    again = derive(parse_system(text), "d_z", "z")
    second = -2 * np.tanh(0.3) * (1 - np.tanh(0.3) ** 2)
    assert again.evaluate({"z": np.array(0.3)})["z"] == pytest.approx(second, rel=1e-14)


def test_forward_backward_and_updates_stand_apart(derived):
    assert render(derived("sgd"), "eqs").splitlines()[4:] == [
        "",
        "# forward",
        "p[i]   = sum[j] X[i,j]*w[j] + b",
        "L      = 1/m * sum[i] (p[i] - y[i])**2",
        "",
        "# backward",
        "d_p[i] = 2*(p[i] - y[i])/m",
        "d_w[j] = sum[i] X[i,j]*d_p[i]",
        "d_b    = sum[i] d_p[i]",
        "",
        "# update",
        "w[j]   := w[j] - alpha*sum[i] X[i,j]*d_p[i]",
        "b      := b - alpha*sum[i] d_p[i]",
    ]


def test_adjoints_beside_their_tensors_are_declared_as_such(derived):
    assert "adjoint d_p, d_w, d_b\n" in render(derived("sgd"), "eqs")
    assert "adjoint d_Z" in format_system(derived("dense").joint)
    assert "adjoint" not in format_system(derived("dense").backward).replace("adjoint d_X, d_W\n", "")


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_title_with_quotes_stays_a_title(derived, quotes):
    text = f'"""A {quotes[:2]}quoted{quotes[:2]} title."""\ngiven x\ny = x**2'
    assert "quoted" in parse_system(render(derived(text), "eqs")).title
