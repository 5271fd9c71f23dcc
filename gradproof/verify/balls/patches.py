"""What stands in place of NumPy's, math's and SciPy's functions while the user's function runs in balls.

`math.exp(x)` asks x for a C double, and `np.zeros(n)` knows nothing of the run: neither can be followed through the
arguments. So these functions are replaced, as attributes of their modules, only for calls in the thread of the run
and only for calls from the user's files; all else, NumPy's own code too, gets what it would get without. The names that
the user's modules have imported (`from math import exp`, the name `float`) are replaced in those modules (`reach.py`).
Everything is put back when the run ends, by an error too.
"""

from __future__ import annotations

import builtins
import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np

from gradproof.verify.balls.casts import cast, cast_number
from gradproof.verify.balls.creation import MAKERS
from gradproof.verify.balls.functions import FUNCTIONS
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.places import is_users
from gradproof.verify.balls.refused import REFUSED
from gradproof.verify.balls.special import MATH, special
from gradproof.verify.balls.trace import ACTIVE, BudgetedTrace
from gradproof.verify.balls.traced import Traced, has_numbers

#: One run at a time replaces: two would put back each other's replacements.
_LOCK = threading.RLock()


def only_for_users(original: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is `own` for the user's code in the thread of a run, and `original` for all others."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if ACTIVE.get() is None or not is_users(sys._getframe(1).f_code.co_filename):  # noqa: SLF001
            return original(*args, **kwargs)
        return own(*args, **kwargs)

    call.__name__ = getattr(original, "__name__", "call")
    call.__wrapped__ = original  # type: ignore[attr-defined]
    return call


class _FloatType(type):
    """The type of `float` and `np.float64` in the user's code: the same to every question, yet numbers stay numbers."""

    plain: type

    @property
    def dtype(cls) -> Any:
        return np.dtype(cls.plain)

    def __call__(cls, x: Any = 0.0, *args: Any) -> Any:
        while isinstance(x, np.ndarray) and x.size == 1 and x.dtype.kind in "fO":
            x = np.ndarray.view(x, np.ndarray).item()
        active = ACTIVE.get()
        if active is not None and type(x) is Number:
            return cast_number(x, cls.plain)
        if active is not None and isinstance(x, Traced):
            return cast(x, cls.plain)
        if isinstance(x, str) and active is not None and active.printed:
            active.refuse("a number is written out as text, and read again")
        return cls.plain(x, *args)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.plain)

    def __subclasscheck__(cls, other: Any) -> bool:
        return issubclass(cls.plain if isinstance(other, _FloatType) else other, cls.plain)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.plain, name)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)


class Float(metaclass=_FloatType):
    """Stands in place of `float`."""

    plain = builtins.float


class Float64(metaclass=_FloatType):
    """Stands in place of `np.float64`."""

    plain = np.float64


class Float32(metaclass=_FloatType):
    """Stands in place of `np.float32`."""

    plain = np.float32


class Float16(metaclass=_FloatType):
    """Stands in place of `np.float16`."""

    plain = np.float16


_TYPES = MappingProxyType(
    {"float64": Float64, "double": Float64, "float32": Float32, "single": Float32, "float16": Float16}
)


def _for_lists(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy's that takes lists of numbers too: `np.mean([a, b])` does not ask its entries."""

    def own(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(a, list | tuple) and has_numbers(a) for a in args):
            from gradproof.verify.balls.functions import called

            return called(original, args, kwargs)
        return original(*args, **kwargs)

    return own


def _nditer(op: Any, flags: Any = (), *args: Any, **kwargs: Any) -> Any:
    arrays = op if isinstance(op, list | tuple) else [op]
    bare = [np.ndarray.view(a, np.ndarray) if has_numbers(a) and isinstance(a, np.ndarray) else a for a in arrays]
    flags = [*flags, "refs_ok"]
    return np.nditer(bare if isinstance(op, list | tuple) else bare[0], flags, *args, **kwargs)


def _numpy() -> Iterator[tuple[Any, str, Any]]:
    for name, own in MAKERS.items():
        yield np, name, own
    for module in (np, np.linalg):
        for name, value in sorted(vars(module).items()):
            if name not in MAKERS and callable(value) and _is_known(value):
                yield module, name, _for_lists(value)
    yield np, "nditer", _nditer


def _is_known(value: Any) -> bool:
    try:
        return value in FUNCTIONS or value in REFUSED
    except TypeError:
        return False


def replacements() -> list[tuple[Any, str, Any, Any]]:
    """Return (module, name, original, what stands in its place)."""
    modules: list[tuple[ModuleType, str, Any]] = [*_numpy(), *[(math, n, f) for n, f in MATH.items()]]
    scipy = sys.modules.get("scipy.special")
    if scipy is not None:
        modules += [(scipy, n, f) for n, f in special(scipy).items()]
    found = [(m, n, getattr(m, n), only_for_users(getattr(m, n), own)) for m, n, own in modules if hasattr(m, n)]
    return [*found, *[(np, n, getattr(np, n), own) for n, own in _TYPES.items()]]


@contextmanager
def running(trace: BudgetedTrace, reach: Callable[[dict[int, Any]], Any]) -> Iterator[None]:
    """Replace the functions for a run with this trace; `reach` returns the context of the user's own names."""
    with _LOCK:
        made = replacements()
        swaps = {id(original): own for _, _, original, own in made}
        token = ACTIVE.set(trace)
        try:
            for module, name, _, own in made:
                setattr(module, name, own)
            with reach(swaps):
                yield
        finally:
            for module, name, original, _ in made:
                setattr(module, name, original)
            ACTIVE.reset(token)
