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
        mistake: for a wrong one, the kind of mistake, one of MISTAKES.
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


#: The kinds of mistake that are planted, and what each is.
MISTAKES = {
    "sign": "the sign is flipped, of everything or of one input's gradient",
    "factor": "a constant factor: 2, 1/2, 1/m, sqrt(d), ...",
    "precision": "right but for a relative error far beyond rounding",
    "float32": "computed in single precision where double is expected",
    "zero": "all zero",
    "transpose": "transposed",
    "flip": "reversed along an axis",
    "shift": "shifted by an index",
    "permutation": "right values at wrong places",
    "swapped": "the gradients of two inputs are exchanged",
    "adjoint": "J times the cotangent where its transpose belongs",
    "diagonal": "only the diagonal of a Jacobian",
    "cotangent": "the upstream cotangent is ignored",
    "support": "wrong only on a part: a branch, a mask, an edge, a row",
    "entry": "one single entry",
    "duplicates": "contributions to an index that occurs twice are lost",
    "missing input term": "a multiple of the input is missing (weight decay)",
    "missing constant": "a constant is missing or added",
    "missing cotangent": "the cotangent itself is missing (a skip connection)",
    "axis factor": "a factor per row or column",
    "broadcast": "the sum over a broadcast axis is missing, or a mean in its place",
    "elementwise factor": "an elementwise factor (an activation's derivative) is missing or another",
    "mean term": "the term through a mean is missing",
    "variance term": "the term through a variance or a norm is missing",
    "gate": "the factor or the term of a gate is wrong",
    "shared": "one of the uses of a shared input is missing",
    "time": "the path through time is cut",
    "path": "a path through an input is missing (a detached term)",
    "epsilon": "an epsilon stands elsewhere than in the function",
    "shape": "the shape is wrong",
    "state": "a stale cache, or a gradient that depends on earlier calls",
    "kink": "a value outside the one-sided slopes at a kink",
    "nan": "not a number",
    "other": "something else",
}
