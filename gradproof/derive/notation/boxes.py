"""The display tree: an expression after every decision about its looks, before it is written as text or LaTeX.

Which factors come first, what stands over and under a fraction line, which conditions join to a chain, which letters
the bound indices bear: all of that is decided by `layout` and `letters`. A writer only adds marks and parentheses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import is_
from typing import Any, get_args

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


#: The fields of each kind, in order.
_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in get_args(Box)}


def map_box(box: Any, change: Callable[[Any], Any]) -> Any:
    """Return the same kind of box with `change` applied to every box right inside it; the box itself if all stay."""
    if isinstance(box, tuple):
        return tuple(map_box(b, change) if isinstance(b, tuple) else change(b) for b in box)
    kind = type(box)
    if kind not in _FIELDS:
        return box
    before = [getattr(box, name) for name in _FIELDS[kind]]
    after = [_inside(value, change) for value in before]
    return box if all(map(is_, before, after)) else kind(*after)


def _inside(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple):
        new = [_inside(v, change) for v in value]
        return value if all(map(is_, value, new)) else tuple(new)
    return change(value) if type(value) in _FIELDS else value


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
