"""A value while matrix notation becomes index notation: its axes, and its element at given indices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradproof.derive import syntax

Indices = tuple[syntax.Node, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """An array expression.

    Attributes:
        axes: the size variable of each axis; () for a number.
        letters: for each axis, the letter that the page uses for it, or "".
        at: the element at given indices.
        row: for a vector, whether it lies (was transposed).
        simple: whether `at` is a tensor's own element, so that an index in it stands alone.
    """

    axes: tuple[int, ...]
    letters: tuple[str, ...]
    at: Callable[[Indices], syntax.Node]
    row: bool = False

    @property
    def rank(self) -> int:
        return len(self.axes)


def number(node: syntax.Node) -> Value:
    """Return a value without axes."""
    return Value((), (), lambda _: node)


def kind(value: Value) -> str:
    """Return what the value is, in words."""
    return {0: "a number", 1: "a row vector" if value.row else "a column vector", 2: "a matrix"}.get(
        value.rank, f"an array with {value.rank} axes"
    )
