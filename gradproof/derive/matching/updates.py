"""Update rules as definitions, so that they can be compared: `w := ...` computes the tensor "new w"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradproof.derive.derivation import derive
from gradproof.derive.model import Equation, Kind, Role, System
from gradproof.derive.nodes import Element, Grad

NEW = "new "


def with_updates(system: System, without: Sequence[str] = ()) -> tuple[System, tuple[str, ...]]:
    """Return the system with its updates as definitions, gradients put in, and the names of what it is for.

    All updates read the values before any of them.
    """
    if not system.updates:
        return system, system.outputs
    definitions = replace(system, equations=system.definitions)
    joint, updates = definitions, system.updates
    if any(e.value.atoms(Grad) for e in updates):
        derivation = derive(system, without=without)
        joint, updates = derivation.joint, derivation.updates
    last = max((e.number for e in joint.equations), default=0)
    tensors = [replace(system[e.name], name=f"{NEW}{e.name}", role=Role.OUTPUT) for e in updates]
    equations = [
        Equation(last + k, Element(f"{NEW}{e.name}", *e.target.indices), e.value, Kind.DEFINE)
        for k, e in enumerate(updates, 1)
    ]
    whole = replace(joint, tensors=(*joint.tensors, *tensors), equations=(*joint.definitions, *equations))
    return whole, tuple(t.name for t in tensors)
