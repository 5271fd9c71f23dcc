"""Steps and derivations: what ran, in order, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradproof.derive.model import Equation, System

if TYPE_CHECKING:
    import numpy as np
    from sympy import Expr

    from gradproof.derive.functions import Kink
    from gradproof.derive.through_time.path import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a derivation: `after` follows from `before` by `rule`.

    Attributes:
        rule: its name as a textbook has it ("chain rule", "sift the delta", "fold a definition", ...).
        before: the equation before the step; None where the step states something new.
        after: the equation after the step (same target).
        because: the side condition, fact or equation that was used, in words; "" where the rule says it all.
        uses: numbers of the system's equations that the step used.
        detail: 1 shown always, 2 shown by default, 3 shown only at full detail.
    """

    rule: str
    before: Equation | None
    after: Equation
    because: str = ""
    uses: tuple[int, ...] = ()
    detail: int = 2


@dataclass(frozen=True, slots=True)
class Block:
    """The steps for one adjoint tensor, or for one of its later rewritings: a section of the derivation.

    Attributes:
        name: the adjoint's name, for example "d_z".
        of: the tensor it is the adjoint of.
        heading: what the section does, in words.
        steps: in order; the last one's `after` is the adjoint's equation at that point.
    """

    name: str
    of: str
    heading: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MetKink:
    """A kink that the derivation met: function, where, what is taken there, in which equation; for what arguments."""

    function: str
    where: str
    taken: str
    source: str
    equation: int
    arguments: tuple[Expr, ...] = ()
    kink: Kink | None = None

    def place(self, write: Callable[[Expr], str]) -> str:
        """Return where it is, with the arguments as `write` shows them."""
        return self.kink.place([write(a) for a in self.arguments]) if self.kink else self.where


@dataclass(frozen=True, slots=True)
class MetStop:
    """A `stop(...)` that took something from the derivative, in which equation."""

    equation: int


class Mode(StrEnum):
    """What a derivation gives, and so what `Derivation.gradients` holds.

    `gradient`: for each of `wrt` its adjoint. `jvp`: for each of `of` its tangent, the derivative along a direction;
    `jacobian`: its derivative for each entry of one input, whose axes stand last.
    Of second order, for each of `wrt`: `hvp`, the Hessian times a direction; `hessian`, with the second axis last;
    `second`, the second derivative of an elementwise function. `through time`: how the last row of a state depends on
    each row of it, by the Jacobians of the steps between. `gauss newton`: the Gauss-Newton matrix times a direction.
    """

    GRADIENT = "gradient"
    JVP = "jvp"
    JACOBIAN = "jacobian"
    HVP = "hvp"
    HESSIAN = "hessian"
    SECOND = "second"
    THROUGH_TIME = "through time"
    GAUSS_NEWTON = "gauss newton"


@dataclass(frozen=True, repr=False)
class Derivation:
    """The gradients of a system, with the steps that computed them.

    Attributes:
        system: the system that was differentiated; of second order, it computes the gradient too.
        of: the outputs whose derivative it is; an array-valued one has the cotangent `d_<name>` as an input.
        wrt: the tensors with respect to which.
        backward: the adjoint equations as a system; it reads tensors of the forward system.
        gradients: for each of `wrt` its equation, in the compact form that is printed.
        blocks: the steps, one block an adjoint, in the order in which they ran.
        assumptions_used: names of the stated assumptions that a step used.
        kinks: kinks met, with the convention taken.
        updates: the update rules, with their gradients put in.
        arguments: arguments of activations that were named (`pre_h`), with numbers behind the system's.
        mode: what `gradients` holds: adjoints, tangents, or derivatives of second order (see `Mode`).
        directions: for each of `wrt` the name of its direction, which comes in; empty where none does.
        first: of second order, the derivation of the gradient.
        parts: of a Gauss-Newton product, its three derivations: along the direction, the loss's Hessian, and back.
        path: of a derivative through time, the recurrence and what is known of the norm.
    """

    system: System
    of: tuple[str, ...]
    wrt: tuple[str, ...]
    backward: System
    gradients: Mapping[str, Equation]
    blocks: tuple[Block, ...]
    assumptions_used: tuple[str, ...] = ()
    kinks: tuple[MetKink, ...] = ()
    updates: tuple[Equation, ...] = field(default=())
    arguments: tuple[Equation, ...] = field(default=())
    mode: Mode = Mode.GRADIENT
    directions: Mapping[str, str] = field(default_factory=dict)
    first: Derivation | None = None
    path: Path | None = None
    parts: tuple[Derivation, ...] = ()

    @property
    def order(self) -> int:
        """How often was differentiated: 1 or 2."""
        if self.parts:
            return 2
        return 1 if self.first is None else self.first.order + 1

    @cached_property
    def stops(self) -> tuple[MetStop, ...]:
        """Where a `stop(...)` took something from the derivative: it is not the whole derivative then."""
        from gradproof.derive.stops import met

        if self.first is not None:
            return self.first.stops
        return tuple(MetStop(n) for n in met(self.system, self.of, self.wrt))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(s for b in self.blocks for s in b.steps)

    @property
    def joint(self) -> System:
        """Forward and backward equations as one system (what a fused kernel computes; can be derived again)."""
        from gradproof.derive.joint import joint_system

        return joint_system(self)

    def evaluate(self, inputs: Mapping[str, Any], **options: Any) -> dict[str, np.ndarray]:
        """Return {name: gradient array} by the reference interpreter; cotangents of arrays come in as `d_<output>`."""
        from gradproof.derive.joint import evaluate_gradients

        return evaluate_gradients(self, inputs, **options)

    def plain(self, **options: Any) -> str:
        """Return the derivation as plain text."""
        return self._render("plain", options)

    def latex(self, **options: Any) -> str:
        """Return the derivation as LaTeX."""
        return self._render("latex", options)

    def markdown(self, **options: Any) -> str:
        """Return the derivation as Markdown."""
        return self._render("markdown", options)

    def html(self, **options: Any) -> str:
        """Return the derivation as HTML: a file of its own."""
        return self._render("html", options)

    def json(self, **options: Any) -> str:
        """Return the derivation as JSON."""
        return self._render("json", options)

    def _repr_markdown_(self) -> str:
        """Return the derivation as a notebook shows it."""
        return self.markdown()

    def _render(self, form: str, options: dict[str, Any]) -> str:
        from gradproof.derive.render import render

        return render(self, form, **options)

    def __str__(self) -> str:
        return self.plain()

    def __repr__(self) -> str:
        """Return it in a line: `<Derivation of L with respect to z>`."""
        of, wrt = (", ".join(names) or "nothing" for names in (self.of, self.wrt))
        what = "" if self.mode == Mode.GRADIENT else f" ({self.mode})"
        return f"<Derivation of {of} with respect to {wrt}{what}>"
