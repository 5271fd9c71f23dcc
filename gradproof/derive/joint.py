"""Forward and backward equations as one system, and the numbers of a derivation's gradients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradproof.derive.index import Size
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Element
from gradproof.derive.steps import Derivation

if TYPE_CHECKING:
    import numpy as np


def joint_system(derivation: Derivation) -> System:
    """Return the forward equations followed by the backward ones, as one system without updates.

    What the backward system takes from the forward one is computed there; the cotangents of array-valued outputs
    come in as `d_<output>`. Equations keep their order; backward ones are numbered after the forward ones.
    """
    forward, backward = derivation.system, derivation.backward
    known = set(forward.by_name)
    tensors = (*forward.tensors, *(t for t in backward.tensors if t.name not in known))
    last = max((e.number for e in forward.equations), default=0)
    behind = [replace(e, number=last + k) for k, e in enumerate(_adjoints(backward, known), 1)]
    return replace(
        forward,
        title=f"{forward.title}: forward and backward" if forward.title else "forward and backward",
        tensors=tensors,
        equations=(*forward.definitions, *behind),
        functions=tuple(dict.fromkeys((*forward.functions, *backward.functions))),
        sizes=_merged(forward.sizes, backward.sizes),
    )


def _adjoints(backward: System, known: Collection[str]) -> list[Equation]:
    """The backward system's own equations: start rows of forward states stand in it only to be read."""
    return [e for e in backward.definitions if e.kind is not Kind.START or e.name not in known]


def gradient_names(derivation: Derivation) -> dict[str, str]:
    """Return, for each tensor the derivative is taken for, the name of its gradient in the joint system."""
    return {w: equation.name for w, equation in derivation.gradients.items()}


def evaluate_gradients(derivation: Derivation, inputs: Mapping[str, Any], **options: Any) -> dict[str, np.ndarray]:
    """Return {name: gradient array}, by the reference interpreter.

    Args:
        derivation: what was derived.
        inputs: the forward system's inputs, and `d_<output>` for each array-valued output.
        options: as for `gradproof.derive.interpret.evaluate`.

    Raises:
        InputError: an input is missing or does not fit.
    """
    from gradproof.derive.interpret import evaluate

    found = evaluate(joint_system(derivation), inputs, **options)
    return {w: _gradient(name, found, inputs) for w, name in gradient_names(derivation).items()}


def _gradient(name: str, found: Mapping[str, np.ndarray], inputs: Mapping[str, Any]) -> np.ndarray:
    """Return a gradient: a computed tensor, or a cotangent that comes in (an output with respect to itself)."""
    import numpy as np

    return found[name] if name in found else np.asarray(inputs[name])


def perturbed(system: System, names: tuple[str, ...]) -> tuple[System, dict[str, str]]:
    """Return the system with a further input added to each of the named computed tensors, and its name for each.

    The derivative with respect to a computed tensor is the derivative with respect to that input, at 0; also for a
    recurrence, where every position is perturbed.
    """
    computed = {e.name for e in system.definitions}
    added = {n: f"{n}+" for n in names if n in computed}
    tensors = [Tensor(added[n], system[n].shape, Role.GIVEN) for n in added]
    equations = tuple(_shifted(e, added) for e in system.definitions)
    return replace(system, tensors=(*system.tensors, *tensors), equations=equations), added


def _shifted(equation: Equation, added: Mapping[str, str]) -> Equation:
    if equation.name not in added or len(equation.indices) != len(equation.target.indices):
        return equation
    return replace(equation, value=equation.value + Element(added[equation.name], *equation.indices))


def _merged(first: tuple[Size, ...], second: tuple[Size, ...]) -> tuple[Size, ...]:
    return tuple(dict.fromkeys((*first, *second)))
