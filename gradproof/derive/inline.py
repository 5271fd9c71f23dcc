"""Write an adjoint into its users where the whole gets no longer, as books do: it is named where it is used often."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sympy import Expr

from gradproof.derive.display import compact
from gradproof.derive.ledger import Ledger
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element, map_elements, names_in, substitute
from gradproof.derive.normal import Context, normalise
from gradproof.derive.normal.factors import operations

#: An adjoint with more users than this is always worth its name.
MOST_USERS = 6


def inline_adjoints(ledgers: dict[str, Ledger], keep: Collection[str], context: Context) -> dict[str, Ledger]:
    """Return the ledgers that stay, with adjoints written into their users where that is no longer to read.

    The measure is the number of operators shown, plus one for an equation of its own. Adjoints in `keep`, and
    those of a recurrence, stay.
    """
    left = dict(ledgers)
    changed = True
    while changed:
        changed = False
        for name in list(left):
            if name not in keep and _try(name, left, context):
                changed = True
    return left


def _try(name: str, left: dict[str, Ledger], context: Context) -> bool:
    """Write one adjoint into its users and drop it, if that pays; True if it did."""
    equation = _equation(left[name])
    reads = names_in(equation.value)
    users = [u for u, ledger in left.items() if u != name and name in names_in(_equation(ledger).value)]
    if name in reads or len(users) > MOST_USERS or any(u in reads for u in users):
        return False
    if users and not _pays(equation, [_equation(left[u]) for u in users], context):
        return False
    for u in users:
        ledger = left[u]
        ledger.replace(f"substitute {name}", inlined(_equation(ledger).value, equation), uses=(), detail=2)
        ledger.run(context)
    del left[name]
    return True


def _pays(equation: Equation, users: list[Equation], context: Context) -> bool:
    def cost(e: Expr) -> int:
        return operations(compact(e, context))

    quiet = context.having(notes=[])
    before = cost(equation.value) + 1 + sum(cost(u.value) for u in users)
    after = sum(cost(normalise(inlined(u.value, equation), quiet)) for u in users)
    return after <= before


def inlined(e: Expr, equation: Equation) -> Expr:
    """Return e with the equation's value in place of its target's elements."""

    def value_at(element: Element) -> Expr:
        slots: Mapping[Expr, Expr] = dict(zip(equation.target.indices, element.indices, strict=True))
        return substitute(equation.value, slots)

    return map_elements(e, {equation.name: value_at})


def _equation(ledger: Ledger) -> Equation:
    if ledger.equation is None:
        raise AssertionError("a ledger without an equation")
    return ledger.equation
