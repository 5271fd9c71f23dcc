"""A maximum along a row, and sums of exponentials less that maximum, in one pass over the row.

    M[i] = max[c] z[i,c];  S[i] = sum[c] w[i,c]*exp(z[i,c] - M[i])

A thread goes through its places once. It takes exponentials less a number that it has met, its own shift, and sums up
`w*exp(z - shift)`. Where the largest z so far is more than `NEAR` above the shift, it becomes the shift, and the sum so
far is multiplied by exp(before - after), in float64. In the end each thread's sum is multiplied by exp(shift - M), and
these are added.

How far the sum is from the exact one, against the two passes, with u the roundoff of the module's type: `z - shift`
may be up to NEAR above 0, which its rounding makes a relative error of NEAR*u, where `z - M` is 0. In float32 nothing
else is added, since sums are moved in float64. In float64 moving has errors of its own: a term is moved once for each
NEAR that it lies below the maximum, and once more, with 2.5 u for the function and the product and u for each unit of
the difference. On average over the terms of a softmax, weighted as they count, `M - z` is its entropy less log S, so
at most log n: the error is at most (2.5 (1 + log(n)/NEAR) + log(n) + 2 NEAR) u for n positive terms.

With the fast exp of float32 none of that holds: it rounds what it is given to float32, when sums are moved too, and its
error grows with it. With a ulps a call and b for each unit of its argument (half an ulp of rounding among them), a term
d below the maximum has a + b*d of two passes. Here its shift may lie up to 2 NEAR below it, for `shift + NEAR` is
rounded; each move but the last is further than NEAR; all arguments are d + 4 NEAR together, and there are 4 + d/NEAR
calls at most: 4 a + 8 b + (a/2 + b)*d ulps. The header of a module says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Mul

from gradproof.derive.nodes import Call, Element, substitute
from gradproof.kernels.cuda.passes import Names, along, reading_rows, reads_name, statements, with_values
from gradproof.kernels.cuda.steps import Body, Online
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Once, Row


def online(names: Names, nodes: Sequence[Body]) -> list[Body]:
    """Return the nodes of a launch with a row for a maximum and a row for exponentials less it as one."""
    found = list(nodes)
    for at, node in enumerate(found):
        end = next((k for k in range(at + 1, len(found)) if not isinstance(found[k], Once)), len(found))
        second = found[end] if end < len(found) else None
        if not isinstance(node, Row) or not isinstance(second, Row) or second.index != node.index:
            continue
        if any(s.kind == "add" for s in node.statements):
            continue
        between = [s for n in found[at + 1 : end] if isinstance(n, Once) for s in n.statements]
        if (merged := _merged(names, node, between, second, found[end + 1 :])) is not None:
            return online(names, [*found[:at], *merged])
    return found


def _merged(
    names: Names, first: Row, between: Sequence[Statement], second: Row, rest: Sequence[Body]
) -> list[Body] | None:
    """Return the nodes from the first row on, if it goes together with the second."""
    for most in (s for s in first.statements if s.kind == "max" and s.reduced == (first.index,)):
        for shift in (s for s in between if s.kind == "map" and {e.name for e in reads(s)} == {most.name}):
            exponential = Call("exp", most.expr - shift.target)
            values = [s for s in second.statements if s.kind == "map" and s.expr == exponential]
            sums = [_sum(s, most, shift, exponential, values) for s in second.statements if s not in values]
            others = [s for s in between if s is not shift]
            if not sums or not _is_closed(names, (first, most, others, sums, values)):
                continue
            after = _with_values(names, values, first, second, rest)
            if after is None:
                continue
            row = Online(first.index, first.statements, most, shift, tuple(s for s in sums if s is not None))
            return [row, *([Once(tuple(others))] if others else []), *after]
    return None


def _sum(
    s: Statement, most: Statement, shift: Statement, exponential: Expr, values: Sequence[Statement]
) -> Statement | None:
    """Return the sum with the maximum itself in place of what it is taken of; None if it is no such sum."""
    if s.kind != "sum" or s.reduced != most.reduced or s.conditions != most.conditions or s.guards != most.guards:
        return None
    expr = substitute(s.expr, {v.target: v.expr for v in values})
    factors = Mul.make_args(expr)
    rest = Mul(*[f for f in factors if f != exponential])
    if factors.count(exponential) != 1 or {most.name, shift.name} & {e.name for e in rest.atoms(Element)}:
        return None
    return replace(s, expr=Mul(rest, Call("exp", most.target - shift.target)))


def _is_closed(
    names: Names,
    parts: tuple[Row, Statement, Sequence[Statement], Sequence[Statement | None], Sequence[Statement]],
) -> bool:
    """Is all of the second row such sums, which read nothing that stands between, and what is beside them at once?"""
    first, _, others, sums, values = parts
    if any(s is None for s in sums) or any(v.name in names.kept or v.conditions or v.guards for v in values):
        return False
    made = {s.name: s for s in first.statements}
    between = {s.name for s in others}
    for e in (e for s in sums if s is not None for e in reads(s)):
        if e.name in between or (e.name in made and along(e, first.index) and e != made[e.name].target):
            return False
    return True


def _with_values(
    names: Names, values: Sequence[Statement], first: Row, second: Row, rest: Sequence[Body]
) -> list[Body] | None:
    """Return the nodes after the two rows, with exponentials computed again where they are read."""
    found = list(rest)
    for value in values:
        rows = reading_rows(value, found, first.index)
        readers = [s for k in rows or () for s in statements(found[k]) if reads_name(s, value.name)]
        here = [s for s in second.statements if reads_name(s, value.name)]
        if rows is None or names.readers[value.name] != len(readers) + len(here):
            return None
        if any(e.name in names.updated for e in reads(value)):
            return None
        for at in rows:
            row = found[at]
            assert isinstance(row, Row)
            found[at] = with_values(row, [value], names)
    return found
