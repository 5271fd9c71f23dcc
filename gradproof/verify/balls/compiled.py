"""Compiled code that a user's functions name: what it does with an array of the run cannot be seen, nor stopped.

Most of it refuses arrays of objects in good order. Some takes their memory for floats unasked, and Python ends. So
functions that lead to it do not run on such arrays at all.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

#: Methods that let others write into the memory of an array.
_WRITING = frozenset(
    {"from_buffer", "from_buffer_copy", "readinto", "readinto1", "recv_into", "recvfrom_into", "pack_into"}
)
#: Packages whose compiled code knows what an array of objects is, or has a stand-in.
_KNOWN = frozenset({"builtins", "numpy", "scipy", "numba", "flint", *sys.stdlib_module_names})
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_NAMES = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_FAST", "STORE_FAST_LOAD_FAST")
_ABSENT = object()


def is_compiled(value: Any) -> bool:
    """Is it a function of compiled code that is not known to take arrays of objects for what they are?"""
    kind = type(value)
    if isinstance(value, FunctionType | MethodType | type) or not callable(value) or _is_python(kind):
        return False
    if hasattr(value, "__wrapped__") or hasattr(value, "py_func"):
        return False
    owners = (value, getattr(value, "__objclass__", None), getattr(value, "__self__", None), kind)
    return next((p for p in map(_package, owners) if p), "") not in _KNOWN


def _is_python(kind: type) -> bool:
    return isinstance(inspect.getattr_static(kind, "__call__", None), FunctionType)


def _package(value: Any) -> str:
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return module.partition(".")[0] if isinstance(module, str) else ""


class CompiledCode:
    """A walk along the names in functions, from one to the next that belongs to the user.

    Attributes:
        name: the first name of compiled code that was met, and where; "" if none was.
    """

    def __init__(self, functions: list[Any], is_own: Callable[[FunctionType], bool]) -> None:
        self._is_own = is_own
        self._seen: set[tuple[int, int]] = set()
        self._todo: list[tuple[FunctionType, Any]] = []
        self.name = ""
        for function in functions:
            self._meet(function, getattr(function, "__name__", type(function).__name__), _ABSENT)
        while self._todo and not self.name:
            function, bound = self._todo.pop()
            self._read(function.__code__, _scope(function, bound))
            self.name = self.name and f"{self.name}, in {function.__qualname__}"

    def _meet(self, value: Any, name: str, owner: Any) -> None:
        """Take in what a name stands for, found in its owner."""
        for inner in _behind(value):
            self._meet(inner, name, owner)
        if is_compiled(value):
            self.name = self.name or name
        elif isinstance(value, MethodType):
            self._meet(value.__func__, name, value.__self__)
        elif isinstance(value, FunctionType):
            self._add(value, owner)
        elif isinstance(value, type):
            for method in vars(value).values():
                if isinstance(method, FunctionType):
                    self._add(method, _ABSENT)
        elif _is_python(type(value)):
            self._add(inspect.getattr_static(type(value), "__call__"), value)

    def _add(self, function: FunctionType, bound: Any) -> None:
        key = (id(function), id(bound))
        if key not in self._seen and self._is_own(function):
            self._seen.add(key)
            self._todo.append((function, bound))

    def _read(self, code: CodeType, scope: dict[str, Any]) -> None:
        """Follow the names in a function, and in those that are defined in it."""
        value: Any = _ABSENT
        name = ""
        for kind, text in _steps(code):
            owner = value
            if kind == "attribute":
                name, value = f"{name}.{text}".lstrip("."), _attribute(owner, text)
                if text in _WRITING:
                    self.name = self.name or name
            else:
                name, value = (text, scope.get(text, _ABSENT)) if kind == "name" else ("", _ABSENT)
            if value is not _ABSENT:
                self._meet(value, name, owner)
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                hidden = {*inner.co_varnames, *code.co_cellvars} - {*code.co_freevars}
                self._read(inner, {n: v for n, v in scope.items() if n not in hidden})


@lru_cache(maxsize=4096)
def _steps(code: CodeType) -> tuple[tuple[str, str], ...]:
    """Return for each instruction whether it loads an attribute, a name, or does something else (""); and which."""
    steps = [i for i in dis.get_instructions(code) if i.opname not in ("CACHE", "EXTENDED_ARG")]
    return tuple((_kind(i.opname), _text(i.argval)) for i in steps)


def _kind(opname: str) -> str:
    return "attribute" if opname in _ATTRIBUTES else "name" if opname.startswith(_NAMES) else ""


def _text(argument: Any) -> str:
    """Return what an instruction loads; of two names, which Python 3.13 may load at once, the last."""
    return str(argument[-1]) if isinstance(argument, tuple) and argument else str(argument)


def _behind(value: Any) -> list[Any]:
    """Return the functions that a value was made of: decorated, compiled by numba, given some of its arguments."""
    if isinstance(value, partial):
        return [value.func]
    if isinstance(value, type) or not callable(value):
        return []
    kept = getattr(value, "__dict__", {})
    by_numba = type(value).__module__.startswith("numba.") and hasattr(value, "py_func")
    return [*([value.py_func] if by_numba else []), *([value.__wrapped__] if "__wrapped__" in kept else [])]


def _scope(function: FunctionType, bound: Any) -> dict[str, Any]:
    """Return what a function's names stand for before it runs: globals, what it closes over, and `self`."""
    own = dict(_held(function))
    if bound is not _ABSENT and not isinstance(bound, ModuleType) and function.__code__.co_argcount:
        own[function.__code__.co_varnames[0]] = bound
    code = function.__code__
    local = {*code.co_varnames, *code.co_cellvars} - own.keys()
    return {**{n: v for n, v in function.__globals__.items() if n not in local}, **own}


def _held(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # not filled yet


def _attribute(value: Any, name: str) -> Any:
    """Return an attribute without running any code of the user's."""
    if value is _ABSENT:
        return _ABSENT
    found = inspect.getattr_static(value, name, _ABSENT)
    return found.__func__ if isinstance(found, staticmethod | classmethod) else found
