"""Integer expressions: sizes, indices and the sides of integer comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import sympy as sp
from sympy import Expr, Integer

from gradproof.derive.affine import integer_form
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Quotient
from gradproof.derive.notation.declared import Declarations
from gradproof.derive.notation.written import keep_integers
from gradproof.derive.syntax import Binary, Item, Name, Node, Number, Unary
from gradproof.errors import InputError, NotYet

#: A product of so many factors with an index in it is no index expression that anything could be done with.
MAX_DEGREE = 8
MAX_PARTS = 64
Divide = Callable[[Expr, Expr, Binary], Expr]


def is_integer(node: Node, declared: Declarations) -> bool:
    """Is every leaf an integer: a whole number, a size, an index or an element of an integer tensor?"""
    while isinstance(node, Binary):
        if not is_integer(node.right, declared):
            return False
        node = node.left
    match node:
        case Number():
            return node.text.isdigit()
        case Name():
            return node.name != "pi"
        case Item():
            return declared.bound(node.name) is not None
        case Unary():
            return is_integer(node.operand, declared)
    return False


def check_length(node: Node) -> None:
    """Refuse an index expression with more parts than any on paper: its normal form would take long."""
    length, left = 0, node
    while isinstance(left, Binary):
        left, length = left.left, length + 1
    if length > MAX_PARTS:
        raise InputError(f"an index of {length + 1} parts", where=node.span, expected=f"at most {MAX_PARTS}")


def exact(num: Expr, den: Expr, _node: Binary) -> Expr:
    """`num/den` as an exact quotient."""
    ratio = sp.cancel(num / den)
    whole = ratio.is_polynomial() and ratio.is_integer
    return ratio if whole else Quotient(num, den)


def rational(num: Expr, den: Expr, _node: Binary) -> Expr:
    """`num/den` as a fraction, for a comparison that will be multiplied through."""
    return num / den


class Integers:
    """Builds integer expressions. `indices` gives each resolved index its symbol; sizes and data come from the text."""

    def __init__(self, declared: Declarations, indices: Mapping[str, Index]) -> None:
        self.declared, self.indices = declared, indices
        self.written: dict[tuple[str, ...], tuple[str, ...]] = {}

    def build(self, node: Node, divide: Divide = exact) -> Expr:
        """Return the integer expression in normal form.

        Raises:
            InputError: for anything that is no integer.
        """
        check_length(node)
        return integer_form(self.fraction(node, divide))

    def fraction(self, node: Node, divide: Divide) -> Expr:
        """Return a side of a comparison, where quotients are real fractions."""
        check_length(node)
        e = self._build(node, divide)
        if e.is_Add:
            keep_integers(self.written, e, list(self._leaves(node)))
        return e

    def size(self, node: Node) -> Expr:
        """Return a size: an integer expression without indices."""
        e = self.build(node)
        if not all(isinstance(s, Size) for s in e.free_symbols) or e.atoms(Element):
            raise InputError(
                "a size may hold sizes and whole numbers only", where=node.span, expected="such as m, 3 or 2*n+1"
            )
        if e.is_Integer and e < 0:
            raise InputError(f"the size {e} is negative", where=node.span, expected="0 or more")
        return e

    def _build(self, node: Node, divide: Divide) -> Expr:
        match node:
            case Number() if node.text.isdigit():
                return Integer(int(node.text))
            case Name():
                return self._name(node)
            case Item() if self.declared.bound(node.name) is not None:
                return Element(node.name, *[self.build(i) for i in node.indices])
            case Unary():
                return -self._build(node.operand, divide)
            case Binary():
                return self._binary(node, divide)
        raise self._refuse(node)

    def _leaves(self, node: Node) -> Iterator[Expr]:
        """The indices, sizes and numbers in the order of the text."""
        match node:
            case Number() | Name():
                yield self._build(node, exact)
            case Binary():
                yield from self._leaves(node.left)
                yield from self._leaves(node.right)

    def _name(self, node: Name) -> Expr:
        if node.name in self.indices:
            return self.indices[node.name]
        if node.name in self.declared.sizes:
            return self.declared.sizes[node.name]
        raise self._refuse(node)

    def _binary(self, node: Binary, divide: Divide) -> Expr:
        left, right = self._build(node.left, divide), self._build(node.right, divide)
        match node.op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return self._checked(left * right, node)
            case "**" if right.is_Integer and 0 <= right <= MAX_DEGREE:
                return self._checked(left**right, node)
            case "/" if right != 0 and not _has_index(right):
                return divide(sp.expand(left), sp.expand(right), node)
            case "/":
                raise InputError(
                    "an index expression is divided by something else than a size",
                    where=node.span,
                    expected="a size or a whole number that is not 0",
                )
            case "%":
                raise NotYet(
                    "a remainder may only be compared with a number",
                    where=node.span,
                    expected="such as [(i+1) % s == 0]",
                )
        raise self._refuse(node)

    def _checked(self, e: Expr, node: Node) -> Expr:
        """Refuse what would grow without bound when multiplied out."""
        e = sp.expand(e)
        if e.is_Integer and abs(e) > 2**62:
            raise InputError(
                "this integer is too large for an index or a size", where=node.span, expected="less than 2**62"
            )
        if (
            e.free_symbols and sp.total_degree(e, *sorted(e.free_symbols, key=str)) > MAX_DEGREE
            if e.is_polynomial()
            else False
        ):
            raise InputError(
                f"a product of more than {MAX_DEGREE} sizes or indices stands in an index",
                where=node.span,
                expected="an index such as s*i+q*u-p",
            )
        return e

    def _refuse(self, node: Node) -> InputError:
        if isinstance(node, Item):
            return InputError(
                f"{node.name} is real and cannot stand where an integer must",
                where=node.span,
                expected="indices, sizes, whole numbers, or an integer tensor",
                hint=f"if {node.name} holds integers, declare its range: given {node.name}{_axes(node)} in C",
            )
        return InputError(
            "this is no integer expression",
            where=node.span,
            expected="indices, sizes and whole numbers with + - * and exact /",
        )


def _has_index(e: Expr) -> bool:
    return any(isinstance(s, Index) for s in e.free_symbols) or bool(e.atoms(Element))


def _axes(node: Item) -> str:
    return (
        f"[{', '.join(i.name.partition('@')[0] if isinstance(i, Name) else '...' for i in node.indices)}]"
        if node.indices
        else ""
    )
