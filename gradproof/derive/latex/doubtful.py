r"""Forms of array notation that have two readings in the books: refused, with both and how to write each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.sizes import key
from gradproof.derive.latex.tree import Applied, At, Big, Mul, Norm, Num, Relation, Sym, Transpose, Tree
from gradproof.derive.latex.values import Value, kind
from gradproof.derive.latex.walk import symbols, walk

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering


def check_sign(low: Lowering, op: str, a: Value, b: Value, at: At) -> None:
    r"""`x * w` of arrays is a convolution or a product; `f \circ g` of letters without indices may be a composition.

    Raises:
        InputError: the readings, and how to write each.
    """
    if op == "ast" or (op == "star" and a.rank and b.rank):
        raise low.error(
            "* is a convolution in one book and a product in the next",
            at,
            expected=r"\cdot or nothing for the product, \odot for the product of the entries, "
            r"a sum for the convolution, y_i = \sum_{k=0}^{K-1} x_{i+k} w_k",
        )
    if op == "circ" and not (a.rank and b.rank):
        raise low.error(
            r"\circ: a composition of functions, or the product of the entries?",
            at,
            expected=r"f(g(x)) for the composition, \odot of arrays or \cdot of numbers for the product",
        )


def check_broadcast(low: Lowering, vector: Value, matrix: Value, at: At) -> None:
    """`WX + b`: b goes to the rows of one book and to the columns of the next, unless the sizes tell."""
    own, last = vector.axes[0], matrix.axes[1]
    told = low.sizes.name(own)
    same = told is not None and key(told) == key(low.sizes.name(last))
    other = told is not None and key(told) == key(low.sizes.name(matrix.axes[0]))
    if vector.row or low.sizes.root(own) == low.sizes.root(last) or (same and not other):
        return
    raise low.error(
        "a column vector beside a matrix: is it added to each row or to each column?",
        at,
        expected=r"\mathbf{1} \mathbf{b}^\top (to each row), \mathbf{b} \mathbf{1}^\top (to each column)",
        hint="or declare the shapes: where X in R^{m x n}, b in R^{n} adds it to each row",
    )


def check_entrywise(low: Lowering, name: str, value: Value, at: At) -> None:
    """`e^A` of a square matrix: entry by entry, or the exponential of the matrix?"""
    if value.rank != 2 or name not in ("exp", "log"):
        return
    first, second = (low.sizes.name(v) for v in value.axes)
    equal = first is not None and key(first) == key(second)
    if equal or low.sizes.root(value.axes[0]) == low.sizes.root(value.axes[1]):
        raise low.error(
            f"{name} of a square matrix: of each entry, or the matrix {name}?",
            at,
            expected=rf"indices for the entries: B_{{ij}} = \{name}(A_{{ij}})",
        )
    low.note(f"{name} of a matrix is taken entry by entry")


def check_matrix_norm(low: Lowering, tree: Norm, value: Value) -> None:
    r"""`\|W\|_2` is the largest singular value in one book and the root of all squares in the next."""
    frobenius = isinstance(tree.order, Sym) and tree.order.name == "F"
    if value.rank > 1 and not frobenius:
        raise low.error(
            f"the norm of {kind(value)}: of all its entries, or the operator norm?",
            tree.at,
            expected=r"\lVert W \rVert_F for the root of the sum of squares, \sum_{i,j} |W_{ij}| for order 1",
        )


def check_customary(low: Lowering, tree: Sym, name: str) -> None:
    r"""`\delta_{ij}` and `\mathbf{I}`: Kronecker's delta, the identity, or tensors of the page?"""
    if name in low.know.shapes or name in low.know.defined or tree.paren:
        return
    if name == "δ" and len(tree.subs) == 2 and all(isinstance(s, Sym) and s.name in low.scope for s in tree.subs):
        i, j = (s.name for s in tree.subs if isinstance(s, Sym))
        raise low.error(
            f"δ_{{{i}{j}}}: Kronecker's delta, or an array of the page?",
            tree.at,
            expected=f"[{i} = {j}] for Kronecker's delta, a declaration for an array: where \\delta in R^{{m x n}}",
        )
    if name == "I" and tree.bold and not tree.subs:
        raise low.error(
            "I: the identity matrix, or a matrix of the page?",
            tree.at,
            expected="[i = j] in indices for the identity, a declaration for a matrix: where I in R^{m x n}",
        )


def check_indexed_function(low: Lowering, tree: Applied) -> None:
    r"""`f_i(x)`, `\phi_j(x - c)`: functions with an index, or factors? `p_i(1 - p_i)` is a product."""
    from gradproof.derive.latex.apply import FUNCTION_LETTERS

    name = tree.head.name
    items = tree.group.items
    lone = len(items) != 1 or isinstance(unwrap(items[0]), Sym | Num)
    if lone or (name in FUNCTION_LETTERS and name not in low.know.plain and name not in low.know.shapes):
        shown = low.source.text[tree.head.at[0] : tree.head.at[1]]
        raise low.error(
            f"{shown}(...): a function with an index, or the factor {shown}?",
            tree.at,
            expected=rf"{shown} \cdot (...) for the product",
            hint="functions with an index are not read: write their values as an array, with an equation of its own",
        )


def check_domain(low: Lowering, tree: Big, item: Relation) -> None:
    r"""`\max_{0 \leq t \leq 1}`: over an interval, unless t is an index."""
    below = {y.name for x in symbols(tree.body) for sub in x.subs for y in symbols(sub)}
    free = [x.name for x in item.operands if isinstance(x, Sym) and x.name not in below]
    if tree.op in ("max", "min") and free and isinstance(item.operands[1], Sym) and item.operands[1].name in free:
        raise low.error(
            f"the {tree.op} over {free[0]}, which is no index: over an interval, or over whole numbers?",
            item.at,
            expected=rf"an index, \{tree.op}_{{1 \leq i \leq n}} z_i",
            hint="extrema over an interval are not read",
        )


def rank_of(low: Lowering, tree: Tree) -> str:
    """Return the declaration that a letter with one index needs, if each of its entries is a vector."""
    products = [n for n in walk(tree) if isinstance(n, Mul) and any(isinstance(f, Transpose) for _, f in n.factors)]
    found = [s for s in symbols(tuple(products)) if len(s.subs) == 1 and not s.bold]
    names = sorted({low.know.name(base_name(low.know, s)) for s in found})
    return ", ".join(f"{n} in R^{{m x n}}" for n in names if n not in low.know.shapes and n not in low.know.defined)
