"""A second opinion on kernels: one finite difference of the forward equations in floats for each gradient.

The exact check and the ulps rest on ball arithmetic; this rests on nothing but float64 evaluations of the forward
equations. Where the two contradict each other, the verdict is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Array, Float64
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.joint import joint_system, perturbed
from gradproof.derive.model import System
from gradproof.derive.steps import Derivation
from gradproof.derive.stops import STOP
from gradproof.errors import InputError
from gradproof.verify.draw import draw_point, draw_sizes
from gradproof.verify.judge.differences import EPS, Slope, judge_slope
from gradproof.verify.judge.noise import noise_of
from gradproof.verify.ulps import Kernel, KernelCheck, accepted

_ATTEMPTS = 16


def check_by_differences(
    derivation: Derivation, kernel: Kernel, checks: tuple[KernelCheck, ...], *, seed: int = 0
) -> tuple[KernelCheck, ...]:
    """Return the checks, those that a finite difference contradicts as undecided (one random direction a gradient)."""
    rng = np.random.default_rng([seed, 17])
    names = {equation.name: w for w, equation in derivation.gradients.items()}
    objective = _Objective(derivation)
    for attempt in range(_ATTEMPTS):
        inputs = _floats(derivation, rng, attempt)
        if inputs is None or not objective.usable(inputs):
            continue
        gradients = kernel(**accepted(kernel, dict(inputs)))
        return tuple(
            _judged(c, objective.slope(names[c.name], inputs, np.asarray(gradients[c.name]), rng)) for c in checks
        )
    return checks


def _judged(check: KernelCheck, slope: Slope) -> KernelCheck:
    if slope.status != "wrong" or check.verdict != "right":
        return check
    reason = f"a finite difference contradicts it: {slope.value:.10g} ± {slope.bar:.1g} along a random direction"
    return replace(check, verdict="undecided", reason=reason)


def _floats(derivation: Derivation, rng: np.random.Generator, attempt: int) -> dict[str, Any] | None:
    joint = joint_system(derivation)
    sizes = draw_sizes(joint, rng, with_one=False)
    point = draw_point(joint, sizes, rng, attempt)
    if point is None:
        return None
    inputs = {n: a if a.dtype.kind in "iu" else a.astype(np.float64) for n, a in point.inputs.items()}
    return {**inputs, **point.sizes}


@dataclass(frozen=True)
class _Held(Float64):
    """Floats in which `stop(...)` keeps the values of the first run: what it holds does not move with the inputs."""

    kept: list[Array] = field(default_factory=list)
    ahead: list[Array] = field(default_factory=list)

    def rewind(self) -> None:
        """Begin the next run."""
        self.ahead[:] = self.kept

    def call(self, name: str, arguments: Sequence[Array]) -> Array:
        if name != STOP:
            return super().call(name, arguments)
        if not self.ahead:
            self.kept.append(np.asarray(arguments[0]))
            return self.kept[-1]
        return self.ahead.pop(0)


class _Objective:
    """sum(cotangent * output) of the forward equations in float64, what stands in a `stop(...)` held."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        forward: System = replace(derivation.system, equations=derivation.system.definitions)
        self.forward, self.added = perturbed(forward, derivation.wrt)
        self.functions = smooth_functions(derivation.system.functions)
        self.field = _Held()

    def value(self, inputs: Mapping[str, Any]) -> float:
        names = {t.name for t in self.forward.inputs} | {s.name for s in self.forward.sizes}
        self.field.rewind()
        found = run(self.forward, {n: a for n, a in inputs.items() if n in names}, self.field, functions=self.functions)
        return float(sum(np.sum(found[o] * inputs.get(f"d_{o}", 1.0)) for o in self.derivation.of))

    def usable(self, inputs: dict[str, Any]) -> bool:
        """Add zeros for perturbed tensors, and say whether the objective is finite."""
        try:
            missing = {n: a for n, a in self.added.items() if a not in inputs}
            if missing:
                plain, _ = perturbed(self.derivation.system, ())
                known = {t.name for t in plain.inputs} | {s.name for s in plain.sizes}
                found = run(plain, {n: a for n, a in inputs.items() if n in known}, Float64(), functions=self.functions)
                inputs.update({a: np.zeros(found[n].shape) for n, a in missing.items()})
            self.field.kept.clear()
            return bool(np.isfinite(self.value(inputs)))
        except InputError:
            return False

    def slope(self, wrt: str, inputs: Mapping[str, Any], gradient: Array, rng: np.random.Generator) -> Slope:
        name = self.added.get(wrt, wrt)
        start = np.asarray(inputs[name])
        direction = rng.uniform(0.5, 1.5, start.shape) * rng.choice([-1.0, 1.0], start.shape)
        middle = self.value(inputs)

        def line(t: float) -> float:
            return self.value({**inputs, name: start + t * direction})

        if gradient.shape != direction.shape:
            return Slope("wrong", float("nan"), 0.0, "another shape")
        scale = float(np.median(np.abs(start))) if np.any(start) else 1.0
        terms = float(np.sum(np.abs(gradient * direction)))
        sigma = max(noise_of(line, middle, scale), EPS * abs(middle))
        return judge_slope(
            line, middle, float(np.sum(gradient * direction)), first=0.02 * scale, least=1e-13 * scale,
            sigma=sigma, slack=1e-12 * terms, floor=max(1e-6 * terms, 1e3 * sigma / max(scale, 1e-300)),
        )  # fmt: skip
