"""Second derivatives by differences of the forward equations: no derivative of ours takes part."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from flint import arb, ctx

from gradproof.derive.interpret import evaluate
from gradproof.derive.interpret.run import bits
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.steps import Derivation
from tests.derive.second_order_systems import total

#: The step of the differences: their error is of the order of its square, 1e-90.
STEP = arb(2) ** -150
DIGITS = 300


def curvatures(d: Derivation, inputs: dict[str, Any], seed: int = 8) -> tuple[arb, arb]:
    """Return <u, H v> for a random u, by the derived Hessian times v and by differences of the forward equations."""
    functions = smooth_functions(d.system.functions)
    rng = np.random.default_rng(seed)
    other = {w: rng.integers(-8, 9, np.shape(inputs[w])) / 4 for w in d.wrt}
    with ctx.workprec(bits(DIGITS)):
        found = d.evaluate(inputs, field="arb", digits=DIGITS, functions=functions)
        return sum((total(other[w], found[w]) for w in d.wrt), arb(0)), second_difference(d, inputs, other)


def second_difference(d: Derivation, inputs: dict[str, Any], other: dict[str, Any]) -> arb:
    """Return <u, H v> for the sum of the outputs times their cotangents, by four values of it."""
    assert d.first is not None
    system = d.first.system
    functions = smooth_functions(system.functions)
    known = {n: a for n, a in inputs.items() if n not in d.directions.values()}
    seeds = {n: a for n, a in known.items() if n.startswith("d_")}
    out = arb(0)
    for a, b in product((1, -1), repeat=2):
        moved = {n: v for n, v in known.items() if n not in seeds}
        for w, v in d.directions.items():
            moved[w] = _moved(known[w], (a, inputs[v]), (b, other[w]))
        found = evaluate(system, moved, field="arb", functions=functions, digits=DIGITS)
        for y in d.of:
            out += a * b * total(seeds.get(f"d_{y}", np.ones(())), found[y])
    return out / (4 * STEP**2)


def _moved(values: Any, *steps: tuple[int, Any]) -> Any:
    values = np.asarray(values)
    out = np.empty(values.shape, dtype=object)
    for k in np.ndindex(values.shape):
        out[k] = _exact(values[k]) + sum((arb(int(s)) * STEP * arb(float(np.asarray(v)[k])) for s, v in steps), arb(0))
    return out


def _exact(x: Any) -> arb:
    return x if isinstance(x, arb) else arb(float(x))
