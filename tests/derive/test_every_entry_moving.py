"""Every entry of the catalogue in motion: second order by two independent paths, and jvp against vjp.

No entry is left out: those with kinks have second derivatives beside them, and none is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import ctx

import gradproof as gp
from gradproof import catalogue
from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.model import System
from gradproof.verify import check_derivation
from tests.derive.differences import DIGITS, curvatures
from tests.derive.second_order_systems import inputs_of, total
from tests.derive.test_every_entry import SLOW

#: Second order in the default suite: a function of each kind, a layer, a loss, a recurrence, a window.
QUICK = "sigmoid gelu prelu softmax huber neuron ridge embedding max_pool1d momentum weight_norm"


def _marked(quick: set[str]) -> list[Any]:
    return [n if n in quick else pytest.param(n, marks=pytest.mark.slow) for n in catalogue.names()]


def _movable(system: System) -> list[str]:
    """Return all that is differentiable: an assumption about what moves is then used nowhere."""
    return [t.name for t in system.differentiable]


@pytest.mark.parametrize("name", _marked({*QUICK.split()}))
def test_second_order_is_certified_and_agrees_with_differences_of_the_forward_equations(name: str) -> None:
    """Away from kinks: dual balls of the certified gradient, and then four values of the forward equations.

    What stands in stop(...) moves the values of the equations, and not the derivative: there the two differ.
    """
    system = gp.load(name)
    derived = gp.hvp(system, wrt=_movable(system))
    for check in check_derivation(derived, seed=0):
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"
    ours, measured = curvatures(derived, inputs_of(derived.joint, precision=2000))
    with ctx.workprec(bits(DIGITS)):
        agree = abs(ours - measured) < 1e-60 * (1 + abs(ours))
        assert agree is not bool(derived.stops)


@pytest.mark.parametrize("name", _marked({*catalogue.names()} - SLOW))
def test_a_vjp_is_the_adjoint_of_a_jvp(name: str) -> None:
    """<ȳ, J v> = <Jᵀ ȳ, v>, in balls of fifty digits."""
    system = gp.load(name)
    forward, backward = gp.jvp(system, wrt=_movable(system)), gp.derive(system, wrt=_movable(system))
    assert forward.of == backward.of
    functions = smooth_functions(system.functions)
    # One of the two may divide by a stride; all inputs but the cotangents are those of the jvp.
    inputs = inputs_of(backward.joint, least=1)
    rng = np.random.default_rng(5)
    along = {w: np.round(rng.normal(size=np.shape(inputs[w])), 3) for w in forward.wrt}
    given = {n: a for n, a in inputs.items() if n.removeprefix("d_") not in backward.of}
    directions = {forward.directions[w]: v for w, v in along.items()}
    moved = evaluate(forward.joint, {**given, **directions}, field="arb", functions=functions)
    pulled = evaluate(backward.joint, inputs, field="arb", functions=functions)
    with ctx.workprec(bits(50)):
        seeds = {y: inputs.get(f"d_{y}", np.ones(())) for y in forward.of}
        left = sum(total(seeds[y], moved[forward.gradients[y].name]) for y in forward.of)
        right = sum(total(along[w], pulled[e.name]) for w, e in backward.gradients.items())
    assert left.overlaps(right)
    assert left.rad() + right.rad() < 1e-35 * (1 + abs(left))
    assert left != 0
