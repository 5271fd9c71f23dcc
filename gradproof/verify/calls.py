"""The user's function and gradient, called safely: copies in, copies out, every call counted."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from gradproof.errors import InputError, NotYet

Array = np.ndarray[Any, np.dtype[Any]]
#: Stands for the gradient of an input that a returned dict has no key for.
MISSING = object()


class Failed(Exception):
    """The user's function raised, or returned what cannot be used; the message says what."""


class Problem:
    """What is judged: f, its gradient (or vjp), the inputs, and which of them are differentiated.

    Attributes:
        inputs: the given inputs; floating arrays in float64.
        names: how the inputs are called in the report.
        wrt: positions of the inputs that the gradient is for.
        evaluations: calls of f and of the gradient so far.
        eps: unit of roundoff of the gradient: of the coarsest type that it was returned in.
        notes: what was seen on the way (arguments changed in place, ...).
    """

    def __init__(
        self,
        f: Callable[..., Any],
        grad: Callable[..., Any] | None,
        inputs: Sequence[Any],
        *,
        wrt: Sequence[Any] | None = None,
        vjp: Callable[..., Any] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        if grad is None and vjp is None:
            raise NotYet("grad=None: judging a framework's own backward", expected="grad= or vjp=, a callable")
        if not isinstance(inputs, tuple | list):
            inputs = (inputs,)
        self.f, self.grad, self.vjp = f, grad, vjp
        self.given = [_taken(x) for x in inputs]
        self.inputs = [a.astype(np.float64) if _is_real(a) else a for a in self.given]
        self.names = list(names) if names is not None else _names(f, len(self.inputs))
        if len(self.names) != len(self.inputs):
            raise InputError(f"{len(self.names)} names for {len(self.inputs)} inputs", expected="a name for each input")
        self.chosen = wrt is not None
        self.wrt = _positions(wrt, self.names, self.inputs)
        self.evaluations = 0
        self.eps = float(np.finfo(np.float64).eps)
        self.notes: dict[str, None] = {}

    # ------------------------------------------------------------ calls in floats

    def value(self, inputs: Sequence[Any]) -> Array:
        """Return f's value as a float64 array.

        Raises:
            Failed: f raised, or returned something other than real numbers.
        """
        passed = [_copy(a) for a in inputs]
        self.evaluations += 1
        found = self._guarded("f", self.f, passed)
        self._note_changes("f", inputs, passed)
        return _real("f", found)

    def gradient(self, inputs: Sequence[Any], cotangent: Array | None) -> list[Any]:
        """Return the gradient for each of `wrt` as float64 arrays.

        None where None was returned, MISSING where a dict has no such key.

        Raises:
            Failed: the gradient raised, or returned something other than real numbers.
            InputError: it returned a dict with a key that is no input.
        """
        passed = [_copy(a) for a in inputs]
        self.evaluations += 1
        raw = self._raw_gradient(passed, None if cotangent is None else cotangent.copy())
        self._note_changes("the gradient", inputs, passed)
        found = self.arranged(raw)
        self._note_types(found)
        return [g if g is None or g is MISSING else _real("the gradient", g) for g in found]

    def raw_value(self, inputs: Sequence[Any]) -> Any:
        """Return what f returns, for inputs of any kind."""
        self.evaluations += 1
        return self.f(*inputs)

    def raw_gradient(self, inputs: Sequence[Any], cotangent: Any) -> list[Any]:
        """Return what the gradient returns for each of `wrt`, for inputs of any kind."""
        self.evaluations += 1
        raw = self.vjp(cotangent, *inputs) if self.vjp is not None else self.grad(*inputs)  # type: ignore[misc]
        return self.arranged(raw)

    def _raw_gradient(self, passed: list[Any], cotangent: Array | None) -> Any:
        if self.vjp is not None:
            return self._guarded("vjp", self.vjp, [cotangent, *passed])
        return self._guarded("the gradient", self.grad, passed)

    def _guarded(self, what: str, function: Any, passed: list[Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(*passed)
        except Exception as error:
            raise Failed(f"{what} raised {type(error).__name__}: {error}") from error

    def _note_changes(self, what: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        for name, a, b in zip(self.names, before, after, strict=True):
            if (
                isinstance(a, np.ndarray)
                and a.dtype != object
                and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
            ):
                self.notes[f"{what} changes its argument {name} in place (copies are passed)"] = None

    def _note_types(self, gradients: Sequence[Any]) -> None:
        for dtype in {g.dtype for g in gradients if isinstance(g, np.ndarray | np.generic) and g.dtype.kind == "f"}:
            if np.finfo(dtype).eps > self.eps:
                self.eps = float(np.finfo(dtype).eps)
                self.notes[f"the gradient is returned in {dtype}: it is judged to the rounding of that type"] = None

    # ------------------------------------------------------------ what came back

    def arranged(self, raw: Any) -> list[Any]:
        """Return one gradient for each of `wrt`, whichever way they were returned."""
        if isinstance(raw, Mapping):
            return self._from_mapping(raw)
        if isinstance(raw, tuple) or (isinstance(raw, list) and len(self.wrt) != 1):
            return self._from_sequence(raw)
        if isinstance(raw, list) and len(raw) == 1 and np.shape(raw[0]) == np.shape(self.inputs[self.wrt[0]]):
            return raw
        if len(self.wrt) != 1:
            raise Failed(f"the gradient returned one {type(raw).__name__} for {len(self.wrt)} inputs: {self._wanted()}")
        return [raw]

    def _from_mapping(self, raw: Mapping[Any, Any]) -> list[Any]:
        known = {*self.names, *range(len(self.inputs))}
        for key in raw:
            if key not in known:
                near = get_close_matches(str(key), self.names, 1)
                raise InputError(
                    f"the gradient has the key {key!r}, and no input is named so",
                    expected=f"keys among {', '.join(self.names)}",
                    hint=f"did you mean {near[0]!r}?" if near else "names= says how the inputs are called",
                )
        return [raw[self.names[k]] if self.names[k] in raw else raw.get(k, MISSING) for k in self.wrt]

    def _from_sequence(self, raw: Sequence[Any]) -> list[Any]:
        if len(raw) == len(self.inputs) and not self.chosen and len(self.inputs) != len(self.wrt):
            return [raw[k] for k in self.wrt]
        if len(raw) == len(self.wrt):
            return list(raw)
        if len(raw) == len(self.inputs):
            return [raw[k] for k in self.wrt]
        raise Failed(f"the gradient returned {len(raw)} entries, and {len(self.wrt)} are wanted: {self._wanted()}")

    def _wanted(self) -> str:
        return ", ".join(self.names[k] for k in self.wrt)

    def leave_out(self, missing: Sequence[int]) -> None:
        """Take inputs for which the gradient is None out of `wrt`."""
        self.wrt = [k for k in self.wrt if k not in missing]
        self.chosen = False


def _taken(x: Any) -> Any:
    """Return numbers and lists as arrays of our own; what is no array of numbers stays as it is."""
    if isinstance(x, bool | int | str | bytes) or x is None:
        return x
    array = np.array(x, copy=True, order="C")
    return array if array.dtype.kind in "biuf" else x


def _is_real(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.dtype.kind == "f"


def _copy(a: Any) -> Any:
    return a.copy() if isinstance(a, np.ndarray) and a.ndim else a[()] if isinstance(a, np.ndarray) else a


def _real(what: str, found: Any) -> Array:
    try:
        array = np.array(found, copy=True)
        if array.dtype.kind == "c":
            raise Failed(f"{what} returned complex numbers: these are not judged yet")
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise Failed(f"{what} returned {type(found).__name__}, which is no array of numbers") from error


def _names(f: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    return plain + [f"input {k}" for k in range(len(plain), count)]


def _positions(wrt: Sequence[Any] | None, names: Sequence[str], inputs: Sequence[Any]) -> list[int]:
    if wrt is None:
        found = [k for k, a in enumerate(inputs) if _is_real(a)]
        if not found:
            raise InputError("no input is a floating-point array", expected="at least one, for the gradient to be for")
        return found
    return [_position(w, names, inputs) for w in ([wrt] if isinstance(wrt, str | int) else wrt)]


def _position(w: Any, names: Sequence[str], inputs: Sequence[Any]) -> int:
    if isinstance(w, str) and w not in names:
        raise InputError(f"there is no input named {w!r}", expected=f"one of {', '.join(names)}")
    position = list(names).index(w) if isinstance(w, str) else int(w)
    if not 0 <= position < len(inputs) or not _is_real(inputs[position]):
        raise InputError(f"input {w!r} is not a floating-point array", expected="real inputs in wrt")
    return position
