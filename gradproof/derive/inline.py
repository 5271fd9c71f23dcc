"""Write an adjoint into its users where the whole gets no longer, as books do: it is named where it is used often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sympy import Add, Expr, Mul

from gradproof.derive.display import compact
from gradproof.derive.edges import Edge
from gradproof.derive.implicit import is_solution
from gradproof.derive.ledger import Ledger
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Element, Iverson, names_in, substitute
from gradproof.derive.normal import Context, normalise
from gradproof.derive.normal.factors import operations

#: An adjoint with more users than this is always worth its name.
MOST_USERS = 6
#: Under a sum's sign a longer one keeps its name, if nothing cancels: X^T dz, with dz on a line of its own.
MOST_UNDER_A_SUM = 4


def inline_adjoints(ledgers: dict[str, Ledger], keep: Collection[str], context: Context) -> dict[str, Ledger]:
    """Return the ledgers that stay, with adjoints written into their users where that is no longer to read.

    The measure is the number of operators shown, plus one for an equation of its own. Adjoints in `keep`, and
    those of a recurrence, stay.
    """
    left = dict(ledgers)
    refused: dict[str, list[Equation]] = {}
    changed = True
    while changed:
        changed = False
        for name in list(left):
            if name not in keep and _try(name, left, refused, context):
                changed = True
    return left


def _try(name: str, left: dict[str, Ledger], refused: dict[str, list[Equation]], context: Context) -> bool:
    """Write one adjoint into its users and drop it, if that pays; True if it did.

    `refused` remembers for which equations it did not: it need not be tried again until one of them has changed.
    """
    equation = _equation(left[name])
    reads = names_in(equation.value)
    users = [u for u, ledger in left.items() if u != name and name in names_in(_equation(ledger).value)]
    if name in reads or len(users) > MOST_USERS or any(u in reads for u in users):
        return False
    if is_solution(equation.value):
        return _hand_over(name, equation, users, left, context)
    involved = [equation, *(_equation(left[u]) for u in users)]
    if users and (_same(involved, refused.get(name, ())) or not _pays(equation, involved[1:], context)):
        refused[name] = involved
        return False
    for u in users:
        ledger = left[u]
        ledger.replace(f"substitute {name}", _shorter(ledger.value, equation, context), detail=2)
        ledger.run(context)
    del left[name]
    return True


def _hand_over(name: str, solved: Equation, users: list[str], left: dict[str, Ledger], context: Context) -> bool:
    """Let an adjoint that is nothing but the solution of a linear system be solved for under its own name.

    A solution stands in an equation of its own, and is never written into another.
    """
    heir = next((u for u in users if _is_copy(_equation(left[u]), solved)), None)
    if heir is None or not users:
        return _dropped(name, users, left)
    mine = _equation(left[heir])
    left[heir].replace(f"substitute {name}", inlined(mine.value, solved), detail=2)
    element = Element(heir, *_places(mine, solved))
    same = Equation(solved.number, solved.target, element)
    for u in users:
        if u != heir:
            left[u].replace(f"{name} is {heir}", inlined(left[u].value, same), detail=2)
            left[u].run(context)
    order = [heir if n == name else n for n in left if n != heir]
    ledgers = {n: left[n] for n in order}
    left.clear()
    left.update(ledgers)
    return True


def _dropped(name: str, users: list[str], left: dict[str, Ledger]) -> bool:
    """Drop an adjoint that nothing reads."""
    if users:
        return False
    del left[name]
    return True


def _is_copy(equation: Equation, solved: Equation) -> bool:
    """Is the right side an element of the solved tensor, at the indices of the left one in some order?"""
    value = equation.value
    plain = isinstance(value, Element) and value.name == solved.name and set(value.indices) == set(equation.indices)
    return plain and len(value.indices) == len(equation.indices) == len(equation.target.indices)


def _places(equation: Equation, solved: Equation) -> list[Expr]:
    """The indices at which the copy is the solved tensor's element."""
    place = dict(zip(equation.value.indices, solved.target.indices, strict=True))
    return [place[i] for i in equation.target.indices]


def _shorter(value: Expr, equation: Equation, context: Context) -> Expr:
    """Return the value with the adjoint put in, as it prints where that leads as far as its terms apart do.

    (p - t)/m reads better than p/m - t/m, but a product may cancel only term by term.
    """
    printed = inlined(value, replace(equation, value=compact(equation.value, context)), context)
    apart = inlined(value, equation, context)
    return printed if _cost(printed, context) <= _cost(apart, context) else apart


def _cost(raw: Expr, context: Context) -> int:
    """Return the operators that show once the expression is in normal form and compact."""
    return operations(compact(normalise(raw, context.having(notes=[])), context))


def _same(equations: Sequence[Equation], others: Sequence[Equation]) -> bool:
    """Are they the same objects? A ledger states a new equation where anything changes."""
    return len(equations) == len(others) and all(a is b for a, b in zip(equations, others, strict=True))


def _pays(equation: Equation, users: list[Equation], context: Context) -> bool:
    own = operations(compact(equation.value, context))
    left = own + 1 + sum(operations(compact(u.value, context)) for u in users)
    for u in users:
        left -= _cost(inlined(u.value, equation, context), context)
        if left < 0:
            return False
    return left > 1 or own <= MOST_UNDER_A_SUM or not all(_under_a_sum(equation.name, u.value) for u in users)


def _under_a_sum(name: str, e: Expr) -> bool:
    """Does the adjoint stand under a sum's sign alone?"""
    return not any(x.name == name for t in Add.make_args(e) for x in Mul.make_args(t) if isinstance(x, Element))


def inlined(e: Expr, equation: Equation, context: Context | None = None) -> Expr:
    """Return e with the equation's value in place of its target's elements.

    A tensor that is 0 past its edges (by the context's knowledge) takes its guards along: its value is not 0 there.
    """
    tensor = context.tensors.get(equation.name) if context is not None else None
    edge = Edge(tensor.shape) if tensor is not None and tensor.outside is not None else None

    def value_at(element: Element) -> Expr:
        slots: Mapping[Expr, Expr] = dict(zip(equation.target.indices, element.indices, strict=True))
        guards = edge.guards(element) if edge is not None else ()
        return Mul(substitute(equation.value, slots), Iverson(*guards)) if guards else substitute(equation.value, slots)

    return map_elements(e, {equation.name: value_at})


def _equation(ledger: Ledger) -> Equation:
    if ledger.equation is None:
        raise AssertionError("a ledger without an equation")
    return ledger.equation
