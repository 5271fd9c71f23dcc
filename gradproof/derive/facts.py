"""What the normaliser may use of a system: definitions to fold, sums of them that are known, stated assumptions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, Kind, System, Tensor
from gradproof.derive.nodes import Call, Reduce, free, names_in, substitute
from gradproof.derive.normal.context import ALGEBRA, ALL_RULES, Context, Fact, row_lows
from gradproof.derive.normal.definition import Definition, exponential
from gradproof.derive.normal.normalise import normalise
from gradproof.derive.normal.sums import make_sum
from gradproof.derive.notation.printer import format_expr
from gradproof.errors import InputError


def context_of(
    system: System, tensors: Mapping[str, Tensor], cotangents: Collection[str], without: Collection[str] = ()
) -> Context:
    """Return the context for deriving a system: folded definitions, known sums and the assumptions not in `without`."""
    base = Context(dict(tensors), frozenset(cotangents), lows=row_lows(system))
    plain = [e for e in system.definitions if _foldable(e)]
    definitions: list[Definition] = []
    for equation in plain:
        current = base.having(definitions=tuple(reversed(definitions)), rules=ALL_RULES - {"assume", "output"})
        value = normalise(equation.value, current)
        definition = Definition(equation.number, equation.target, value)
        if definition.usable:
            definitions.append(definition)
        power = exponential(definition)
        if power is not None and power.usable:
            definitions.append(power)
    known = base.having(definitions=tuple(reversed(definitions)))
    stated = [*(Definition(e.number, e.target, e.value) for e in plain), *(d for d in definitions if d.function)]
    facts = [f for d in stated for f in _known_sums(d, known)]
    means = [f for e in plain if (f := _mean(e, system)) is not None]
    assumptions = assumption_facts(system, without)
    context = known.having(facts=(*facts, *means, *assumptions))
    del context.notes[:]
    return context


def _foldable(equation: Equation) -> bool:
    return equation.kind is Kind.DEFINE and len(equation.indices) == len(equation.target.indices)


def _known_sums(d: Definition, context: Context) -> list[Fact]:
    """Sum a definition over each of its own axes; where no sum, function or Add is left, the result is a fact."""
    out: list[Fact] = []
    if d.value.atoms(Condition):
        # A windowed or masked definition has no axis over which its sum is simple; looking for one is slow.
        return out
    without_itself = context.having(
        definitions=tuple(other for other in context.definitions if other.name != d.name),
        rules=ALL_RULES - {"assume", "output"},
    )
    indices = tuple(i for i in d.target.indices if isinstance(i, Index))
    for summed in indices:
        if summed in free(d.value) and not (_has_a_sum(d.value) or _may_fold_a_sum(d, context)):
            continue
        renaming = {i: fresh(i.size) for i in indices}
        opened = renaming[summed]
        value = normalise(make_sum([opened], [], substitute(d.value, renaming), without_itself), without_itself)
        if value.atoms(Reduce, Call) or isinstance(value, Add):
            continue
        pattern = Reduce("sum", substitute(d.shown, renaming), [opened])
        variables = frozenset(i for i in renaming.values() if i is not opened)
        name = f"{d.function}({d.name})" if d.function else d.name
        out.append(
            Fact(
                "known", d.name, pattern, value, variables, f"the sum of {name} over {summed.name} is {value}", d.number
            )
        )
    return out


def _mean(e: Equation, system: System) -> Fact | None:
    """Return what makes an equation `mu = 1/n * sum[i] x[i]` a mean: the deviations from it sum to 0."""
    number, total = e.value.as_independent(Reduce, as_Add=False)
    if not isinstance(total, Reduce) or total.op != "sum" or total.conditions or number * Mul(*total.sizes) != 1:
        return None
    opened, body, _ = total.open()
    deviation = Reduce("sum", body - e.target, opened)
    text = f"{format_expr(deviation, system)} = 0"
    return Fact("mean", e.name, deviation, S.Zero, frozenset(e.indices), text, e.number)


def _has_a_sum(e: Expr) -> bool:
    """Is there a sum in e that may cancel against the sum of e: below a fraction, or subtracted?"""
    if isinstance(e, Pow):
        return bool(e.atoms(Reduce)) and not e.exp.is_positive
    if isinstance(e, Add) and e.atoms(Reduce):
        return any(t.could_extract_minus_sign() for t in e.args) or any(_has_a_sum(t) for t in e.args)
    return isinstance(e, Mul) and any(_has_a_sum(a) for a in e.args)


def _may_fold_a_sum(d: Definition, context: Context) -> bool:
    """Is there a definition with a sum in it whose tensors occur in d, or in what others fold out of d?

    Only such a one can take up the sum of d; trying without is slow, and most definitions have none.
    """
    others = [o for o in context.definitions if o.name != d.name]
    names = names_in(d.value)
    while True:
        found = {o.name for o in others if o.names <= names} - names
        if not found:
            return any(o.names <= names and o.value.atoms(Reduce) for o in others)
        names |= found


def assumption_facts(system: System, without: Collection[str]) -> list[Fact]:
    """Return what the system assumes, but for the names in `without` ("all" for none)."""
    names = [a.name for a in system.assumptions]
    for name in without:
        if name not in names and name != "all":
            known = ", ".join(names) or "no name: the system states none"
            raise InputError(f"there is no assumption named {name!r}", expected=known)
    out = []
    algebra = Context(system.by_name, rules=ALGEBRA, lows=row_lows(system))
    for a in system.assumptions:
        if a.name in without or "all" in without:
            continue
        left = normalise(a.left, algebra)
        if isinstance(left, Reduce):
            variables = frozenset(i for i in free(left) if isinstance(i, Index))
            out.append(Fact("assume", a.name, left, a.right, variables, f"{a.left} = {a.right}"))
    return out
