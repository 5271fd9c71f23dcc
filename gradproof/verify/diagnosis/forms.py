"""The forms of a derivation in which a mistake is looked for: as it is printed, and with every adjoint of its own.

In the printed form steps are merged: `d_pre_o = d_h*h*(1 - o)` has no factor tanh(c) that one could forget. The long
form has one equation for each tensor, as the chain rule gives it, and there each path is a term.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradproof.derive.joint import joint_system
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import names_in
from gradproof.derive.steps import Block, Derivation
from gradproof.errors import GradproofError


@dataclass(frozen=True)
class Form:
    """Forward and backward equations as one system.

    Attributes:
        system: all of them.
        first: the place of the first backward equation.
        of: for each adjoint the tensor that it is the adjoint of.
        printed: is it the form that is printed?
    """

    system: System
    first: int
    of: dict[str, str]
    printed: bool

    @property
    def backward(self) -> tuple[Equation, ...]:
        """The backward equations."""
        return self.system.equations[self.first :]

    def affected(self, name: str) -> frozenset[str]:
        """Return the tensors whose backward equations read this one, by whatever way, and itself."""
        found = {name}
        while True:
            more = {e.name for e in self.backward if e.name not in found and names_in(e.value) & found}
            if not more:
                return frozenset(found)
            found |= more


def forms(derivation: Derivation) -> list[Form]:
    """Return the printed form, and the long one where it makes a system."""
    joint = joint_system(derivation)
    count = len(derivation.system.definitions)
    of = {b.name: b.of for b in derivation.blocks}
    found = [Form(joint, count, of, printed=True)]
    try:
        long = _long(derivation)
    except GradproofError:
        return found
    return found if long is None else [*found, long]


def _long(derivation: Derivation) -> Form | None:
    """Return every adjoint by the chain rule, before anything is put in for anything."""
    forward = derivation.system
    blocks = [b for b in derivation.blocks if _chain_rule(b) is not None]
    equations = [e for b in blocks if (e := _chain_rule(b)) is not None]
    if not {g.name for g in derivation.gradients.values()} <= {e.name for e in equations}:
        return None
    arguments = [Tensor(e.name, tuple(i.size for i in e.indices), Role.OUTPUT) for e in derivation.arguments]
    shapes = {t.name: t.shape for t in (*forward.tensors, *arguments)}
    mine = {e.name for e in equations}
    adjoints = [Tensor(b.name, shapes[b.of], Role.OUTPUT) for b in blocks]
    known = {*shapes, *mine}
    others = [t for t in derivation.backward.tensors if t.name not in known]
    before = (*forward.definitions, *derivation.arguments)
    system = replace(
        forward,
        tensors=(*forward.tensors, *arguments, *others, *adjoints),
        equations=(*before, *equations),
        functions=tuple(dict.fromkeys((*forward.functions, *derivation.backward.functions))),
    )
    return Form(system, len(before), {b.name: b.of for b in blocks}, printed=False)


def _chain_rule(block: Block) -> Equation | None:
    """Return the adjoint's equation as the chain rule gives it."""
    steps = [s.after for s in block.steps if s.rule == "chain rule"]
    return steps[0] if steps and steps[0].kind is Kind.DEFINE else None
