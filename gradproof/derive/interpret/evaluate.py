"""The reference interpreter: the plain reading of the notation, over any field of numbers.

Every index is an axis of a NumPy array. A free index counts its axis from the right, a bound one is put in front
and reduced away; so an expression's value is an array over the indices that stand in it, broadcast as NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce as fold
from functools import singledispatch
from typing import Any

import numpy as np
import sympy as sp
from sympy import Add, Basic, Expr, Mul, Pow, Symbol

from gradproof.derive.conditions import REAL_KINDS, Condition
from gradproof.derive.functions import ARGS, FUNCTIONS
from gradproof.derive.index import Size
from gradproof.derive.interpret.edges import EdgeRead, met_at, note_undefined, still_met
from gradproof.derive.interpret.fields import Array, boxed
from gradproof.derive.interpret.matrices import reduced
from gradproof.derive.interpret.scope import Rows, Scope
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Product, Quotient, Reduce
from gradproof.errors import InputError, InternalError

# ---------------------------------------------------------------- integers: indices, sizes, conditions


def integer(e: Expr, scope: Scope) -> Array:
    """Return the value of an index or size expression, an array of integers."""
    if e.is_Integer:
        return np.asarray(int(e))
    if isinstance(e, Size):
        return np.asarray(scope.sizes[e])
    if isinstance(e, Symbol):
        return scope.indices[e]
    if isinstance(e, Quotient):
        return np.asarray(integer(e.num, scope) // np.maximum(integer(e.den, scope), 1))
    if isinstance(e, Element):
        read = _read(e, scope, as_integer=True)
        return read.astype(np.int64)
    parts = [integer(a, scope) for a in e.args]
    if isinstance(e, Add):
        return np.asarray(fold(np.add, parts))
    if isinstance(e, Mul | Product):
        return np.asarray(fold(np.multiply, parts))
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp >= 0:
        return np.asarray(parts[0] ** int(e.exp))
    raise InputError(f"{e} stands in an index", expected="an integer expression over indices and sizes")


def holds(c: Condition, scope: Scope) -> Array:
    """Return where a condition holds, an array of booleans."""
    kind, operands = c.kind, c.operands
    if kind in REAL_KINDS:
        return scope.field.compare(kind, value(operands[0], scope), value(operands[1], scope))
    if kind == "not":
        return np.asarray(~_all(operands, scope))
    if kind == "arg":
        best = _first_best(operands[0], scope)
        # The place of a maximum over nothing is -1, which an affine index may be too: it is equal to none.
        same = [(p >= 0) & (p == integer(i, scope)) for p, i in zip(best, operands[1], strict=True)]
        return np.asarray(fold(np.logical_and, same))
    number = integer(operands[-1], scope)
    if kind == "divides":
        divisor = integer(operands[0], scope)
        return np.asarray((divisor > 0) & (number % np.maximum(divisor, 1) == 0))
    return np.asarray({"ge": number >= 0, "eq": number == 0, "ne": number != 0}[kind])


def _all(conditions: tuple[Basic, ...], scope: Scope) -> Array:
    """Return where all conditions hold; one that reads past an edge is an error only where all the others hold."""
    mask = others = np.asarray(True)
    met = []
    for c in conditions:
        inner = scope.watched()
        found = holds(c, inner)
        mask, others = mask & found, others & (found | met_at(inner.edges, scope.depth))
        met += inner.edges
    scope.edges.extend(still_met(met, others))
    return np.asarray(mask)


# ---------------------------------------------------------------- real values


@singledispatch
def value(e: Expr, scope: Scope) -> Array:
    """Return the value of a real expression, an array of the field's numbers."""
    if e.is_Rational:
        return scope.field.rational(int(e.p), int(e.q))
    if e.is_Float:
        return value(sp.Rational(e), scope)
    if e is sp.pi:
        return scope.field.pi()
    if e is sp.E:
        return scope.field.call("exp", [scope.field.rational(1, 1)])
    raise InternalError(f"the interpreter met {type(e).__name__}: {e}")


@value.register(Symbol)
def _symbol(e: Symbol, scope: Scope) -> Array:
    return scope.field.lift(integer(e, scope))


@value.register(Quotient)
def _quotient(e: Quotient, scope: Scope) -> Array:
    return scope.field.lift(integer(e, scope))


@value.register(Element)
def _element(e: Element, scope: Scope) -> Array:
    return _read(e, scope)


def _read(e: Element, scope: Scope, *, as_integer: bool = False) -> Array:
    """Return the elements; a read past the edge gives the tensor's `outside`, else NaN (0 in an index)."""
    if e.name not in scope.tensors:
        raise InternalError(f"{e.name} is read before it is computed")
    rows = scope.tensors[e.name]
    inside = np.asarray(True)
    places = []
    for axis, i in enumerate(e.indices):
        low, n = rows.low[axis], rows.array.shape[axis]
        place = integer(i, scope) + low
        fits = (place >= 0) & (place < n)
        if rows.outside is None and not np.all(fits):
            scope.edges.append(EdgeRead(e.name, axis, place - low, (-low, n - low), np.asarray(inside & ~fits)))
        inside = inside & fits
        places.append(np.clip(place, 0, max(n - 1, 0)))
    if rows.array.size:
        found = boxed(rows.array[tuple(places)])
        found = found if found.dtype == scope.field.dtype or as_integer else scope.field.lift(found)
        if np.all(inside):
            return found
    else:
        found = np.zeros((), dtype=np.int64)
    edge = np.zeros((), dtype=np.int64) if as_integer else _outside(rows, scope)
    return np.asarray(np.where(inside, found, edge))


def _outside(rows: Rows, scope: Scope) -> Array:
    return scope.field.lift(np.asarray(np.nan)) if rows.outside is None else value(rows.outside, scope)


@value.register(Add)
def _add(e: Add, scope: Scope) -> Array:
    return boxed(fold(np.add, [value(a, scope) for a in e.args]))


@value.register(Mul)
@value.register(Product)
def _mul(e: Mul | Product, scope: Scope) -> Array:
    """A false bracket makes the product exactly 0, whatever else stands in it."""
    brackets = [a for a in e.args if isinstance(a, Iverson)]
    inner = scope.watched() if brackets else scope
    below = [a for a in e.args if isinstance(a, Pow) and a.exp.is_Rational and a.exp < 0]
    above = [a for a in e.args if not isinstance(a, Iverson) and a not in below]
    product = _times([value(a, inner) for a in above] or [scope.field.rational(1, 1)])
    if below:
        divisor = _times([value(Pow(a.base, -a.exp), inner) for a in below])
        product = note_undefined(boxed(product / divisor), (product, divisor), inner)
    if not brackets:
        return product
    conditions = tuple(c for b in brackets for c in b.conditions)
    return _where(conditions, product, scope, inner.edges)


def _times(factors: list[Array]) -> Array:
    return boxed(fold(np.multiply, factors))


def _where(conditions: tuple[Basic, ...], product: Array, scope: Scope, met: list[EdgeRead]) -> Array:
    """Return the product where the conditions hold, else 0; the edges met in it count only there."""
    mask = _all(conditions, scope)
    scope.edges.extend(still_met(met, mask))
    return np.asarray(np.where(mask, product, scope.field.rational(0, 1)))


@value.register(Iverson)
def _iverson(e: Iverson, scope: Scope) -> Array:
    return _where(e.conditions, scope.field.rational(1, 1), scope, [])


@value.register(Pow)
def _power(e: Pow, scope: Scope) -> Array:
    base = value(e.base, scope)
    return note_undefined(_raised(e, base, scope), (base,), scope)


def _raised(e: Pow, base: Array, scope: Scope) -> Array:
    if e.exp == sp.S.Half:
        return scope.field.call("sqrt", [base])
    if e.exp.is_Integer and e.exp < 0:
        return boxed(scope.field.rational(1, 1) / scope.field.power(base, value(-e.exp, scope)))
    return scope.field.power(base, value(e.exp, scope))


@value.register(Call)
def _call(e: Call, scope: Scope) -> Array:
    arguments = [value(a, scope) for a in e.arguments]
    if scope.field.has(e.name):
        return note_undefined(scope.field.call(e.name, arguments), arguments, scope)
    if e.name in FUNCTIONS:
        return note_undefined(_by_definition(FUNCTIONS[e.name].definition, arguments, scope), arguments, scope)
    if e.name in scope.functions:
        slope = scope.functions.get(e.name + "'")
        return scope.field.unknown(scope.functions[e.name], slope, arguments)
    raise InputError(
        f"the unknown function {e.name} has no values",
        expected=f"functions={{{e.name!r}: a callable, ...}}, its derivatives under {e.name + chr(39)!r}",
    )


@value.register(Grad)
def _grad(e: Grad, scope: Scope) -> Array:  # noqa: ARG001  (the signature that `value` dispatches on)
    raise InputError(f"{e} is a gradient, and the system alone does not say its value", hint="derive the system first")


#: How the heads of SymPy that stand in definitions of the table are called there.
_SYMPY_HEADS = {
    sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.sinh: "sinh", sp.cosh: "cosh",
    sp.tanh: "tanh", sp.atan: "arctan", sp.erf: "erf", sp.Abs: "abs", sp.sign: "sign", sp.floor: "floor",
    sp.Max: "max", sp.Min: "min",
}  # fmt: skip


def _by_definition(e: Expr, arguments: list[Array], scope: Scope) -> Array:
    """Return the value of a function of the table by the SymPy expression that defines it."""
    if e in ARGS:
        return arguments[ARGS.index(e)]
    if not e.free_symbols:
        return value(e, scope)
    parts = [_by_definition(a, arguments, scope) for a in e.args]
    if isinstance(e, Add | Mul):
        return boxed(fold(np.add if isinstance(e, Add) else np.multiply, parts))
    if isinstance(e, Pow):
        return scope.field.power(*parts)
    name = _SYMPY_HEADS[e.func]
    return fold(lambda a, b: scope.field.call(name, [a, b]), parts) if len(parts) > 1 else scope.field.call(name, parts)


# ---------------------------------------------------------------- reductions


_FLOAT_REDUCTIONS: dict[str, Callable[..., Any]] = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min}


@value.register(Reduce)
def _reduce(e: Reduce, scope: Scope) -> Array:
    if e.op in ("solve", "logdet"):
        return reduced(e, scope)
    terms = _terms(e, scope)
    if not len(terms):
        return note_undefined(np.broadcast_to(_identity(e.op, scope), terms.shape[1:]), (), scope)
    if scope.field.dtype is not object:
        return note_undefined(np.asarray(_FLOAT_REDUCTIONS[e.op](terms, axis=0)), terms, scope)
    step = {"sum": np.add, "prod": np.multiply}.get(e.op, lambda a, b: scope.field.call(e.op, [a, b]))
    return boxed(fold(step, [boxed(t) for t in terms]))


def _terms(e: Reduce, scope: Scope) -> Array:
    """Return the terms of a reduction in binder order along axis 0; where a condition fails, the identity."""
    lengths = tuple(int(integer(n, scope)) for n in e.sizes)
    if any(n < 0 for n in lengths):
        raise InputError(f"a sum runs over a negative number of terms, {lengths}", expected="sizes that fit together")
    inner = scope.within(e.binders, lengths).watched()
    mask = np.ones(lengths + (1,) * scope.depth, dtype=bool)
    body = value(e.body, inner)
    if e.conditions:
        met, inner = inner.edges, inner.watched()
        chosen = _all(e.conditions, inner)
        inner.edges.extend(still_met(met, chosen))
        body = np.asarray(np.where(chosen, body, _identity(e.op, scope)))
    scope.edges.extend(still_met(inner.edges, mask))
    full = np.broadcast_to(body, np.broadcast_shapes(body.shape, mask.shape))
    return full.reshape((int(np.prod(lengths)), *full.shape[len(lengths) :]))


def _identity(op: str, scope: Scope) -> Array:
    return scope.field.lift(np.asarray({"sum": 0.0, "prod": 1.0, "max": -np.inf, "min": np.inf}[op]))


def _first_best(e: Reduce, scope: Scope) -> tuple[Array, ...]:
    """Return, for each binder, where the maximum (or minimum) is reached first in binder order; -1 if over nothing."""
    terms = _terms(e, scope)
    if not len(terms):
        return tuple(np.asarray(-1) for _ in e.binders)
    best, place = terms[0], np.zeros(terms.shape[1:], dtype=np.int64)
    for k in range(1, len(terms)):
        pair = (terms[k], best) if e.op == "max" else (best, terms[k])
        better = scope.field.compare("gt", *pair)
        if scope.field.dtype is not object:  # the first NaN is the best of all, as NumPy and PyTorch have it
            better = better | (np.isnan(terms[k]) & ~np.isnan(best))
        best, place = np.where(better, terms[k], best), np.where(better, k, place)
    lengths = tuple(int(integer(n, scope)) for n in e.sizes)
    return tuple(np.asarray(p) for p in np.unravel_index(place, lengths))
