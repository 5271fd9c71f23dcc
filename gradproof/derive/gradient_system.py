"""The equations of a system and of its gradient as one system, ready to be differentiated once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import S

from gradproof.derive.display import compact
from gradproof.derive.facts import context_of
from gradproof.derive.joint import joint_system
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, System
from gradproof.derive.naming import seed_names
from gradproof.derive.normal import normalise
from gradproof.derive.preactivations import named
from gradproof.derive.request import understand
from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class GradientSystem:
    """What is differentiated for the second time.

    Attributes:
        system: the equations, named arguments of activations among them, and the adjoints behind them.
        gradients: the name of the gradient for each of the first derivation's `wrt`.
        adjoints: the tensor that each adjoint belongs to.
    """

    system: System
    gradients: Mapping[str, str]
    adjoints: Mapping[str, str]


def gradient_system(first: Derivation, *, at_one: bool = False) -> GradientSystem:
    """Return the system that computes a derivation's gradients; `at_one`, with cotangents of 1."""
    backward = _at_one(first) if at_one else first.backward
    forward = first.system
    if first.arguments:
        forward, arguments = named(forward, understand(forward, first.of, first.wrt).path)
        own = {e.name for e in arguments}
        backward = replace(backward, equations=tuple(e for e in backward.equations if e.name not in own))
    joint = joint_system(replace(first, system=forward, backward=backward))
    computed = {e.name for e in backward.definitions}
    adjoints = {b.name: b.of for b in first.blocks if b.name in computed}
    adjoints |= {e.name: w for w, e in first.gradients.items()}
    return GradientSystem(
        replace(joint, title=first.system.title), {w: e.name for w, e in first.gradients.items()}, adjoints
    )


def _at_one(first: Derivation) -> System:
    """Return the backward system of an elementwise function with 1 for the cotangent: its plain derivative."""
    seeds = seed_names(first.system, first.of).values()
    kept = tuple(t for t in first.backward.tensors if t.name not in seeds)
    tensors = {t.name: t for t in (*first.system.tensors, *kept)}
    context = context_of(first.system, tensors, ())

    def put(e: Equation) -> Equation:
        value = map_elements(e.value, dict.fromkeys(seeds, lambda x: S.One))
        return replace(e, value=compact(normalise(value, context.having(notes=[])), context))

    return replace(first.backward, tensors=kept, equations=tuple(put(e) for e in first.backward.equations))
