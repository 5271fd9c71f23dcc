"""How the inputs of a function are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def positional(f: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that take an argument by its place; none where nothing is known."""
    try:
        found = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def numbered(names: list[str], count: int) -> list[str]:
    """Return so many names: those that there are, then "input 2" and so on."""
    return [*names[:count], *(f"input {k}" for k in range(len(names), count))]


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return how so many inputs are called: like f's parameters."""
    return numbered(positional(f), count)
