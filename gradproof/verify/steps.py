"""Every step of a derivation keeps its value: `before` and `after` are evaluated in balls at a random point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import ctx

from gradproof.derive.interpret import run
from gradproof.derive.interpret.fields import Array, Balls, Float64
from gradproof.derive.interpret.run import Machine, bits, machine_for
from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.joint import joint_system
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Grad, names_in
from gradproof.derive.steps import Derivation, Step
from gradproof.errors import InputError
from gradproof.verify.draw import Point, draw_point, draw_sizes
from gradproof.verify.report import Verdict

_ATTEMPTS = 32


@dataclass(frozen=True, slots=True)
class StepCheck:
    """What became of one step: `verdict` is undecided where a side cannot be evaluated, and `reason` says why."""

    block: str
    step: Step
    verdict: Verdict
    reason: str = ""


def check_steps(derivation: Derivation, *, seed: int = 0) -> tuple[StepCheck, ...]:
    """Return for each step with a `before` whether both sides are equal at a random point, to 40 digits."""
    rng = np.random.default_rng(seed)
    system = _with_all_adjoints(derivation)
    functions = smooth_functions(derivation.system.functions)
    why = "no point was tried"
    for attempt in range(_ATTEMPTS):
        with ctx.workprec(bits(60)):
            sizes = draw_sizes(system, rng, with_one=False)
            point = draw_point(system, sizes, rng, attempt)
            if point is None:
                continue
            if not _is_finite(derivation, point, functions):
                why = f"an output is not finite at {point}"
                continue
            field = Balls()
            machine = machine_for(system, point.named(), field, functions=functions)
            checks = tuple(_checked(derivation, machine, point))
            if not field.trace.events and all(c.verdict != "undecided" for c in checks):
                return checks
            why = next((c.reason for c in checks if c.verdict == "undecided"), "a kink at every point")
    return tuple(StepCheck("", s, "undecided", why) for s in derivation.steps if s.before is not None)


def _is_finite(derivation: Derivation, point: Point, functions: Mapping[str, Callable[..., Any]]) -> bool:
    """Do the forward equations have finite values at the point? Beyond them a step may keep what is no number."""
    forward = replace(derivation.system, equations=derivation.system.definitions)
    names = {t.name for t in forward.inputs} | set(point.sizes)
    try:
        found = run(forward, {n: v for n, v in point.named().items() if n in names}, Float64(), functions=functions)
    except InputError:  # the sizes let a read leave its tensor
        return False
    return all(np.all(np.isfinite(found[n])) for n in derivation.of)


def _with_all_adjoints(derivation: Derivation) -> System:
    """Return the joint system with an equation for every adjoint that was written into its users at the end."""
    joint = joint_system(derivation)
    known = set(joint.by_name)
    last = len(joint.equations)
    tensors, equations = list(joint.tensors), list(joint.equations)
    for block in derivation.blocks:
        final = block.steps[-1].after if block.steps else None
        if final is not None and block.name not in known:
            last += 1
            shape = tuple(i.size for i in final.indices)
            tensors.append(Tensor(block.name, shape, Role.OUTPUT))
            equations.append(replace(final, number=last))
    return replace(joint, tensors=tuple(tensors), equations=tuple(equations))


def _checked(derivation: Derivation, machine: Machine, point: Point) -> Iterator[StepCheck]:
    for block in derivation.blocks:
        for step in block.steps:
            if step.before is None or step.after.value.atoms(Grad) or step.before.value.atoms(Grad):
                continue
            if any(n not in machine.tensors for e in (step.before, step.after) for n in names_in(e.value)):
                continue  # the adjoint of a start row, before it is put in: a mark and no tensor
            yield _compared(block.name, step, machine, point)


def _compared(block: str, step: Step, machine: Machine, point: Point) -> StepCheck:
    assert step.before is not None
    before, after = _value(step.before, machine), _value(step.after, machine)
    for place in np.ndindex(before.shape):
        a, b = before.item(place).value, after.item(place).value
        if not (a.is_finite() and b.is_finite()):
            return StepCheck(block, step, "undecided", f"not finite at {point}")
        if not a.overlaps(b):
            text = f"{a.str(12)} before and {b.str(12)} after, at {list(place)}, {point}"
            return StepCheck(block, step, "wrong", text)
    return StepCheck(block, step, "right")


def _value(equation: Equation, machine: Machine) -> Array:
    return machine.value(equation)
