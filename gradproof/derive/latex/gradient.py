"""Gradients in update rules, and in claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradproof.derive import syntax
from gradproof.derive.latex.names import partial_name
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.stated import values as stated
from gradproof.derive.latex.tree import Applied, Derivative, Sym
from gradproof.derive.latex.values import Value

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

Leads = frozenset[tuple[str, str]]
"""Pairs (Loss, w) for which the system's equations lead from w to Loss, so that the gradient is derived."""


def derivative(low: Lowering, tree: Derivative) -> Value:
    r"""Return `grad(Loss, w[j])`, or the given array dLoss_dw where no equation leads from w to Loss."""
    if low.stating is not None:
        return stated.derivative(low, low.stating, tree)
    of = tree.of.head if isinstance(tree.of, Applied) else tree.of
    if not isinstance(of, Sym) or of.subs or not isinstance(tree.by, Sym):
        raise low.not_yet(
            "a derivative of an expression is not read",
            tree.at,
            hint=r"name the expression by an equation first; a name of several letters is written \text{Loss}",
        )
    if not low.updating:
        raise low.not_yet(
            "a derivative at the right of an equation is not read",
            tree.at,
            hint="gradproof derives gradients: write the equation of the loss",
        )
    loss = low.know.name(base_name(low.know, of))
    weight = low.know.name(base_name(low.know, tree.by))
    array = low.symbol(tree.by, whole=True)
    span = low.span(tree.at)
    if (loss, weight) in low.leads:
        name = syntax.Name(loss, low.span(of.at))
        return Value(array.axes, array.letters, lambda i: syntax.Apply("grad", (name, array.at(i)), span), array.row)
    given = partial_name(loss, weight)
    low.inputs.setdefault(given, tree.at)
    low.axes.setdefault(given, low.axes_of(weight, low.rank(weight, tree.by)))
    return Value(array.axes, array.letters, lambda i: _same_slots(array.at(i), given), array.row)


def _same_slots(node: syntax.Node, name: str) -> syntax.Node:
    if isinstance(node, syntax.Item):
        return syntax.Item(name, node.indices, node.span)
    return syntax.Name(name, node.span)
