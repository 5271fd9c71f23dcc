"""The canonical order of the binders of a sum or product, so that equal ones are equal objects."""

from __future__ import annotations

from itertools import groupby, islice, permutations, product

from sympy import Add, Basic, Expr, Mul, Symbol, Tuple

from gradproof.derive.nodes import Iverson, free, order_key, rename_bound


def binder_order(
    body: Expr, binders: list[Symbol], sizes: list[Expr], conditions: set[Basic]
) -> tuple[list[Symbol], list[Expr]]:
    """Order symmetric binders by size and by where they occur; ties by trying all orders for the least text."""
    signature = {}
    for b, n in zip(binders, sizes, strict=True):
        paths: list[str] = []
        _occurrences(body, b, "", paths)
        for c in conditions:
            _occurrences(c, b, "?", paths)
        signature[b] = (order_key(n), tuple(sorted(paths)))
    ranked = sorted(range(len(binders)), key=lambda j: signature[binders[j]])
    groups = [list(g) for _, g in groupby(ranked, key=lambda j: signature[binders[j]])]
    order = [g[0] for g in groups]
    if any(len(g) > 1 for g in groups):
        # Heuristic bound: 720 orders (six interchangeable binders); beyond it equal sums may print apart.
        tries = islice(product(*[permutations(g) for g in groups]), 720)
        orders = ([j for g in choice for j in g] for choice in tries)
        order = min(orders, key=lambda o: _text(body, binders, conditions, o))
    return [binders[j] for j in order], [sizes[j] for j in order]


def _text(body: Expr, binders: list[Symbol], conditions: set[Basic], order: list[int]) -> tuple[str, tuple[str, ...]]:
    renaming = {binders[j]: Symbol(f"_?_{q}", integer=True) for q, j in enumerate(order)}
    return order_key(rename_bound(body, renaming)), tuple(
        sorted(order_key(rename_bound(c, renaming)) for c in conditions)
    )


def _occurrences(e: Basic, symbol: Symbol, path: str, out: list[str]) -> None:
    if symbol not in free(e):
        return
    if e.is_Symbol:
        out.append(path)
    else:
        for j, a in enumerate(e.args):
            # Conditions stand in an order that their names give: their places say nothing of the binders.
            unordered = isinstance(e, Add | Mul | Iverson | Tuple)
            step = f".{type(e).__name__}" if unordered else f"/{getattr(e, 'name', type(e).__name__)}{j}"
            _occurrences(a, symbol, path + step, out)
