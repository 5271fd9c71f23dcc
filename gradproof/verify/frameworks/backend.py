"""What the judge needs of a framework: numbers in and out, a value, a pullback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Function = Callable[..., Any]


class Backend(Protocol):
    """A framework.

    Attributes:
        name: as in a report.
    """

    name: str

    def session(self, given: Sequence[Any]) -> AbstractContextManager[None]:
        """Return what is entered while a function is judged."""

    def precision(self, x: Any) -> float:
        """Return the unit of roundoff of a real input of this framework or NumPy; 0 for any other input."""

    def array(self, x: Any) -> Any:
        """Return an input as a NumPy array, real ones in float64; what is no array as it is."""

    def value(self, f: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Array:
        """Return f's value as one array; arrays go in and come back as float64 if `wide`, else in the type given."""

    def pullback(
        self, f: Function, inputs: Sequence[Any], given: Sequence[Any], cotangent: Array | None, wide: bool
    ) -> list[Any]:
        """Return the framework's gradient for each real input, zero where it knows of none; None for the others."""

    def second(
        self,
        f: Function,
        inputs: Sequence[Any],
        given: Sequence[Any],
        fixed: Array,
        cotangent: Array | None,
        *,
        wide: bool,
    ) -> Any:
        """Return all gradients of `fixed . f` end to end; with a cotangent, the pullback of that."""

    def called(self, function: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Any:
        """Return what a function of the framework's arrays returns, its arrays as NumPy's, also in dicts and lists."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """A framework's function for the judge.

    Attributes:
        backend: which framework.
        f: what is judged, of the framework's arrays.
        given: the inputs as they came.
        names: what they are called.
        wide: whether it runs in float64.
        eps: unit of roundoff of the coarsest real input.
        notes: for the report.
        grad, vjp: a gradient of the user's own, of the framework's arrays; None for the framework's.
    """

    backend: Backend
    f: Function
    given: tuple[Any, ...]
    names: tuple[str, ...]
    wide: bool
    eps: float
    notes: tuple[str, ...]
    grad: Function | None = None
    vjp: Function | None = None

    @property
    def inputs(self) -> list[Any]:
        """The inputs as NumPy arrays."""
        return [self.backend.array(x) for x in self.given]

    def value(self, *inputs: Any) -> Array:
        """Return f's value."""
        return self.backend.value(self.f, inputs, self.given, self.wide)

    def pulled(self, cotangent: Any, *inputs: Any) -> Any:
        """Return the claimed gradients: the user's own, or the framework's."""
        return self.claimed(inputs, cotangent, wide=self.wide)

    def claimed(self, inputs: Sequence[Any], cotangent: Any, *, wide: bool) -> Any:
        """Return the claimed gradients in float64, or in the type given."""
        if self.vjp is not None:
            vjp = self.vjp
            given = (self._like_output(), *self.given)
            return self.backend.called(vjp, (np.asarray(cotangent), *inputs), given, wide)
        if self.grad is not None:
            return self.backend.called(self.grad, inputs, self.given, wide)
        return tuple(self.backend.pullback(self.f, inputs, self.given, np.asarray(cotangent), wide))

    def _like_output(self) -> Any:
        """Return an input that has the cotangent's type."""
        return next(x for x in self.given if self.backend.precision(x))
