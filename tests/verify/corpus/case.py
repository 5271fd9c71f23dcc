"""What a case of the corpus is: a function, a gradient written by hand, inputs, and whether the gradient is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

#: Which independent path shows that a right gradient is right: differences in 80 digits (against a gradient that is
#: good to single precision only, for the second), a complex step, or differences in float64 (for code that nothing
#: else can run).
PATHS = ("digits", "single", "complex", "floats")


@dataclass(frozen=True, slots=True)
class Case:
    """A function and a gradient of it written by hand, right or wrong.

    Attributes:
        name: unique in the corpus.
        f: the function; None where `fresh` makes it.
        inputs: makes fresh inputs from a random generator.
        grad, vjp: one of the two, as `gp.check` takes them.
        right: is the gradient right, wherever the function is meant to be used?
        mistake: for a wrong one, the kind of mistake: a slug of the diagnosis, or of BEYOND, or NAMELESS; after a
            stroke, others that are as true ("size/broadcast": a mean for a sum over a broadcast axis).
        where: for a wrong one, the names of the inputs whose gradient is wrong.
        truth: for a wrong one, the right gradient, called like the wrong one.
        plain: the same function in words that the independent path can run, where f's own cannot.
        path: the independent path, one of PATHS.
        kink: do the inputs stand on a kink? Then a value between the one-sided slopes is right.
        far: is the mistake to be seen only at other points than the given one?
        fresh: makes (f, grad or vjp) anew, for functions that remember.
        options: further arguments of `gp.check`.
    """

    name: str
    f: Callable[..., Any] | None
    inputs: Callable[[np.random.Generator], list[Any]]
    grad: Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None
    right: bool = True
    mistake: str = ""
    where: tuple[str, ...] = ()
    truth: Callable[..., Any] | None = None
    plain: Callable[..., Any] | None = None
    path: str = "digits"
    kink: bool = False
    far: bool = False
    fresh: Callable[[], tuple[Any, Any]] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def made(self) -> tuple[Any, Any, Any]:
        """Return f, grad and vjp, made anew where they remember."""
        if self.fresh is None:
            return self.f, self.grad, self.vjp
        f, gradient = self.fresh()
        return (f, None, gradient) if self.vjp is not None else (f, gradient, None)

    def drawn(self, seed: int = 0) -> list[Any]:
        """Return inputs; the same seed gives the same ones."""
        return self.inputs(np.random.default_rng(seed))


def wrong(case: Case, name: str, gradient: Callable[..., Any] | None, mistake: str, *where: str, **more: Any) -> Case:
    """Return the case with a wrong gradient in place of the right one, which becomes its truth."""
    truth = case.vjp or case.grad
    ways = {"vjp": gradient} if case.vjp is not None else {"grad": gradient}
    new = {"right": False, "mistake": mistake, "where": where, "truth": truth, **ways, **more}
    return replace(case, name=name, **new)


#: Mistakes that no diagnosis is needed for, since the verdict itself names them.
BEYOND = {
    "kink": "a value outside the one-sided slopes at a kink",
    "shape": "the shape is wrong",
    "state": "a stale cache, or a gradient that depends on earlier calls",
    "nan": "not a number",
}
#: A mistake that has no name: no diagnosis is right.
NAMELESS = "other"
