"""A derivation as notation: forward equations and the backward ones, a text that parses, runs and derives again."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive.model import System
from gradproof.derive.notation.system_printer import format_system
from gradproof.derive.steps import Derivation


def eqs(derivation: Derivation) -> str:
    """Return the forward equations, the backward ones and the updates with their gradients put in, as an `.eqs` text.

    The forward equations stand there because the backward ones read what they compute: without them a second
    derivative would take the saved tensors for constants.
    """
    system = whole_system(derivation)
    lines = format_system(system).splitlines()
    split = len(lines) - len(system.equations)
    head, equations = lines[:split], lines[split:]
    forward = len(derivation.system.definitions)
    backward = len(system.definitions) - forward
    parts = (
        ("forward", equations[:forward]),
        ("backward", equations[forward : forward + backward]),
        ("update", equations[forward + backward :]),
    )
    return "\n".join([*head, *(line for name, own in parts if own for line in ("", f"# {name}", *own))]) + "\n"


def whole_system(derivation: Derivation) -> System:
    """Return forward equations, backward equations and updates as one system."""
    joint = derivation.joint
    title = derivation.system.title.rstrip(".")
    last = max((e.number for e in joint.equations), default=0)
    updates = tuple(replace(e, number=last + k) for k, e in enumerate(derivation.updates, 1))
    return replace(
        joint,
        title=f"{title}: forward and backward." if title else "Forward and backward.",
        equations=(*joint.equations, *updates),
    )
