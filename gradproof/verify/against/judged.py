"""The user's gradient against the derived one, entry by entry: both in balls where that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx

from gradproof.derive.interpret.run import bits
from gradproof.derive.steps import Derivation
from gradproof.verify.against.same import Matched
from gradproof.verify.balls.exactly import WORKING_DIGITS, boxed, exact_gradient
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Array, Problem
from gradproof.verify.judge.compare import Comparison, Exact
from gradproof.verify.judge.here import Here

#: Systems with more numbers than these are evaluated in floats.
_MOST_IN_BALLS = 4000
#: What the interpreter's rounding in floats may come to, of the largest entry.
_IN_FLOATS = 1e-11


@dataclass(frozen=True)
class Derived:
    """A derivation whose tensors stand in a user's arrays: it gives the gradient for the user's inputs.

    Attributes:
        match: which input holds what.
        derivation: the gradients of the output for the tensors that the user differentiates.
        wrt: positions of the user's inputs that hold these tensors.
    """

    match: Matched
    derivation: Derivation
    wrt: tuple[int, ...]

    def gradients(self, inputs: Sequence[Any], cotangent: Array | None, field: str = "float64") -> list[Array]:
        """Return the derived gradient for each of `wrt`."""
        tensors = {**self.match.layout.tensors(inputs), **self.match.seed(cotangent)}
        found = self.derivation.evaluate(tensors, field=field, **({"digits": WORKING_DIGITS} if field == "arb" else {}))
        return [self.match.layout.back(found, inputs, k) for k in self.wrt]

    def rows(self, inputs: Sequence[Any], cotangent: Array | None) -> list[list[arb]]:
        """Return for each of `wrt` its entries in order, as balls."""
        if self._size(inputs) <= _MOST_IN_BALLS:
            found = self.gradients(inputs, cotangent, "arb")
            return [[x if isinstance(x, arb) else arb(float(x)) for x in g.reshape(-1)] for g in found]
        found = self.gradients(inputs, cotangent)
        largest = max((float(np.max(np.abs(g), initial=0.0)) for g in found), default=0.0)
        return [[arb(float(x), _IN_FLOATS * largest) for x in g.reshape(-1)] for g in found]

    def _size(self, inputs: Sequence[Any]) -> int:
        return sum(int(np.size(a)) for a in inputs) + int(np.size(self.match.value(inputs)))


def compared(problem: Problem, derived: Derived, here: Here, rng: np.random.Generator) -> Exact:
    """Return how the claimed gradient stands against the derived one at a point."""
    with ctx.workprec(bits(WORKING_DIGITS)):
        claims, why = _claims(problem, here)
        found = dict(zip(derived.wrt, derived.rows(here.inputs, here.cotangent), strict=True))
        # What no tensor of the system is, is not judged: it agrees with itself.
        pairs = zip(problem.wrt, claims, strict=True)
        rows = [x for k, g in pairs for x in (found[k] if k in found else g.reshape(-1).tolist())]
        try:
            return Comparison(problem, here, rng, claims, why, WORKING_DIGITS).every_entry(rows)
        except Untraceable as error:
            floats = [boxed(g) for g in here.gradients]
            return Comparison(problem, here, rng, floats, str(error), WORKING_DIGITS).every_entry(rows)


def _claims(problem: Problem, here: Here) -> tuple[list[Array], str]:
    """Return the claims in balls; where the gradient does not run there, as floats, and why."""
    try:
        problem.value(here.inputs)
        found = exact_gradient(problem, here.inputs, here.cotangent, WORKING_DIGITS)
        alike = zip(found, here.gradients, strict=True)
        if all(f.shape == g.shape and all(x.is_finite() for x in f.reshape(-1)) for f, g in alike):
            return found, ""
        why = "the gradient has no finite bound in balls"
    except Untraceable as error:
        why = str(error)
    return [boxed(g) for g in here.gradients], why
