"""The display tree: an expression after every decision about its looks, before it is written as text or LaTeX.

Which factors come first, what stands over and under a fraction line, which conditions join to a chain, which letters
the bound indices bear: all of that is decided by `layout` and `letters`. A writer only adds marks and parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sympy import Expr, Symbol


@dataclass(frozen=True, slots=True)
class Num:
    """A number without sign, as digits: "2", "0.01", "1e-5"."""

    text: str


@dataclass(frozen=True, slots=True)
class Const:
    """A constant by name: "pi"."""

    name: str


@dataclass(frozen=True, slots=True)
class Sym:
    """An index or a size; `name` is its letter once letters are chosen."""

    symbol: Symbol
    name: str = ""


@dataclass(frozen=True, slots=True)
class Elem:
    """`T[i, j]`; a scalar has no indices."""

    name: str
    indices: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Fun:
    """`f(a, b)`."""

    name: str
    arguments: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """The square root."""

    inner: Box


@dataclass(frozen=True, slots=True)
class Frac:
    """`num/den`; `exact` for a quotient of integers in an index."""

    num: Box
    den: Box
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prod:
    """A product in order; only its last factor may be a reduction without parentheses."""

    factors: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with their signs (+1 or -1), in order; one term with -1 is a minus sign. `tight`: an integer expression."""

    terms: tuple[tuple[int, Box], ...]
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Power:
    """`base**exponent`."""

    base: Box
    exponent: Box


@dataclass(frozen=True, slots=True)
class Mod:
    """`num % den`."""

    num: Box
    den: Box


@dataclass(frozen=True, slots=True)
class Chain:
    """`a <= b < c`: operands and the operators (== != < <= > >=) between them."""

    operands: tuple[Box, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not all of the conditions hold."""

    conditions: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Tup:
    """`(a, b)`, compared with an arg-max."""

    items: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Iver:
    """A bracket `[c1, c2]`."""

    conditions: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Binder:
    """A bound index of range `size`, with its bound where one is shown: `j`, `j<=i`, `u<k`."""

    index: Sym
    size: Expr
    op: str = ""
    bound: Box | None = None


@dataclass(frozen=True, slots=True)
class Big:
    """`op[binders, conditions] body` with op one of sum, prod, max, min, argmax, argmin.

    `fixed`: the order of the binders matters (a maximum's first position) and must be kept.
    """

    op: str
    binders: tuple[Binder, ...]
    conditions: tuple[Box, ...]
    body: Box
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Deriv:
    """`grad(L, w[j])`."""

    of: str
    element: Box


Box = (
    Num
    | Const
    | Sym
    | Elem
    | Fun
    | Root
    | Frac
    | Prod
    | Sum
    | Power
    | Mod
    | Chain
    | Not
    | Tup
    | Iver
    | Binder
    | Big
    | Deriv
)


def map_box(box: Any, change: Callable[[Any], Any]) -> Any:
    """Return the same kind of box with `change` applied to every box right inside it."""
    if isinstance(box, tuple):
        return tuple(map_box(b, change) if isinstance(b, tuple) else change(b) for b in box)
    if not hasattr(box, "__dataclass_fields__"):
        return box
    new: Mapping[str, Any] = {f.name: _inside(getattr(box, f.name), change) for f in fields(box)}
    return replace(box, **new)


def _inside(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple):
        return tuple(_inside(v, change) for v in value)
    return change(value) if hasattr(value, "__dataclass_fields__") else value


def symbols_in(box: Any) -> list[Symbol]:
    """Return the symbols of a display tree in the order in which a reader meets them."""
    found: dict[Symbol, None] = {}

    def go(b: Any) -> Any:
        if isinstance(b, Sym):
            found.setdefault(b.symbol)
        elif isinstance(b, Big):
            go(b.body)
            _inside((b.binders, b.conditions), go)
        else:
            map_box(b, go)
        return b

    go(box)
    return list(found)
