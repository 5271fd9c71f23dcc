"""Numbers and arrays on a tape: NumPy's operations on them are recorded, what moves them about is NumPy's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradproof.verify.balls.memory import sealed
from gradproof.verify.diagnosis.tape.record import Array, Tape, Untapeable
from gradproof.verify.diagnosis.tape.rules import RULES

#: NumPy's own, whatever stands in their place while a function runs on a tape.
_array, _asarray, _empty, _full, _ones = np.array, np.asarray, np.empty, np.full, np.ones


class Num:
    """A number on the tape."""

    __slots__ = ("id", "tape", "value")
    __array_priority__ = -1.0

    def __init__(self, id_: int, value: float, tape: Tape) -> None:
        self.id, self.value, self.tape = id_, value, tape

    def _do(self, name: str, *operands: Any) -> Any:
        from gradproof.verify.diagnosis.tape.operations import recorded

        return single(recorded(name, getattr(np, name), [zero_rank(x) for x in operands], self.tape))

    def __float__(self) -> float:
        self.tape.floats.append((self.value, self.id))
        return self.value

    def __bool__(self) -> bool:
        return self.value != 0

    def __getattr__(self, name: str) -> Any:
        """Return a function as a method: NumPy calls `exp()` of the entries of object arrays."""
        if name in RULES and len(RULES[name]) == 1 and hasattr(np, name):
            return lambda: self._do(name, self)
        raise AttributeError(f"a number on a tape has no {name!r}")

    @property
    def real(self) -> Num:
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        return ()

    @property
    def ndim(self) -> int:
        return 0

    @property
    def size(self) -> int:
        return 1

    def item(self) -> Num:
        return self

    def sum(self, *_: Any, **__: Any) -> Num:
        return self

    def mean(self, *_: Any, **__: Any) -> Num:
        return self

    def __repr__(self) -> str:
        return f"Num({self.value:.6g})"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradproof.verify.diagnosis.tape.operations import ufunc_on_tape

        return ufunc_on_tape(ufunc, method, inputs, options, self.tape)


def _operator(name: str, reflected: bool) -> Any:
    def plain(self: Num, other: Any) -> Any:
        if isinstance(other, np.ndarray) and other.ndim:
            return NotImplemented
        return self._do(name, other, self) if reflected else self._do(name, self, other)

    return plain


def _function(name: str) -> Any:
    return lambda self: self._do(name, self)


def _comparison(name: str) -> Any:
    return lambda self, other: getattr(self.value, f"__{name}__")(float(values(other)))


for _name, _ufuncs in (
    ("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"), ("pow", "power"),
):  # fmt: skip
    setattr(Num, f"__{_name}__", _operator(_ufuncs, reflected=False))
    setattr(Num, f"__r{_name}__", _operator(_ufuncs, reflected=True))
for _name, _ufuncs in (("neg", "negative"), ("pos", "positive"), ("abs", "absolute")):
    setattr(Num, f"__{_name}__", _function(_ufuncs))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Num, f"__{_name}__", _comparison(_name))
Num.__hash__ = object.__hash__  # type: ignore[method-assign]


class Taped(np.ndarray[Any, np.dtype[Any]]):
    """An object array of numbers, those on the tape and constants."""

    def __array_finalize__(self, parent: Any) -> None:
        self.tape: Tape | None = getattr(parent, "tape", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradproof.verify.diagnosis.tape.operations import ufunc_on_tape

        return ufunc_on_tape(ufunc, method, inputs, options, tape_of(*inputs, *(options.get("out") or ())))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from gradproof.verify.diagnosis.tape.operations import FUNCTIONS

        own = FUNCTIONS.get(function.__name__)
        if own is not None:
            return own(*args, **kwargs)
        if getattr(function, "__module__", "").startswith("numpy.linalg"):
            raise Untapeable(f"np.linalg.{function.__name__}")
        found = super().__array_function__(function, [t for t in types if issubclass(t, np.ndarray)], args, kwargs)
        return dressed(found, self.tape)

    def __getitem__(self, key: Any) -> Any:
        if self.tape is not None and (self.tape.looks is not None or self.tape.opened is not None):
            key = _looked(self.tape, key)
        found = super().__getitem__(key)
        if isinstance(found, np.ndarray) and self.tape is not None and found.size:
            from gradproof.verify.diagnosis.tape.operations import copied

            return copied(found.view(np.ndarray), self.tape, "getitem") if _is_fancy(key) else taped(found, self.tape)
        return found

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Stay on the tape for floating types."""
        if np.dtype(dtype).kind in "fO":
            return self.copy()
        return values(self).astype(dtype)

    def mean(self, *args: Any, **options: Any) -> Any:
        return np.mean(self, *args, **options)

    def var(self, *args: Any, **options: Any) -> Any:
        return np.var(self, *args, **options)

    def std(self, *args: Any, **options: Any) -> Any:
        return np.std(self, *args, **options)

    def __float__(self) -> float:
        return float(self.reshape(-1).view(np.ndarray)[0])

    def item(self, *args: Any) -> Any:
        return super().item(*args)


def _untapeable(_: Any, how: str) -> Any:
    raise Untapeable(how)


sealed(Taped, _untapeable)


# ---------------------------------------------------------------- dressing


def taped(x: Any, tape: Tape) -> Any:
    """Return an object array as one of the tape."""
    out = _asarray(x, dtype=object).view(Taped)
    out.tape = tape
    return out


def dressed(found: Any, tape: Tape | None) -> Any:
    """Return what a function of NumPy gave as arrays of the tape."""
    if isinstance(found, np.ndarray) and found.dtype == object and tape is not None:
        return taped(found, tape)
    if isinstance(found, list | tuple):
        return type(found)(dressed(x, tape) for x in found)
    return found


def zero_rank(x: Any) -> Array:
    """Return an object array of rank 0 that holds x."""
    out = _empty((), dtype=object)
    out[()] = x
    return out


def single(x: Any) -> Any:
    """Return the entry of an array of rank 0; anything else as it is."""
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


def values(x: Any) -> Array:
    """Return the numbers, off the tape."""
    array = x.view(np.ndarray) if isinstance(x, Taped) else zero_rank(x) if isinstance(x, Num) else _asarray(x)
    if array.dtype != object:
        return array
    flat = [e.value if type(e) is Num else float(e) for e in array.reshape(-1)]
    return _array(flat, dtype=np.float64).reshape(array.shape)


def ids(x: Any) -> Array:
    """Return the ids, -1 for constants."""
    array = x.view(np.ndarray) if isinstance(x, Taped) else zero_rank(x) if isinstance(x, Num) else _asarray(x)
    if array.dtype != object:
        return _full(array.shape, -1)
    flat = [e.id if type(e) is Num else -1 for e in array.reshape(-1)]
    return _array(flat, dtype=np.int64).reshape(array.shape)


def numbers(found: Array, places: Array, tape: Tape) -> Any:
    """Return values and ids as numbers on the tape."""
    flat = [Num(i, v, tape) for i, v in zip(places.reshape(-1).tolist(), found.reshape(-1).tolist(), strict=True)]
    out = _empty(len(flat), dtype=object)
    out[:] = flat
    return taped(out.reshape(found.shape), tape)


def tape_of(*inputs: Any) -> Tape:
    """Return the tape that operands stand on.

    Raises:
        Untapeable: none of them does.
    """
    for x in inputs:
        tape = getattr(x, "tape", None)
        if isinstance(tape, Tape):
            return tape
        if isinstance(x, np.ndarray) and x.dtype == object:
            for e in x.reshape(-1):
                if type(e) is Num:
                    return e.tape
    raise Untapeable("an operation on arrays whose origin was lost")


def _looked(tape: Tape, key: Any) -> Any:
    """Return the key, or one that takes whole axes where this place is opened; gather places that take parts."""
    keys = key if isinstance(key, tuple) else (key,)
    parts = [_is_part(k) for k in keys]
    if not any(parts):
        return key
    look = tape.look()
    if tape.looks is not None and look is not None:
        tape.looks[look] = None
    if look is None or look != tape.opened:
        return key
    return tuple(slice(None) if part else k for k, part in zip(keys, parts, strict=True))


def _is_part(key: Any) -> bool:
    """Is this a slice of consecutive entries, or a list of places?"""
    if isinstance(key, slice):
        return key.step in (None, 1) and not (key.start in (None, 0) and key.stop is None)
    return isinstance(key, np.ndarray) and key.ndim == 1 and key.dtype.kind in "iu"


def _is_fancy(key: Any) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    return any(isinstance(k, np.ndarray | list) for k in keys)
