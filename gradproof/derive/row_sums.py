"""Name a sum inside an adjoint that is a sum over a forward quantity once the sums are exchanged.

    d_A[i,j] = P[i,j]*(d_P[i,j] - sum[l] d_P[i,l]*P[i,l])

reads d_P twice. With d_P[i,l] = sum[f] d_O[i,f]*V[l,f] put in and the sums exchanged, the row's sum is
sum[f] d_O[i,f]*O[i,f]: it needs neither d_P nor P. Source: Dao et al. (2022), FlashAttention, appendix B.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sympy import Expr, Mul

from gradproof.derive.inline import inlined
from gradproof.derive.ledger import Ledger
from gradproof.derive.model import Equation, Role, System, Tensor
from gradproof.derive.nodes import Element, Reduce, free_indices, names_in, order_key
from gradproof.derive.normal import Context, normalise
from gradproof.derive.normal.factors import operations

#: Letters for such a sum, the first as in the literature; the first that is free is taken.
_LETTERS = ("D", "Delta", "S", "R")


@dataclass(frozen=True, slots=True)
class _Found:
    """A sum in an adjoint, and the adjoint to put in for it."""

    sum: Reduce
    inner: str


def name_sums(
    left: dict[str, Ledger], ledgers: dict[str, Ledger], system: System, context: Context
) -> tuple[dict[str, Ledger], dict[str, Ledger], Context]:
    """Return both groups of ledgers with those of the named sums before their users, and the context that knows them.

    Args:
        left: the ledgers of the adjoints that stay, in order of evaluation.
        ledgers: all of them, in the order in which they are shown.
        system: the forward equations.
        context: the normaliser's.
    """
    found = {name: f for name, ledger in left.items() if (f := _find(name, ledger, left, context)) is not None}
    # Adjoints come last to first: numbers that fall along them rise along the forward equations.
    names = dict(zip(reversed(found), _free_names(system, context, len(found)), strict=True))
    for name, f in found.items():
        target = Element(names[name], *[i for i in _target(left[name]).indices if i in free_indices(f.sum)])
        shape = tuple(i.size for i in target.indices)
        context = context.having(
            tensors={**context.tensors, target.name: Tensor(target.name, shape, Role.OUTPUT)},
            cotangents=context.cotangents | {target.name},
        )
        number = len(system.equations) + len(ledgers) + 1
        ledger = _ledger(Equation(number, target, f.sum), f.inner, left, context)
        left[name].replace(f"name the sum {target.name}", left[name].value.xreplace({f.sum: target}))
        left, ledgers = (_before(name, {target.name: ledger}, group) for group in (left, ledgers))
    return left, ledgers, context


def exchanged(e: Reduce) -> Expr:
    """Return sum[c] b*(sum[a] d*e) for sum[a] d*(sum[c] b*e): what a is not in goes before the inner sum."""
    outer, body, conditions = e.open()
    factors = Mul.make_args(body)
    sums = [f for f in factors if isinstance(f, Reduce) and f.op == "sum"]
    if e.op != "sum" or len(sums) != 1:
        return e
    inner, within, held = sums[0].open()
    parts = [*(f for f in factors if f is not sums[0]), *Mul.make_args(within)]
    bound = set(outer)
    out = [p for p in parts if bound.isdisjoint(p.free_symbols)]
    kept = [p for p in parts if not bound.isdisjoint(p.free_symbols)]
    leaving = [c for c in held if bound.isdisjoint(c.free_symbols)]
    conditions = [*conditions, *(c for c in held if c not in leaving)]
    return Reduce(
        "sum", Mul(*out, Reduce("sum", Mul(*kept), outer, e.sizes, conditions)), inner, sums[0].sizes, leaving
    )


def _find(name: str, ledger: Ledger, left: dict[str, Ledger], context: Context) -> _Found | None:
    """Return a sum over whole rows of an adjoint that gets no longer, and has no adjoint on its path to read."""
    own = set(_target(ledger).indices)
    for reduction in sorted(ledger.value.atoms(Reduce), key=order_key):
        if reduction.op != "sum" or not set(free_indices(reduction)) < own:
            continue
        for inner in sorted(names_in(reduction) & left.keys() - {name}):
            short = normalise(_exchanged(reduction, inner, left, context), context.having(notes=[]))
            if inner not in names_in(short) and operations(short) <= operations(reduction):
                return _Found(reduction, inner)
    return None


def _exchanged(reduction: Reduce, inner: str, left: dict[str, Ledger], context: Context) -> Expr:
    put = normalise(inlined(reduction, _equation(left[inner])), context.having(notes=[]))
    return exchanged(put) if isinstance(put, Reduce) else put


def _ledger(equation: Equation, inner: str, left: dict[str, Ledger], context: Context) -> Ledger:
    """Return the steps from the sum as it was found to the sum that it is."""
    ledger = Ledger()
    ledger.state("name a sum", equation, detail=2)
    put = normalise(inlined(equation.value, _equation(left[inner])), context.having(notes=[]))
    ledger.replace(f"substitute {inner}", put)
    if isinstance(put, Reduce):
        ledger.replace("exchange the sums", exchanged(put))
    ledger.run(context)
    return ledger


def _free_names(system: System, context: Context, count: int) -> Iterator[str]:
    """Yield so many names that nothing bears: D, or D1 and D2, or another letter where D is a size."""
    taken: Collection[str] = {*context.tensors, *(s.name for s in system.sizes), *system.functions}
    letter = next((x for x in _LETTERS if x not in taken), _LETTERS[0])
    names = [letter] if count == 1 else [f"{letter}{k}" for k in range(1, count + 1)]
    for name in names:
        yield name if name not in taken else next(c for k in range(2, 10**6) if (c := f"{name}_{k}") not in taken)


def _before(name: str, new: dict[str, Ledger], group: dict[str, Ledger]) -> dict[str, Ledger]:
    out: dict[str, Ledger] = {}
    for n, ledger in group.items():
        out |= new if n == name else {}
        out[n] = ledger
    return out


def _equation(ledger: Ledger) -> Equation:
    if ledger.equation is None:
        raise AssertionError("a ledger without an equation")
    return ledger.equation


def _target(ledger: Ledger) -> Element:
    return _equation(ledger).target
