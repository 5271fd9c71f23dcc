"""What the judge is asked: a function, its gradient in one of the forms that `check` takes, and the inputs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradproof.errors import InputError


class Unjudgeable(InputError):
    """A pair was found, and cannot be judged as it is: the message says why, the hint what to declare."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question to the judge.

    Attributes:
        f: the function of flat inputs.
        inputs: their values.
        names: what they are called.
        options: `grad=` or `vjp=` or another form, `wrt=`, and what the declaration says.
        notes: what should be told with the verdict.
    """

    f: Callable[..., Any]
    inputs: list[Any]
    names: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: its name, whether it must be given, its annotation, its kind (as `inspect` has it)."""

    name: str
    required: bool
    annotation: object
    star: bool = False


def parameters(function: Callable[..., Any], *, skip: int = 0) -> tuple[Parameter, ...]:
    """Return the parameters of a function without the first `skip`.

    Raises:
        Unjudgeable: it has no signature that can be read.
    """
    try:
        found = list(inspect.signature(unwrapped(function)).parameters.values())[skip:]
    except (TypeError, ValueError):
        raise Unjudgeable(f"{function!r:.60} has no signature that can be read") from None
    star = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return tuple(
        Parameter(p.name, p.default is p.empty and p.kind not in star, _plain(p.annotation), p.kind in star)
        for p in found
    )


def defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the parameters of a function that have a default, with it."""
    found = inspect.signature(unwrapped(function)).parameters.values()
    return {p.name: p.default for p in found if p.default is not p.empty}


def unwrapped(function: Any) -> Any:
    """Return the Python function of one that numba compiled; any other as it is."""
    return getattr(function, "py_func", function)


def called(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function with arguments by name, in order as far as they go: compiled functions may take no names."""
    function = fitting(function, values.values())
    order = [p.name for p in parameters(function) if not p.star]
    count = next((k for k, name in enumerate(order) if name not in values), len(order))
    leading = [values[name] for name in order[:count]]
    later = {name: values[name] for name in order[count:] if name in values}
    return function(*leading, **later)


def fitting(function: Callable[..., Any], values: Iterable[Any]) -> Callable[..., Any]:
    """Return the function that takes the values: of one that numba compiled, for balls, the Python function."""
    return unwrapped(function) if any(is_in_balls(value) for value in values) else function


def is_in_balls(value: Any) -> bool:
    """Does the value hold balls, as it does on the exact path?"""
    if isinstance(value, dict):
        return any(is_in_balls(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(is_in_balls(inner) for inner in value)
    return (isinstance(value, np.ndarray) and value.dtype.kind == "O") or type(value).__module__.startswith(
        "gradproof."
    )


def standing_for(task: Task, *functions: Any) -> Task:
    """Return the task, its functions marked as standing for the user's: what these reach is found through the mark."""
    ours = [task.f, *(x for key, x in task.options.items() if key in ("grad", "vjp"))]
    for function, behind in zip(ours, (functions * 2)[: len(ours)], strict=True):
        if function is not None and function is not behind:
            function.__wrapped__ = behind
    return task


def of_framework(task: Task, value: Any) -> Task:
    """Return the task with JAX's arrays for NumPy's, where what the function returns shows that it computes with JAX.

    JAX makes float32 of NumPy's float64 by default; the judge switches that off for arrays that it knows as JAX's.
    """
    found = value[0] if isinstance(value, tuple | list) and value else value
    jax = sys.modules.get("jax")
    if jax is None or not isinstance(found, jax.Array):
        return task
    inputs = [jax.numpy.asarray(x) if isinstance(x, np.ndarray) else x for x in task.inputs]
    return replace(task, inputs=inputs)


def _plain(annotation: object) -> object:
    return None if annotation is inspect.Parameter.empty else annotation
