"""The user's own names: modules, classes and closures that a function can reach, and what they have imported.

`from math import exp` binds a name that no replaced attribute of `math` changes, and a function compiled by numba
does not run in balls: such names are rebound for the run, and bound as they were when it ends.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from gradproof.verify.balls.compiled import CompiledCode
from gradproof.verify.balls.identity import asks_identity
from gradproof.verify.balls.places import is_installed, is_users
from gradproof.verify.balls.trace import Untraceable

_ABSENT = object()
#: So many entries of a list that an object keeps are looked at.
_MOST = 200


def interpreted(function: Any) -> Any:
    """Return the Python function behind one compiled by numba; anything else as it is."""
    return function.py_func if _is_compiled(function) else function


def _is_compiled(value: Any) -> bool:
    module = type(value).__module__ or ""
    return module.startswith("numba.") and callable(getattr(value, "py_func", None))


def _package(function: Any) -> str:
    module = getattr(function, "__module__", None) or type(function).__module__ or ""
    return module.partition(".")[0]


class Reach:
    """The namespaces and closure cells that functions of the user's can reach.

    Installed packages are none of the user's, but for the one that the functions themselves are in.
    """

    def __init__(self, functions: list[Any]) -> None:
        self._own = {_package(interpreted(f)) for f in functions} - {""}
        self.spaces: dict[int, dict[str, Any]] = {}
        self.cells: dict[int, CellType] = {}
        #: Functions that would take a stand-in of a type for another type.
        self.asking: list[str] = []
        self._seen: set[int] = set()
        self._alive: list[Any] = []
        todo = list(functions)
        while todo:
            todo += self._next(todo.pop())
        #: The compiled code that the functions lead to, "" for none.
        self.compiled = CompiledCode(functions, lambda f: self._is_own(f.__code__.co_filename, f.__module__)).name

    def _next(self, value: Any) -> list[Any]:
        """Take in a value, and return what it leads to."""
        if id(value) in self._seen:
            return []
        self._seen.add(id(value))
        self._alive.append(value)  # an id is one thing's as long as the thing lives
        value = interpreted(value)
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, staticmethod | classmethod):
            return [value.__func__]
        if isinstance(value, MethodType):
            return [value.__func__, value.__self__]
        if isinstance(value, ModuleType):
            return self._space(vars(value)) if self._is_own(getattr(value, "__file__", None), value.__name__) else []
        if isinstance(value, type):
            return [v for v in vars(value).values() if _leads_on(v)] if _is_users_class(value) else []
        wrapped = [getattr(value, name) for name in ("func", "__wrapped__") if _has(value, name)]
        if not _is_users_class(type(value)):  # type: ignore[arg-type]
            return wrapped
        return [*wrapped, type(value), *_parts(value)]

    def _function(self, function: FunctionType) -> list[Any]:
        if not self._is_own(function.__code__.co_filename, function.__module__):
            return [getattr(function, "__wrapped__", None)]
        if asks_identity(function.__code__):
            self.asking.append(f"{function.__qualname__} ({Path(function.__code__.co_filename).name})")
        found = self._space(function.__globals__)
        for cell in function.__closure__ or ():
            try:
                found.append(cell.cell_contents)
            except ValueError:
                continue  # not filled yet
            self.cells[id(cell)] = cell
        return [*found, getattr(function, "__wrapped__", None)]

    def _is_own(self, file: str | None, module: str | None) -> bool:
        if not file or not is_users(file):
            return False
        return not is_installed(file) or (module or "").partition(".")[0] in self._own

    def _space(self, space: dict[str, Any]) -> list[Any]:
        if id(space) in self.spaces:
            return []
        self.spaces[id(space)] = space
        return [v for v in list(space.values()) if _leads_on(v)]


def _has(value: Any, name: str) -> bool:
    return name in getattr(value, "__dict__", {}) or (name == "func" and type(value).__name__ == "partial")


def _leads_on(value: Any) -> bool:
    """May the value have names of the user's behind it?"""
    kinds = (FunctionType, MethodType, ModuleType, type, staticmethod, classmethod)
    return isinstance(value, kinds) or _is_compiled(value) or _is_users_class(type(value))  # type: ignore[arg-type]


def _parts(value: Any) -> list[Any]:
    """Return what an object of the user's keeps, and what its lists and dicts hold, that may have names behind it."""
    found: list[Any] = []
    for kept in list(getattr(value, "__dict__", {}).values()):
        held = kept.values() if isinstance(kept, dict) else kept if isinstance(kept, list | tuple) else (kept,)
        found += [v for v in islice(held, _MOST) if _leads_on(v)]
    return found


@lru_cache(maxsize=4096)
def _is_users_class(kind: type) -> bool:
    return any(isinstance(v, FunctionType) and is_users(v.__code__.co_filename) for v in vars(kind).values())


@contextmanager
def rebound(functions: list[Any], names: Mapping[str, Any], swaps: Mapping[int, Any]) -> Iterator[None]:
    """Rebind what the functions reach: values that have a swap (by id), compiled functions, and `names` everywhere.

    Raises:
        Untraceable: a function would tell a type from its stand-in, or leads to compiled code.
    """
    reach = Reach(functions)
    if reach.asking:
        raise Untraceable(f"{reach.asking[0]} asks whether a type is a floating type itself: write == or isinstance")
    if reach.compiled:
        raise Untraceable(f"compiled code may take the memory of an array for floats: {reach.compiled}")
    undo: list[Callable[[], None]] = []
    try:
        for space in reach.spaces.values():
            _rebind_space(space, names, swaps, undo)
        for cell in reach.cells.values():
            _rebind_cell(cell, swaps, undo)
        undo.append(_rebind_import(reach, swaps))
        yield
    finally:
        for put_back in reversed(undo):
            put_back()


def _swapped(value: Any, swaps: Mapping[int, Any]) -> Any:
    found = swaps.get(id(value), _ABSENT)
    return interpreted(value) if found is _ABSENT else found


def _rebind_space(
    space: dict[str, Any], names: Mapping[str, Any], swaps: Mapping[int, Any], undo: list[Callable[[], None]]
) -> None:
    for name, value in list(space.items()):
        new = _swapped(value, swaps)
        if new is not value:
            undo.append(lambda n=name, v=value: space.__setitem__(n, v))  # type: ignore[misc]
            space[name] = new
    for name, value in names.items():
        if name not in space:
            undo.append(lambda n=name: space.pop(n, None))  # type: ignore[misc]
            space[name] = value


def _rebind_cell(cell: CellType, swaps: Mapping[int, Any], undo: list[Callable[[], None]]) -> None:
    value = cell.cell_contents
    new = _swapped(value, swaps)
    if new is not value:
        undo.append(lambda: setattr(cell, "cell_contents", value))
        cell.cell_contents = new


def _rebind_import(reach: Reach, swaps: Mapping[int, Any]) -> Callable[[], None]:
    """Let the user's functions that import as they run get what their modules would have got; return the undoing."""
    original = builtins.__import__

    def importing(name: str, space: Any = None, *args: Any, **kwargs: Any) -> Any:
        found = original(name, space, *args, **kwargs)
        return swaps.get(id(found), found) if id(space) in reach.spaces else found

    builtins.__import__ = importing  # type: ignore[assignment]
    return lambda: setattr(builtins, "__import__", original)
