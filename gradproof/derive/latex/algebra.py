"""Sums, products, quotients, powers and transposes of numbers, vectors and matrices."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.complaints import (
    check_inverse,
    check_known_number,
    check_power_of_function,
    not_transposed,
)
from gradproof.derive.latex.doubtful import check_broadcast, check_entrywise, check_sign
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.stated import values as stated
from gradproof.derive.latex.tree import Add, Applied, At, Frac, Mul, Norm, Num, Power, Sym, Transpose, Tree
from gradproof.derive.latex.values import Indices, Value, kind, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def add(low: Lowering, tree: Add) -> Value:
    """Return a sum, term by term."""
    out: Value | None = None
    for sign, term in tree.terms:
        value = low.value(term)
        if out is None:
            out = (
                elementwise(low, lambda x, at=term.at: syntax.Unary(x[0], low.span(at)), (value,), term.at)
                if sign == "-"
                else value
            )
        else:
            out = combine(low, sign, out, value, term.at)
    assert out is not None
    return out


def combine(low: Lowering, op: str, a: Value, b: Value, at: At) -> Value:
    """Return `a op b` entry by entry, numbers and bias vectors broadcast."""
    span = low.span(at)
    return elementwise(low, lambda x: syntax.Binary(op, x[0], x[1], span), (a, b), at)


def elementwise(low: Lowering, make: object, values: tuple[Value, ...], at: At) -> Value:
    """Return `make` applied entry by entry.

    Raises:
        InputError: shapes that do not fit.
    """
    rank = max(v.rank for v in values)
    if rank == 0:
        return number(make([v.at(()) for v in values]))  # type: ignore[operator]
    shape = next(v for v in values if v.rank == rank)
    for v in values:
        _fit(low, shape, v, at)

    def entry(indices: Indices) -> syntax.Node:
        return make([v.at(indices[rank - v.rank :] if v.rank else ()) for v in values])  # type: ignore[operator]

    letters = tuple(next((v.letters[j] for v in values if v.rank == rank and v.letters[j]), "") for j in range(rank))
    return Value(shape.axes, letters, entry, shape.row)


def _fit(low: Lowering, shape: Value, value: Value, at: At) -> None:
    if value.rank == 0:
        return
    if value.rank < shape.rank:
        if value.rank != 1 or shape.rank != 2:
            raise low.error(f"{kind(value)} and {kind(shape)} do not fit together", at, expected="equal shapes")
        check_broadcast(low, value, shape, at)
        low.note("a vector is added to every row of a matrix (broadcast over the rows)")
    elif value.rank == 1 and value.row != shape.row:
        raise low.error(f"{kind(value)} and {kind(shape)} do not fit together", at, expected="a transpose")
    for a, b in zip(value.axes, shape.axes[shape.rank - value.rank :], strict=True):
        low.sizes.join(a, b, low.span(at), "an axis")


# ---------------------------------------------------------------- products


def multiply(low: Lowering, tree: Mul) -> Value:
    """Return a product from the left; between vectors and matrices it is the matrix product."""
    if low.stating is not None and (found := stated.chain_product(low, low.stating, tree)) is not None:
        return found
    first = tree.factors[0][1]
    out, begin = low.value(first), first.at[0]
    for (_, before), (op, factor) in pairwise(tree.factors):
        check_power_of_function(low, before, op, factor)
        value = low.value(factor)
        if op in ("", "cdot", "star") and value.rank == 0 and (out.rank == 2 or out.row):
            check_known_number(low, kind(out), factor)
        out = times(low, op, out, value, (begin, factor.at[1]))
    return out


def times(low: Lowering, op: str, a: Value, b: Value, at: At) -> Value:
    """Return `a op b` for op in "", cdot, star, ast, times, odot, circ, /."""
    if op == "/":
        return divide(low, a, b, at)
    check_sign(low, op, a, b, at)
    if a.rank == 0 or b.rank == 0:
        return combine(low, "*", a, b, at)
    if op in ("odot", "circ"):
        if a.rank != b.rank:
            raise low.error(rf"\odot of {kind(a)} and {kind(b)}", at, expected="equal shapes")
        return combine(low, "*", a, b, at)
    if op == "times":
        raise low.error(
            rf"\times of {kind(a)} and {kind(b)} is not read",
            at,
            expected=r"\odot (entry by entry), or a matrix product",
        )
    return _matrix_product(low, op, a, b, at)


def divide(low: Lowering, a: Value, b: Value, at: At) -> Value:
    """Return a quotient; only numbers divide."""
    if b.rank:
        raise low.error(f"a division by {kind(b)}", at, expected="a number below the line")
    return combine(low, "/", a, b, at)


def _matrix_product(low: Lowering, op: str, a: Value, b: Value, at: At) -> Value:
    dot = op == "cdot" and a.rank == 1 and b.rank == 1 and a.row == b.row
    if a.rank == 1 and b.rank == 1 and not a.row and b.row:
        return _outer(low, a, b, at)
    fits = (a.rank == 2 or a.row) and (b.rank == 2 or not b.row)
    if not (dot or fits) or a.rank > 2 or b.rank > 2:
        raise low.error(
            f"the product of {kind(a)} and {kind(b)} is not defined",
            at,
            expected=r"\mathbf{w}^\top \mathbf{x} (a number), \mathbf{w} \odot \mathbf{x} (entry by entry)",
        )
    low.sizes.join(a.axes[-1], b.axes[0], low.span(at), "the axis that the product sums over")
    axes, letters = (*a.axes[:-1], *b.axes[1:]), (*a.letters[:-1], *b.letters[1:])
    wanted = a.letters[-1] or b.letters[0] or ("j" if not axes else "")

    def entry(indices: Indices) -> syntax.Node:
        letter = syntax.Name(low.fresh_letter(wanted if wanted not in _names(indices) else ""), low.span(at))
        split = a.rank - 1
        body = syntax.Binary("*", a.at((*indices[:split], letter)), b.at((letter, *indices[split:])), low.span(at))
        return syntax.Reduction("sum", (letter,), body, low.span(at))

    if not axes:
        return number(entry(()))
    return Value(axes, letters, entry, a.row and b.rank == 2)


def _names(indices: Indices) -> set[str]:
    return {i.name for i in indices if isinstance(i, syntax.Name)}


def _outer(low: Lowering, a: Value, b: Value, at: At) -> Value:
    span = low.span(at)
    return Value(
        (*a.axes, *b.axes), (*a.letters, *b.letters), lambda i: syntax.Binary("*", a.at(i[:1]), b.at(i[1:]), span)
    )


def fraction(low: Lowering, tree: Frac) -> Value:
    """Return `num/den`."""
    return divide(low, low.value(tree.num), low.value(tree.den), tree.at)


# ---------------------------------------------------------------- powers and transposes


def power(low: Lowering, tree: Power) -> Value:
    """Return a power; `e^x` is the exponential function unless e is a variable of the page."""
    base, span = unwrap(tree.base), low.span(tree.at)
    if isinstance(base, Sym):
        check_inverse(low, base, tree)
    if isinstance(base, Sym) and base.name == "e" and not base.subs and not base.bold:
        if not low.is_tensor("e"):
            exponent_value = low.value(tree.exponent)
            check_entrywise(low, "exp", exponent_value, tree.at)
            return elementwise(low, lambda x: syntax.Apply("exp", (x[0],), span), (exponent_value,), tree.at)
        if not isinstance(unwrap(tree.exponent), Num):
            raise low.error(
                "e is a variable on this page: is this a power of it or the exponential function?",
                tree.at,
                expected=r"\exp(x), or another name than e",
            )
    if isinstance(base, Norm) and isinstance(tree.exponent, Num) and tree.exponent.text == "2":
        from gradproof.derive.latex.reduce import squared_norm

        found = squared_norm(low, base)
        if found is not None:
            return found
    if isinstance(tree.exponent, Sym) and tree.exponent.name == "T" and not low.is_tensor("T") and not low.is_size("T"):
        raise low.error(
            f"^T of {kind(low.value(tree.base))}", tree.at, expected="the transpose of a vector or a matrix"
        )
    value = low.value(tree.base)
    if value.rank:
        raise low.error(
            f"a power of {kind(value)}: by entries or as a product?",
            tree.at,
            expected=r"\lVert x \rVert^2, x \odot x, or indices: x_i^2",
        )
    exponent = low.scalar(tree.exponent, "the exponent")
    return number(syntax.Binary("**", value.at(()), exponent, span))


def transpose(low: Lowering, tree: Transpose) -> Value:
    """Return the transpose."""
    base = unwrap(tree.base)
    if isinstance(base, Applied) and (product := _of_group(low, base, tree)) is not None:
        return product
    value = low.symbol(base, whole=True) if isinstance(base, Sym) else low.value(base)
    if tree.letter and (low.is_tensor("T") or low.is_size("T")) and not _is_array(low, base):
        raise low.error("is this a transpose or the power T?", tree.at, expected=r"^\top for a transpose")
    if value.rank == 1:
        return Value(value.axes, value.letters, value.at, not value.row)
    if value.rank == 2:
        return Value(value.axes[::-1], value.letters[::-1], lambda i: value.at(i[::-1]))
    if value.rank == 0:
        raise not_transposed(low, tree)
    raise low.error(f"the transpose of {kind(value)}", tree.at, expected="a vector or a matrix")


def _of_group(low: Lowering, base: Applied, tree: Transpose) -> Value | None:
    r"""Return `W (A B)^\top` as W times a transpose; None where what stands before the group is a function."""
    from gradproof.derive.latex.apply import is_function

    if is_function(low, base) or base.power is not None or base.subs or len(base.group.items) != 1:
        return None
    turned = transpose(low, Transpose(base.group, tree.letter, tree.at))
    return times(low, "", low.symbol(base.head, whole=True), turned, tree.at)


def _is_array(low: Lowering, base: Tree) -> bool:
    if not isinstance(base, Sym):
        return False
    return base.bold or low.know.name(base.name) in low.know.shapes
