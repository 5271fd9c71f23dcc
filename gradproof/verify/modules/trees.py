"""Arguments as the flat numeric inputs that are judged, and back: each array in a dict or a list is an input."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Leaf:
    """One input: its name in the report, the argument that it is in, and where in that: keys from the outside in."""

    name: str
    argument: str
    path: tuple[Any, ...] = ()


class Arguments:
    """A call's arguments by name, their numbers taken out as flat inputs.

    Attributes:
        leaves: the inputs, in the order of the arguments.
        values: of the leaves.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.given = dict(values)
        self.leaves: list[Leaf] = []
        self.values: list[Any] = []
        found = [(name, path, x) for name, value in values.items() for path, x in _leaves(value)]
        ends = [str(path[-1]) if path and isinstance(path[-1], str) else name for name, path, _ in found]
        for (argument, path, x), end in zip(found, ends, strict=True):
            unique = ends.count(end) == 1
            name = end if unique else argument + "".join(f"[{key!r}]" for key in path)
            self.leaves.append(Leaf(name, argument, path))
            self.values.append(x)

    @property
    def names(self) -> list[str]:
        return [leaf.name for leaf in self.leaves]

    @property
    def floating(self) -> list[int]:
        """Positions of the real inputs."""
        return [k for k, x in enumerate(self.values) if is_real(x)]

    def filled(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the arguments with other numbers in the leaves' places; everything else is a fresh copy."""
        inside = {leaf.argument for leaf in self.leaves if leaf.path}
        direct = {leaf.argument for leaf in self.leaves if not leaf.path}
        out = {
            name: value if name in direct else _emptied(value) if name in inside else copy.deepcopy(value)
            for name, value in self.given.items()
        }
        for leaf, x in zip(self.leaves, values, strict=True):
            if leaf.path:
                _put(out[leaf.argument], leaf.path, x)
            else:
                out[leaf.argument] = x
        return out

    def within(self, argument: str) -> list[Leaf]:
        """Return the leaves in an argument."""
        return [leaf for leaf in self.leaves if leaf.argument == argument]


def is_real(x: Any) -> bool:
    """Is it a floating number or an array of such, NumPy's or a framework's?"""
    if isinstance(x, float):
        return True
    dtype = getattr(x, "dtype", None)
    return dtype is not None and any(word in str(dtype) for word in ("float", "bfloat"))


def _is_number(x: Any) -> bool:
    if isinstance(x, bool | str | bytes) or x is None:
        return False
    if isinstance(x, int | float):
        return True
    dtype = getattr(x, "dtype", None)
    return dtype is not None and any(word in str(dtype) for word in ("float", "int", "bool"))


def _leaves(value: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Return (path, number) for each number or array in an argument; nothing for one that holds something else."""
    if _is_number(value):
        return [((), value)]
    if not _is_tree(value):
        return []
    if isinstance(value, list | tuple) and _as_array(value) is not None:
        return [((), _as_array(value))]
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    return [((key, *path), x) for key, inner in items for path, x in _leaves(inner)]


def _is_tree(value: Any) -> bool:
    """Is it a dict or a list of arrays, or of such trees? A dict of settings is not: it holds a text, or no array."""
    if not isinstance(value, dict | list | tuple) or not value:
        return False
    inner = list(value.values()) if isinstance(value, dict) else list(value)
    if isinstance(value, list | tuple) and _as_array(value) is not None:
        return True
    return all(is_real(x) or _is_tree(x) for x in inner) and any(hasattr(x, "dtype") or _is_tree(x) for x in inner)


def _as_array(value: Sequence[Any]) -> Any:
    """Return a list of numbers, or of rows of numbers, as an array; None for anything else (a list of arrays too)."""
    if any(hasattr(x, "dtype") or isinstance(x, dict | str) for x in value):
        return None
    try:
        array = np.array(value)
    except ValueError:
        return None
    if array.dtype.kind == "f" or (array.dtype.kind in "iu" and isinstance(value, list)):
        return array
    return None


def _emptied(value: Any) -> Any:
    """Return the dicts and lists of a tree anew, with nothing in the leaves' places."""
    if isinstance(value, dict):
        return {key: _emptied(inner) for key, inner in value.items()}
    return [_emptied(inner) for inner in value] if isinstance(value, list | tuple) and _is_tree(value) else None


def _put(tree: Any, path: tuple[Any, ...], x: Any) -> None:
    for key in path[:-1]:
        tree = tree[key]
    tree[path[-1]] = x


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path.

    Raises:
        KeyError, IndexError, TypeError: nothing does.
    """
    for key in path:
        tree = tree[key]
    return tree
