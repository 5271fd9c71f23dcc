"""The LaTeX tree: what stands on the page, before it is known what is a vector, a function or a size."""

from __future__ import annotations

from dataclasses import dataclass

At = tuple[int, int]
"""Where a node stands: start and end in the document's text."""


@dataclass(frozen=True, slots=True)
class Num:
    """A number as written."""

    text: str
    at: At


@dataclass(frozen=True, slots=True)
class Sym:
    r"""A symbol: `\mathbf{x}`, `\hat{y}_{i,c}`, `a^{(l)}_j`, `\text{Loss}`.

    Attributes:
        name: its name, with its labels.
        bold: a vector (lower case) or a matrix (upper case).
        subs: its subscripts, in order.
        paren: the letter of a superscript `^{(i)}`: an index or a label, which only the page can tell.
        primes: number of primes.
        numbered: the name without its label, where that was a number below: `W_1`, which could be an entry of W.
    """

    name: str
    bold: bool
    subs: tuple[Tree, ...]
    paren: str
    primes: int
    at: At
    numbered: str = ""


@dataclass(frozen=True, slots=True)
class Add:
    """Terms with their signs."""

    terms: tuple[tuple[str, Tree], ...]
    at: At


@dataclass(frozen=True, slots=True)
class Mul:
    r"""Factors, each with what stands before it: "" (nothing), "cdot", "times", "odot" or "/"."""

    factors: tuple[tuple[str, Tree], ...]
    at: At


@dataclass(frozen=True, slots=True)
class Frac:
    r"""`\frac{num}{den}`."""

    num: Tree
    den: Tree
    at: At


@dataclass(frozen=True, slots=True)
class Power:
    """`base^exponent`."""

    base: Tree
    exponent: Tree
    at: At


@dataclass(frozen=True, slots=True)
class Transpose:
    r"""`base^\top`; `letter` says that it was written as the letter T."""

    base: Tree
    letter: bool
    at: At


@dataclass(frozen=True, slots=True)
class Paren:
    """A group in parentheses; several items where commas stand in it."""

    items: tuple[Tree, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Applied:
    """A symbol directly before a group: f(x), or the product a(b + c). Which, only the page can tell."""

    head: Sym
    group: Paren
    power: Tree | None
    subs: tuple[Tree, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Func:
    r"""A function with a name of its own: `\log`, `\exp`, `\max(a, b)`, `\sqrt`; `loose`: without parentheses."""

    name: str
    args: tuple[Tree, ...]
    at: At
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Big:
    r"""`\sum_{i=1}^{m} body`: op sum, prod, max or min; a lower part is a symbol or a relation."""

    op: str
    lower: tuple[Tree, ...]
    upper: Tree | None
    body: Tree
    at: At


@dataclass(frozen=True, slots=True)
class Norm:
    r"""`\lVert body \rVert`; `order` is its subscript, if any."""

    body: Tree
    order: Tree | None
    at: At


@dataclass(frozen=True, slots=True)
class Inner:
    r"""`\langle left, right \rangle`."""

    left: Tree
    right: Tree
    at: At


@dataclass(frozen=True, slots=True)
class Indicator:
    r"""`[z > 0]`, `\mathbb{1}[z > 0]`."""

    conditions: tuple[Tree, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows (value, condition); the condition of the last is None: otherwise."""

    rows: tuple[tuple[Tree, Tree | None], ...]
    at: At


@dataclass(frozen=True, slots=True)
class Derivative:
    r"""`\frac{\partial of}{\partial by}` or `\nabla_{by} of`; sign: "partial", "d", "nabla" or "prime"."""

    of: Tree
    by: Tree
    at: At
    sign: str = "partial"


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain a < b <= c; ops in the notation's spelling, `=` and `:=` too."""

    operands: tuple[Tree, ...]
    ops: tuple[str, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Member:
    r"""`w, v \in \mathbb{R}^{d \times C}`: names and the sizes of their axes."""

    names: tuple[Sym, ...]
    shape: tuple[Tree, ...]
    at: At


Tree = (
    Num
    | Sym
    | Add
    | Mul
    | Frac
    | Power
    | Transpose
    | Paren
    | Applied
    | Func
    | Big
    | Norm
    | Inner
    | Indicator
    | Cases
    | Derivative
    | Relation
    | Member
)
