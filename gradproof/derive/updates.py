"""Update rules: put the derived gradient in the place of grad(L, w[j])."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Basic, Expr
from sympy.core.symbol import Str

from gradproof.derive.ledger import Ledger
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Grad, Reduce, rebuild, substitute
from gradproof.derive.normal import Context
from gradproof.derive.steps import Block


def derive_updates(
    system: System, gradients: Mapping[str, Equation], context: Context
) -> tuple[tuple[Equation, ...], tuple[Block, ...], list[str]]:
    """Return the updates with the gradients put in, the blocks of their steps, and the assumptions used."""
    equations, blocks, used = [], [], []
    for update in system.updates:
        ledger = Ledger()
        ledger.state("the update rule", update, uses=(update.number,), detail=1)
        ledger.replace("put in the gradient", put_gradients(update.value, gradients), detail=2)
        ledger.run(context)
        ledger.collect(context)
        used += ledger.assumptions
        if ledger.equation is not None:
            equations.append(ledger.equation)
        blocks.append(Block(update.name, update.name, f"update of {update.name}", tuple(ledger.steps)))
    return tuple(equations), tuple(blocks), used


def put_gradients(e: Expr, gradients: Mapping[str, Equation]) -> Expr:
    """Replace every grad(L, w[j]) by the value of w's gradient at j, where that was derived."""

    def go(x: Basic) -> Basic:
        if isinstance(x, Grad) and x.element.name in gradients:
            gradient = gradients[x.element.name]
            slots = dict(zip(gradient.target.indices, x.element.indices, strict=True))
            return substitute(gradient.value, slots)
        if not x.atoms(Grad):
            return x
        if isinstance(x, Reduce):
            opened, body, conditions = x.open()
            return Reduce(x.op, go(body), opened, x.sizes, conditions)
        return rebuild(x, [a if isinstance(a, Str) else go(a) for a in x.args])

    return go(e)
