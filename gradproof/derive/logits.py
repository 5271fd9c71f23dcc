"""Name the logits of a softmax that is written with more than a tensor in its exponentials.

In q[i,c] = exp(v[i,c]/tau)/(sum[k] exp(v[i,k]/tau)) the argument v/tau stands twice. Under one name, its adjoint is the
softmax rule, and the adjoints of v and tau follow from it in one product each; without, they repeat it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sympy import Basic, Expr

from gradproof.derive.bounds import in_range
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import Call, Element, Reduce, free, names_in, rebuild
from gradproof.derive.normal.match import match


def logits(equation: Equation, defined: Collection[str]) -> Expr | None:
    """Return the argument that all exponentials of a softmax share up to their indices, if it is worth a name.

    Args:
        equation: the softmax.
        defined: tensors that have an equation. In exp(s/tau) a defined s has an adjoint that all before it use.
    """
    if equation.kind is not Kind.DEFINE or len(equation.indices) != len(equation.target.indices):
        return None
    outside = {c.arguments[0] for c in _exponentials(equation.value)}
    if len(outside) != 1 or not equation.value.atoms(Reduce):
        return None
    (argument,) = outside
    sums = argument.atoms(Reduce)
    if any(r.op != "sum" for r in sums) or (len(names_in(argument)) < 2 and not sums):
        return None
    if not frozenset(equation.indices) <= free(argument):
        return None
    if argument.is_Mul and _carrier(argument, equation) in defined:
        return None
    rewritten = with_logits(equation.value, argument, equation.target)
    inside = [c for r in rewritten.atoms(Reduce) for c in r.atoms(Call) if c.name == "exp"]
    return argument if inside and all(isinstance(c.arguments[0], Element) for c in inside) else None


def _carrier(argument: Expr, equation: Equation) -> str:
    """Return the name of the one factor that has all indices, as s in s[i,j]/tau."""
    carriers = [f.name for f in argument.args if isinstance(f, Element) and frozenset(equation.indices) <= free(f)]
    return carriers[0] if len(carriers) == 1 else ""


def with_logits(e: Basic, argument: Expr, target: Element) -> Basic:
    """Return e with exp(target at the indices) in place of each exponential of the argument."""
    if isinstance(e, Call) and e.name == "exp":
        variables = frozenset(i for i in target.indices if isinstance(i, Index))
        for found in match(argument, e.arguments[0], {}, variables):
            if all(in_range(found[i], i.size) for i in target.indices):
                return Call("exp", Element(target.name, *[found[i] for i in target.indices]))
    if isinstance(e, Reduce):
        opened, body, conditions = e.open()
        return Reduce(e.op, with_logits(body, argument, target), opened, e.sizes, conditions)
    return rebuild(e, [with_logits(a, argument, target) if isinstance(a, Expr) else a for a in e.args])


def _exponentials(e: Basic) -> Iterator[Call]:
    """Yield the exponentials outside all reductions."""
    if isinstance(e, Reduce):
        return
    if isinstance(e, Call) and e.name == "exp":
        yield e
    for a in e.args:
        yield from _exponentials(a)
