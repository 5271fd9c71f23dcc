"""What stands in place of NumPy's, math's and SciPy's functions in the user's modules while a run is under way.

`math.exp(x)` asks x for a C double, and `np.zeros(n)` knows nothing of the run: neither can be followed through the
arguments. So the names of the user's modules (`np`, `exp` of `from math import exp`, `float`) are rebound for the run
to stand-ins (`reach.py` finds these modules). The modules of NumPy and math themselves stay as they are: compiled code
that asks NumPy for an array to write into must get one of floats.
Everything is bound as it was when the run ends, by an error too.
"""

from __future__ import annotations

import builtins
import hashlib
import math
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np

from gradproof.verify.balls.casts import cast, cast_number
from gradproof.verify.balls.creation import MAKERS
from gradproof.verify.balls.functions import FUNCTIONS, called, dressed, stripped
from gradproof.verify.balls.number import Number
from gradproof.verify.balls.reach import interpreted, rebound
from gradproof.verify.balls.refused import REFUSED
from gradproof.verify.balls.scipy_linalg import linear_algebra
from gradproof.verify.balls.special import MATH, special
from gradproof.verify.balls.trace import ACTIVE, BudgetedTrace
from gradproof.verify.balls.traced import Traced, array_of, gathered, has_numbers, is_bare, middles, trace_of

#: One run at a time rebinds: two would undo each other's.
_LOCK = threading.RLock()


class StandIn(ModuleType):
    """A module in which some attributes are replaced."""

    def __init__(self, original: ModuleType, own: Mapping[str, Any]) -> None:
        super().__init__(original.__name__, original.__doc__)
        self.__dict__.update(own)
        self.__dict__["_original"] = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_original"], name)

    def __dir__(self) -> list[str]:
        return dir(self.__dict__["_original"])


def _in_run(original: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is `own` in the thread of a run, and `original` in all others."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return (original if ACTIVE.get() is None else own)(*args, **kwargs)

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
        return cls.plain(x, *args)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.plain)

    def __subclasscheck__(cls, other: Any) -> bool:
        return issubclass(cls.plain if isinstance(other, _FloatType) else other, cls.plain)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.plain, name)

    def __eq__(cls, other: object) -> bool:
        # A dtype answers for itself: float == np.dtype(float) is true.
        return True if other is cls or other is cls.plain else NotImplemented

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


class _MemoryType(type):
    """The type of `bytes` and others in the user's code: of an array of the run they would read addresses."""

    plain: type

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return _refusing(cls.plain)(*args, **kwargs)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.plain)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.plain, name)


class Bytes(metaclass=_MemoryType):
    """Stands in place of `bytes`."""

    plain = bytes


class ByteArray(metaclass=_MemoryType):
    """Stands in place of `bytearray`."""

    plain = bytearray


class MemoryView(metaclass=_MemoryType):
    """Stands in place of `memoryview`."""

    plain = memoryview


def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that must not see arrays of the run: it would read their memory, or take them for keys."""

    def call(*args: Any, **kwargs: Any) -> Any:
        active = ACTIVE.get()
        if active is not None and any(isinstance(x, Traced) for x in args):
            active.refuse(f"{function.__name__}() reads the memory of an array (as the key of a cache?)")
        return function(*args, **kwargs)

    return call


#: Names of Python's own that are rebound everywhere in the user's modules.
_BUILTINS = MappingProxyType(
    {"float": Float, "bytes": Bytes, "bytearray": ByteArray, "memoryview": MemoryView, "id": _refusing(id)}
)


def _for_lists(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy's that takes lists and object arrays of numbers too: they are not asked by NumPy."""

    def own(*args: Any, **kwargs: Any) -> Any:
        if any((isinstance(a, list | tuple) and has_numbers(a)) or is_bare(a) for a in args):
            trace = trace_of(args)
            return called(original, [array_of(a, trace) if is_bare(a) else a for a in args], kwargs)
        return original(*args, **kwargs)

    return own


def _nditer(op: Any, flags: Any = (), *args: Any, **kwargs: Any) -> Any:
    arrays = op if isinstance(op, list | tuple) else [op]
    bare = [np.ndarray.view(a, np.ndarray) if isinstance(a, Traced) else a for a in arrays]
    return np.nditer(bare if isinstance(op, list | tuple) else bare[0], [*flags, "refs_ok"], *args, **kwargs)


def _asserting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of NumPy's assertions, for the nearest floats: it returns nothing that depends on them."""

    def call(*args: Any, **kwargs: Any) -> Any:
        near = [middles(array_of(x, trace_of([x]))) if has_numbers(x) else x for x in args]
        return function(*near, **kwargs)

    return call


class _Joined:
    """Stands in place of `np.r_` and `np.c_`."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if ACTIVE.get() is None or not any(has_numbers(x) for x in parts):
            return self._original[key]
        trace = trace_of(parts)
        bare = tuple(gathered(x, trace) if isinstance(x, list) else stripped(x, trace) for x in parts)
        return dressed(self._original[bare], trace)


def _of_numpy(module: ModuleType) -> dict[str, Any]:
    names = [n for n, v in sorted(vars(module).items()) if callable(v) and _is_known(v)]
    return {n: _in_run(getattr(module, n), _for_lists(getattr(module, n))) for n in names}


def _is_known(value: Any) -> bool:
    try:
        return value in FUNCTIONS or value in REFUSED
    except TypeError:
        return False


@lru_cache(maxsize=4)
def _stand_ins(scipy: ModuleType | None, linear: ModuleType | None) -> tuple[tuple[ModuleType, StandIn], ...]:
    """Return the modules that have a stand-in; `scipy.special` and `scipy.linalg` if they are given."""
    makers = {
        n: _in_run(getattr(np, n), f)
        for n, f in {**MAKERS, "nditer": _nditer, "frombuffer": _refusing(np.frombuffer)}.items()
        if hasattr(np, n)
    }
    joined = {n: _Joined(getattr(np, n)) for n in ("r_", "c_")}
    testing = StandIn(np.testing, {n: _asserting(f) for n, f in vars(np.testing).items() if n.startswith("assert_")})
    linalg = StandIn(np.linalg, _of_numpy(np.linalg))
    numpy = StandIn(np, {**_of_numpy(np), **makers, **_TYPES, "linalg": linalg, "testing": testing, **joined})
    found = [(np, numpy), (np.linalg, linalg), (np.testing, testing)]
    hashes = {n: _refusing(getattr(hashlib, n)) for n in sorted(hashlib.algorithms_guaranteed) if hasattr(hashlib, n)}
    found.append((hashlib, StandIn(hashlib, hashes)))
    found.append((math, StandIn(math, {n: _in_run(getattr(math, n), f) for n, f in MATH.items()})))
    parts = {}
    for module, name, owns in ((scipy, "special", special), (linear, "linalg", linear_algebra)):
        if module is not None:
            own = {n: _in_run(getattr(module, n), f) for n, f in owns(module).items()}
            parts[name] = StandIn(module, own)
            found.append((module, parts[name]))
    if parts:
        found.append((sys.modules["scipy"], StandIn(sys.modules["scipy"], parts)))
    return tuple(found)


def swaps() -> Mapping[int, Any]:
    """Return what a name of the user's is rebound to, by the id of what it is bound to: a module or a function."""
    return _swaps(sys.modules.get("scipy.special"), sys.modules.get("scipy.linalg"))


@lru_cache(maxsize=4)
def _swaps(scipy: ModuleType | None, linear: ModuleType | None) -> Mapping[int, Any]:
    found: dict[int, Any] = {}
    for original, stand_in in _stand_ins(scipy, linear):
        found[id(original)] = stand_in
        for name, own in vars(stand_in).items():
            if not name.startswith("_"):
                found.setdefault(id(getattr(original, name)), own)
    return MappingProxyType(found)


def seen_in_balls(function: Any) -> Any:
    """Return what a run calls in place of a function: its Python, if it is compiled, or what stands in its place."""
    return swaps().get(id(function), interpreted(function))


@contextmanager
def running(trace: BudgetedTrace, functions: list[Any]) -> Iterator[None]:
    """Rebind the names that the functions reach, for a run with this trace."""
    with _LOCK:
        token = ACTIVE.set(trace)
        try:
            with rebound(functions, _BUILTINS, swaps()):
                yield
        finally:
            ACTIVE.reset(token)
