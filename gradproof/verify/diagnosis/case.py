"""What a diagnosis is made from, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.verify.against.judged import Derived

Array = np.ndarray[Any, np.dtype[Any]]
Gradients = Sequence[Array]


@dataclass(frozen=True, slots=True)
class Cause:
    """A mistake that explains a wrong gradient.

    Attributes:
        text: the mistake in words.
        share: the share of the error that it explains, 0 to 1.
        kind: a slug of `kinds.KINDS`.
        input: the name of the input whose gradient it is about.
    """

    text: str
    share: float
    kind: str
    input: str = ""

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return the cause as plain data."""
        return {"text": self.text, "share": self.share, "kind": self.kind, "input": self.input}


@dataclass(frozen=True)
class Case:
    """A wrong gradient, and the functions to try it elsewhere.

    Attributes:
        names: of all inputs.
        inputs: all of them, as they are passed to f; float64 arrays where they are real.
        claimed: for each of `wrt` the gradient as it was given.
        expected: for each of `wrt` what it is; NaN where that is not known.
        wrt: positions of the inputs that were differentiated.
        objective: f as a number: `sum(cotangent * f)` for an array.
        gradient: the user's gradient at other inputs; with another cotangent through `pullback`.
        cotangent: of an array-valued f.
        system: equations that f is known to compute, with inputs of the same names.
        reference: the true gradient at other inputs; None where it cannot be had there.
        value: f's own value (an array) at other inputs.
        pullback: the user's gradient at other inputs with another cotangent.
        accuracy: relative accuracy of `expected` and of the reference, of the largest entry: 1e-12 where it is exact.
        seed: of the points that the diagnosis draws.
        function: f itself, called with a list of inputs of any kind of numbers, for a tape of its steps.
        code: the user's own function, if `function` only calls it.
        derived: the derivation whose mutants are tried, where the function was matched to a system.
    """

    names: Sequence[str]
    inputs: Sequence[Any]
    claimed: Gradients
    expected: Gradients
    wrt: Sequence[int]
    objective: Callable[[Sequence[Any]], float]
    gradient: Callable[[Sequence[Any]], Gradients]
    cotangent: Array | None = None
    system: System | None = None
    reference: Callable[[Sequence[Any]], Gradients | None] | None = None
    value: Callable[[Sequence[Any]], Array] | None = None
    pullback: Callable[[Sequence[Any], Array], Gradients] | None = None
    accuracy: float = 1e-8
    seed: int = 0
    derived: Derived | None = None
    function: Callable[[Sequence[Any]], Any] | None = None
    code: Any = None
