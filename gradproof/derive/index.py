"""Indices with their range, sizes with their least value, and integer expressions in normal form."""

from __future__ import annotations

from functools import lru_cache
from itertools import count

import sympy as sp
from sympy import Expr, Symbol

_serial = count()


class Index(Symbol):
    """An index symbol `i` with its range: 0 <= i < size. Two indices are equal when name and size are."""

    __slots__ = ("size",)
    size: Expr

    def __new__(cls, name: str, size: Expr | int) -> Index:
        self = Symbol.__xnew__(cls, name, integer=True)
        self.size = sp.Integer(size) if isinstance(size, int) else size
        return self

    def _hashable_content(self) -> tuple[str, Expr]:
        return (self.name, self.size)

    def __getnewargs_ex__(self) -> tuple[tuple[str, Expr], dict[str, bool]]:
        return (self.name, self.size), {}


class Bound(Symbol):
    """The canonical name of a bound index inside a closed reduction: height and position, no range of its own."""

    __slots__ = ()

    def __new__(cls, height: int, position: int) -> Bound:
        return _bound(height, position)

    def __getnewargs_ex__(self) -> tuple[tuple[int, int], dict[str, bool]]:
        _, height, position = self.name.split("_")
        return (int(height), int(position)), {}


@lru_cache(1024)
def _bound(height: int, position: int) -> Bound:
    """Return the one object for the name: most expressions have it, and are compared faster."""
    return Symbol.__xnew__(Bound, f"_{height}_{position}", integer=True)


class Size(Symbol):
    """A symbolic size `m`: an integer that is at least `least` (1 for the length of an axis, 0 for other sizes)."""

    __slots__ = ("least",)
    least: int

    def __new__(cls, name: str, least: int = 1) -> Size:
        kind = {"positive": True} if least else {"nonnegative": True}
        self = Symbol.__xnew__(cls, name, integer=True, **kind)
        self.least = least
        return self

    def _hashable_content(self) -> tuple[str, int]:
        return (self.name, self.least)

    def __getnewargs_ex__(self) -> tuple[tuple[str, int], dict[str, bool]]:
        return (self.name, self.least), {}


def fresh(size: Expr | int) -> Index:
    """Return an index that occurs nowhere else.

    The serial number is padded, so that the order of two fresh indices is the order in which they were made,
    whatever was made before them: SymPy orders by name, and the printed result must not depend on history.
    """
    return Index(f"~{next(_serial):09d}", size)


@lru_cache(4096)
def scoped(size: Expr | int, level: int, position: int) -> Index:
    """Return the index that stands at this position in a reduction opened inside `level - 1` others."""
    return Index(f"~s{level:03d}.{position:03d}", size)


def scope_level(symbol: Symbol) -> int:
    """Return the level of an index made by `scoped`, 0 for every other symbol."""
    return int(symbol.name[2:5]) if symbol.name.startswith("~s") else 0


def is_fresh(index: Symbol) -> bool:
    """Was the index made by `fresh` or `scoped` (and so has no name a reader should see)?"""
    return index.name.startswith("~")
