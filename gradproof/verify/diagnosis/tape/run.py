"""Run a function on a tape: its inputs become numbers on the tape, and arrays made on the way can hold such numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.balls.patches import StandIn
from gradproof.verify.balls.reach import rebound
from gradproof.verify.diagnosis.tape.arrays import Num, Taped, ids, numbers, taped, values
from gradproof.verify.diagnosis.tape.record import Array, Group, Tape, Untapeable

#: NumPy's functions that make arrays, which the user then fills.
_MAKERS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
#: Functions that would make plain arrays of what is on the tape.
_ARRAYS = ("array", "asarray", "ascontiguousarray", "asanyarray")


@dataclass(frozen=True)
class Run:
    """A tape, the ids of the differentiated inputs, and the ids of the results (-1: no number of the tape)."""

    tape: Tape
    inputs: tuple[Array, ...]
    output: Array
    value: Array


def run_on_tape(
    function: Callable[[Sequence[Any]], Any],
    inputs: Sequence[Any],
    wrt: Sequence[int],
    code: Any = None,
    tape: Tape | None = None,
) -> Run:
    """Return the tape of a function's run.

    Args:
        function: called with the inputs, those of `wrt` on the tape.
        inputs: where.
        wrt: positions of the inputs that are differentiated.
        code: the user's own function, if `function` only calls it.
        tape: an empty one to write on, which says what is to be done otherwise than the code says.

    Raises:
        Untapeable: the function does something that a tape cannot follow.
    """
    tape = Tape() if tape is None else tape
    code = function if code is None else code
    passed = [a.copy() if isinstance(a, np.ndarray) else a for a in inputs]
    mine = []
    for k in wrt:
        value = np.asarray(inputs[k], dtype=np.float64)
        new = tape.new(value)
        tape.groups.append(Group("input", new, (), elementwise=True))
        mine.append(new)
        dressed = numbers(value, new, tape)
        passed[k] = dressed if value.ndim else dressed.item()
    try:
        with np.errstate(all="ignore"), _makers(tape, code):
            found = function(passed)
    except Untapeable:
        raise
    except Exception as error:
        raise Untapeable(f"{type(error).__name__}: {error}") from error
    tape.frames.clear()
    return Run(tape, tuple(mine), *_result(found, tape))


def _result(found: Any, tape: Tape) -> tuple[Array, Array]:
    if isinstance(found, float | np.floating) and not isinstance(found, Num):
        match = [i for v, i in tape.floats if v == float(found)]
        if match:
            return np.asarray(match[-1]), np.asarray(float(found))
    if isinstance(found, list | tuple):
        found = np.array(found, dtype=object)
    places = ids(found)
    if not np.any(places >= 0):
        raise Untapeable("the result is not on the tape")
    return places, values(found).astype(float)


@contextmanager
def _makers(tape: Tape, code: Any) -> Iterator[None]:
    """Rebind NumPy in the user's modules, so that arrays of floats made there can hold numbers of the tape.

    NumPy itself stays as it is: compiled code that asks it for an array to write into must get one of floats.
    """
    own = {n: _object_maker(getattr(np, n), tape) for n in _MAKERS} | {
        n: _keeper(getattr(np, n), tape) for n in _ARRAYS
    }
    swaps = {id(getattr(np, n)): f for n, f in own.items()} | {id(np): StandIn(np, own)}
    with rebound([code], {}, swaps):
        yield


def _object_maker(function: Any, tape: Tape) -> Any:
    def made(*args: Any, **kwargs: Any) -> Any:
        plain = [values(a) if isinstance(a, Taped | Num) else a for a in args]
        found = function(*plain, **{k: v for k, v in kwargs.items() if not (k == "dtype" and v is object)})
        return taped(found.astype(object), tape) if found.dtype.kind == "f" else found

    return made


def _keeper(function: Any, tape: Tape) -> Any:
    def kept(a: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, Num | Taped) or (isinstance(a, list | tuple) and _holds(a)):
            return taped(function(a, dtype=object), tape)
        return function(a, *args, **kwargs)

    return kept


def _holds(a: Any) -> bool:
    """Is a number of the tape in a list, at any depth?"""
    return any(isinstance(x, Num | Taped) or (isinstance(x, list | tuple) and _holds(x)) for x in a)
