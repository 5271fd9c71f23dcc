"""The user's function and gradient, called safely: copies in, copies out, every call counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

from gradproof.errors import InputError, NotYet
from gradproof.verify.arranged import MISSING, Layout
from gradproof.verify.balls.patches import seen_in_balls
from gradproof.verify.meter import Meter
from gradproof.verify.parameters import parameter_names
from gradproof.verify.precision import EPS, eps_of, type_of
from gradproof.verify.safely import Failed, Heard, guarded

__all__ = ["MISSING", "Array", "Failed", "Problem"]

#: Values of f that are looked at for their precision.
_SEEN = 8
#: Gradients of so many entries are kept until the next call, to see whether it returns them again.
_KEPT = 10_000
Array = np.ndarray[Any, np.dtype[Any]]


class Problem:
    """What is judged: f, its gradient (or vjp), the inputs, and which of them are differentiated.

    Attributes:
        given: the inputs as they were given, copied.
        inputs: the same, floating arrays (and integer ones that are differentiated) in float64.
        names: how the inputs are called in the report.
        layout: what the gradient is for; `wrt`: the positions of these inputs.
        meter: counts calls of f and of the gradient.
        eps: unit of roundoff of the gradient: of the coarsest type that it was returned in.
        notes: what was seen on the way (arguments changed in place, ...).
        executor: evaluates f at many points at once.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        grad: Callable[..., Any] | None,
        inputs: Any,
        *,
        wrt: Sequence[Any] | None = None,
        vjp: Callable[..., Any] | None = None,
        names: Sequence[str] | None = None,
        meter: Meter | None = None,
        executor: Executor | None = None,
    ) -> None:
        if grad is None and vjp is None:
            raise NotYet("grad=None: judging a framework's own backward", expected="grad= or vjp=, a callable")
        if not isinstance(inputs, tuple | list):
            inputs = (inputs,)
        self.f, self.grad, self.vjp, self.what = f, grad, vjp, "vjp"
        self.given = [_taken(x) for x in inputs]
        self.names = list(names) if names is not None else parameter_names(f, len(self.given))
        if len(self.names) != len(self.given):
            raise InputError(f"{len(self.names)} names for {len(self.given)} inputs", expected="a name for each input")
        chosen = _positions(wrt, self.names, self.given)
        self.inputs = [_as_float(a) if is_real(a) or k in chosen else a for k, a in enumerate(self.given)]
        shapes = tuple(np.shape(a) if isinstance(a, np.ndarray) else () for a in self.inputs)
        self.layout = Layout(tuple(self.names), shapes, tuple(chosen), wrt is not None)
        self.meter = meter or Meter()
        self.executor = executor
        self.eps = EPS
        self.notes: dict[str, None] = {}
        self._values: list[Array] = []
        self._said = EPS
        self._handed: list[tuple[Array, Array]] = []
        self._note_integers()

    @property
    def wrt(self) -> tuple[int, ...]:
        """Positions of the inputs that the gradient is for."""
        return self.layout.wrt

    @property
    def chosen(self) -> bool:
        """Did the user say which inputs the gradient is for?"""
        return self.layout.chosen

    @property
    def is_single(self) -> bool:
        """Are inputs of less than float64 differentiated?"""
        kinds = [np.asarray(self.given[k]).dtype for k in self.wrt]
        return any(kind.kind == "f" and kind.itemsize < 8 for kind in kinds)

    @property
    def evaluations(self) -> int:
        """Calls of f and of the gradient so far."""
        return self.meter.evaluations

    @property
    def value_eps(self) -> float:
        """The unit of roundoff of f, as its values say or their digits show."""
        shown = eps_of(np.concatenate([v.reshape(-1)[:64] for v in self._values])) if self._values else EPS
        return max(shown, self._said)

    @property
    def functions(self) -> list[Any]:
        """The user's functions."""
        return [f for f in (self.f, self.grad, self.vjp) if f is not None]

    # ------------------------------------------------------------ calls in floats

    def value(self, inputs: Sequence[Any]) -> Array:
        """Return f's value as a float64 array.

        Raises:
            Failed: f raised, or returned something other than real numbers.
        """
        passed = [copied(a) for a in inputs]
        found = self._called("f", self.f, passed)
        self._note_changes("f", inputs, passed)
        self._said = max(self._said, type_of(found)[0])
        value = real("f", found)
        if len(self._values) < _SEEN:
            self._values.append(value)
        return value

    def gradient(self, inputs: Sequence[Any], cotangent: Array | None) -> list[Any]:
        """Return the gradient for each of `wrt` as float64 arrays.

        None where None was returned, MISSING where a dict has no such key.

        Raises:
            Failed: the gradient raised, or returned something other than real numbers.
            InputError: it returned a dict with a key that is no input.
        """
        passed = [copied(a) for a in inputs]
        raw = self._raw_gradient(passed, None if cotangent is None else cotangent.copy())
        self._note_changes("the gradient", inputs, passed)
        found = self.layout.arranged(raw)
        self._note_reuse(found)
        self._note_types(found)
        return [g if g is None or g is MISSING else real("the gradient", g) for g in found]

    def raw_value(self, inputs: Sequence[Any]) -> Any:
        """Return what f returns, for inputs of any kind."""
        return self._called("f", seen_in_balls(self.f), inputs)

    def raw_gradient(self, inputs: Sequence[Any], cotangent: Any) -> list[Any]:
        """Return what the gradient returns for each of `wrt`, for inputs of any kind."""
        return self.layout.arranged(self._raw_gradient(list(inputs), cotangent, seen_as=seen_in_balls))

    def quietly(self, what: str, function: Any, inputs: Sequence[Any]) -> Any:
        """Return what another function of the user returns for copies of the inputs.

        Raises:
            Failed: it raised.
        """
        return self._called(what, function, [copied(a) for a in inputs])

    def _raw_gradient(
        self, passed: list[Any], cotangent: Any, seen_as: Callable[[Any], Any] = lambda function: function
    ) -> Any:
        if self.vjp is not None:
            return self._called(self.what, seen_as(self.vjp), [cotangent, *passed])
        return self._called("the gradient", seen_as(self.grad), passed)

    def _called(self, what: str, function: Any, passed: Sequence[Any]) -> Any:
        self.meter.tick()
        heard = Heard()
        try:
            return guarded(what, function, passed, heard)
        finally:
            if heard.text.strip():
                self._note_print(what, heard.text.strip())

    # ------------------------------------------------------------ what was seen on the way

    def _note_print(self, what: str, text: str) -> None:
        if not any(note.startswith(f"{what} prints") for note in self.notes):
            self.notes[f"{what} prints, which is not shown: {text.splitlines()[0][:60]!r}, ..."] = None

    def _note_integers(self) -> None:
        for k in self.wrt:
            if self.given[k] is not self.inputs[k] and not is_real(self.given[k]):
                self.notes[f"the integers in {self.names[k]} are taken as real numbers"] = None

    def _note_changes(self, what: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        for name, a, b in zip(self.names, before, after, strict=True):
            if isinstance(a, np.ndarray) and a.dtype != object and not _is_same(a, b):
                self.notes[f"{what} changes its argument {name} in place (copies are passed)"] = None

    def _note_types(self, gradients: Sequence[Any]) -> None:
        for eps, kind in dict.fromkeys(type_of(g) for g in gradients):
            if eps > self.eps:
                self.eps = eps
                self.notes[f"the gradient is computed in {kind}: it is judged to the rounding of that type"] = None

    def _note_reuse(self, found: Sequence[Any]) -> None:
        """Note arrays that were handed out before and hold something else by now."""
        if any(not _is_same(before, now) for now, before in self._handed):
            self.notes["the gradient overwrites the array that it returned before: copy that before the next call"] = (
                None
            )
        small = [g for g in found if isinstance(g, np.ndarray) and g.dtype != object and 0 < g.size <= _KEPT]
        self._handed = [(g, g.copy()) for g in small]

    def leave_out(self, missing: Sequence[int]) -> None:
        """Take inputs for which the gradient is None out of `wrt`."""
        self.layout = self.layout.without(missing)


def copied(a: Any) -> Any:
    """Return a copy of an array; a number for one of rank 0, anything else as it is."""
    return a.copy() if isinstance(a, np.ndarray) and a.ndim else a[()] if isinstance(a, np.ndarray) else a


def real(what: str, found: Any) -> Array:
    """Return a float64 array of what the user's code returned.

    Raises:
        Failed: it is none of real numbers.
    """
    try:
        array = np.array(found, copy=True)
        if array.dtype.kind == "c":
            raise Failed(f"{what} returned complex numbers: these are not judged yet")
        # NumPy turns None into "no number" without a word.
        if array.dtype.kind not in "biufO" or _has_none(array):
            raise Failed(f"{what} returned {_described(found)}, which is no array of numbers")
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise Failed(f"{what} returned {_described(found)}, which is no array of numbers") from error


def _has_none(array: Array) -> bool:
    return array.dtype == object and any(e is None for e in array.reshape(-1))


def _described(found: Any) -> str:
    if found is None:
        return "None"
    name = type(found).__name__
    return f"a {name} of {len(found)}" if isinstance(found, tuple | list) else f"a {name}"


def _is_same(a: Array, b: Any) -> bool:
    return np.array_equal(a, b) or np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _taken(x: Any) -> Any:
    """Return numbers and lists as arrays of our own; what is no array of numbers stays as it is."""
    if isinstance(x, bool | int | str | bytes) or x is None:
        return x
    array = np.array(x, copy=True, order="C")
    return array if array.dtype.kind in "biuf" else x


def _as_float(a: Any) -> Array:
    return np.asarray(a).astype(np.float64, copy=False)


def is_real(a: Any) -> bool:
    """Is it a floating array?"""
    return isinstance(a, np.ndarray) and a.dtype.kind == "f"


def _is_whole(a: Any) -> bool:
    return (isinstance(a, np.ndarray) and a.dtype.kind in "iu") or (isinstance(a, int) and not isinstance(a, bool))


def names_of(f: Callable[..., Any], inputs: Any) -> list[str]:
    """Return how the inputs are called in a report: like f's parameters."""
    return parameter_names(f, len(inputs) if isinstance(inputs, tuple | list) else 1)


def _positions(wrt: Sequence[Any] | None, names: Sequence[str], inputs: Sequence[Any]) -> list[int]:
    """Return the positions in `wrt`; by default all floating inputs, and where there are none, integer ones."""
    if wrt is not None and not isinstance(wrt, str | int) and not len(wrt):
        raise InputError("wrt= names no input", expected=f"names among {', '.join(names)}")
    if wrt is not None:
        return [_position(w, names, inputs) for w in ([wrt] if isinstance(wrt, str | int) else wrt)]
    found = [k for k, a in enumerate(inputs) if is_real(a)] or [k for k, a in enumerate(inputs) if _is_whole(a)]
    if not found:
        raise InputError("no input is a floating-point array", expected="at least one, for the gradient to be for")
    return found


def _position(w: Any, names: Sequence[str], inputs: Sequence[Any]) -> int:
    if isinstance(w, str) and w not in names:
        raise InputError(f"there is no input named {w!r}", expected=f"one of {', '.join(names)}")
    position = list(names).index(w) if isinstance(w, str) else int(w)
    if not 0 <= position < len(inputs) or not (is_real(inputs[position]) or _is_whole(inputs[position])):
        raise InputError(f"input {w!r} is not a floating-point array", expected="real inputs in wrt")
    return position
