"""Expression nodes of the index calculus: tensor element, quotient, elementwise call, bracket, reduction, gradient.

SymPy carries them (`Add`, `Mul`, `Pow`, rationals and symbols are SymPy's own) and gives like terms, powers and
products for nothing, because equal nodes are equal objects: a reduction is stored with canonical binder names, so
that expressions equal up to renaming of bound indices, and up to the order of symmetric ones, are `==`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cmp_to_key, lru_cache

from sympy import Add, Basic, Expr, Mul, S, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.core.sympify import _sympify  # strict: text is refused, never parsed

from gradproof.derive.index import Bound, Index, fresh, scope_level, scoped
from gradproof.derive.leaves import Call, Element, Grad, Linear, Node, Product, Quotient

REDUCTIONS = ("sum", "prod", "max", "min", "logdet", "solve")


__all__ = [
    "REDUCTIONS", "Call", "Element", "Grad", "Iverson", "Linear", "Node", "Product", "Quotient", "Reduce",
    "elements", "free", "free_indices", "height", "names_in", "order_key", "rebuild", "rename_bound", "substitute",
]  # fmt: skip


class Iverson(Node):
    """`[c1, c2]`: 1 where all conditions hold, else 0; a false one makes its product 0, whatever else stands in it."""

    def __new__(cls, *conditions: Basic) -> Expr:
        from gradproof.derive.conditions import truth

        kept = set()
        for condition in conditions:
            known = truth(condition)
            if known is False:
                return S.Zero
            if known is None:
                kept.add(condition)
        return Expr.__new__(cls, *sorted(kept, key=order_key)) if kept else S.One

    @property
    def conditions(self) -> tuple[Basic, ...]:
        return self.args

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_number and exponent.is_positive else None


class Reduce(Node):
    """`op[binders, conditions] body` over typed bound indices; `args` are (op, body, binders, sizes, conditions).

    Pass the binders as `Index` symbols; the constructor closes: it renames them to canonical `Bound` names
    (height of nesting, position) and, for sums and products, orders them by where they occur. So alpha-equal
    reductions are equal. `open()` gives fresh indices back. Maxima keep their binder order: ties need it.
    """

    def __new__(
        cls,
        op: str | Str,
        body: Expr,
        binders: Iterable[Symbol],
        sizes: Iterable[Expr] | None = None,
        conditions: Iterable[Basic] = (),
    ) -> Reduce:
        from gradproof.derive.binders import binder_order

        op, body, binders = op if isinstance(op, Str) else Str(str(op)), _sympify(body), list(binders)
        sizes = [b.size for b in binders] if sizes is None else [_sympify(n) for n in sizes]
        kept = set(conditions)
        level = 1 + max([height(body), *(height(c) for c in kept)])
        if len(binders) > 1 and op.name in ("sum", "prod"):
            binders, sizes = binder_order(body, binders, sizes, kept)
        names = [Bound(level, j) for j in range(len(binders))]
        renaming = {b: n for b, n in zip(binders, names, strict=True) if b is not n}
        if renaming:
            body = rename_bound(body, renaming)
            kept = {rename_bound(c, renaming) for c in kept}
        return _reduce(op, body, Tuple(*names), Tuple(*sizes), Tuple(*sorted(kept, key=order_key)))

    @property
    def op(self) -> str:
        return self.args[0].name

    @property
    def body(self) -> Expr:
        return self.args[1]

    @property
    def binders(self) -> tuple[Bound, ...]:
        return tuple(self.args[2])

    @property
    def sizes(self) -> tuple[Expr, ...]:
        return tuple(self.args[3])

    @property
    def conditions(self) -> tuple[Basic, ...]:
        return tuple(self.args[4])

    @property
    def free_symbols(self) -> set[Symbol]:
        return set(free(self))

    def open(self, indices: Iterable[Symbol] | None = None) -> tuple[list[Index], Expr, list[Basic]]:
        """Return fresh (or the given) indices in place of the binders, the body and the conditions in them."""
        chosen = [fresh(n) for n in self.sizes] if indices is None else list(indices)
        renaming = dict(zip(self.binders, chosen, strict=True))
        return chosen, substitute(self.body, renaming), [substitute(c, renaming) for c in self.conditions]

    def opened(self) -> tuple[list[Index], Expr, list[Basic]]:
        """Return the same over indices that depend on the reduction alone: equal reductions open to equal bodies.

        For work on the body by itself, the reduction closed again at its end. They differ from all that is free in
        the reduction, but not from those of another open one: `open` is for work on several at once.
        """
        indices, body, conditions = _opened(self)
        return list(indices), body, list(conditions)


@lru_cache(None)
def _reduce(op: Str, body: Expr, binders: Tuple, sizes: Tuple, conditions: Tuple) -> Reduce:
    """Return the one object for these parts."""
    return Expr.__new__(Reduce, op, body, binders, sizes, conditions)


@lru_cache(None)
def _opened(e: Reduce) -> tuple[tuple[Index, ...], Expr, tuple[Basic, ...]]:
    level = 1 + max((scope_level(s) for s in free(e)), default=0)
    indices, body, conditions = e.open(scoped(n, level, j) for j, n in enumerate(e.sizes))
    return tuple(indices), body, tuple(conditions)


# ---------------------------------------------------------------- what an expression contains


@lru_cache(None)
def free(e: Basic) -> frozenset[Symbol]:
    """Return the free symbols (indices and sizes) of an expression or condition."""
    if isinstance(e, Symbol):
        return frozenset([e])
    out = frozenset().union(*[free(a) for a in e.args]) if e.args else frozenset()
    return out - frozenset(e.args[2]) if isinstance(e, Reduce) else out


@lru_cache(None)
def height(e: Basic) -> int:
    """Return how deeply reductions nest in an expression."""
    inner = max((height(a) for a in e.args), default=0)
    return inner + 1 if isinstance(e, Reduce) else inner


@lru_cache(None)
def elements(e: Basic) -> frozenset[Element]:
    """Return the tensor elements that occur in an expression."""
    own = frozenset([e]) if isinstance(e, Element) else frozenset()
    return own.union(*[elements(a) for a in e.args])


@lru_cache(None)
def names_in(e: Basic) -> frozenset[str]:
    """Return the names of the tensors that occur in an expression."""
    return frozenset(a.name for a in elements(e))


def free_indices(e: Basic) -> list[Index]:
    """Return the free typed indices, in a fixed order."""
    return sorted((s for s in free(e) if isinstance(s, Index)), key=lambda s: s.name)


@lru_cache(None)
def order_key(e: Basic) -> str:
    """Return a text that orders expressions the same way in every run."""
    if isinstance(e, Str | Symbol):
        return e.name
    if not isinstance(e, Basic) or not e.args:
        return str(e)
    parts = [order_key(a) for a in e.args]
    if isinstance(e, Add | Mul):
        parts.sort()
    return f"{type(e).__name__}({','.join(parts)})"


# ---------------------------------------------------------------- substitution


def substitute(e: Basic, mapping: Mapping[Basic, Basic]) -> Basic:
    """Replace symbols (or whole elements) by expressions, all at once and capture-free: reductions are opened first."""
    mapping = {k: v for k, v in mapping.items() if k != v}
    if not mapping:
        return e
    keys = frozenset(mapping) if all(isinstance(k, Symbol) for k in mapping) else None
    # Without reductions and bound names in the values nothing can be captured, and no reduction grows higher.
    flat = keys is not None and all(_is_flat(v) for v in mapping.values())
    build = _renamed if keys is not None and _is_renaming(e, mapping) else rebuild

    def go(x: Basic) -> Basic:
        if x in mapping:
            return mapping[x]
        if not x.args or (keys is not None and not (free(x) & keys)):
            return x
        if isinstance(x, Reduce) and flat:
            return _with_parts(x, go(x.body), [go(n) for n in x.sizes], [go(c) for c in x.conditions])
        if isinstance(x, Reduce):
            sizes = [go(n) for n in x.sizes]
            opened = [fresh(n) for n in sizes]
            renaming = dict(zip(x.binders, opened, strict=True))
            conditions = [go(rename_bound(c, renaming)) for c in x.conditions]
            return Reduce(x.op, go(rename_bound(x.body, renaming)), opened, sizes, conditions)
        return build(x, [go(a) for a in x.args])

    return go(e)


@lru_cache(None)
def _is_flat(e: Basic) -> bool:
    return height(e) == 0 and not any(isinstance(s, Bound) for s in free(e))


def _with_parts(e: Reduce, body: Expr, sizes: list[Expr], conditions: list[Basic]) -> Reduce:
    """Return the reduction with other parts over the same bound names, in canonical order again."""
    if len(e.binders) > 1 and e.op in ("sum", "prod"):
        return Reduce(e.op, body, e.binders, sizes, conditions)
    level = 1 + max([height(body), *(height(c) for c in conditions)])
    if e.binders != tuple(Bound(level, j) for j in range(len(e.binders))):
        return Reduce(e.op, body, e.binders, sizes, conditions)
    kept = _sorted(dict.fromkeys(conditions))
    return _reduce(e.args[0], body, e.args[2], Tuple(*sizes), kept)


def rebuild(e: Basic, args: list[Basic]) -> Basic:
    """Return the same kind of node over new arguments, brought to normal form by its constructor."""
    if all(a is b for a, b in zip(args, e.args, strict=True)):
        return e
    return e.func(*args)


def _is_renaming(e: Basic, mapping: Mapping[Basic, Basic]) -> bool:
    """Does every symbol get a name of its own, that e does not use yet?"""
    values = set(mapping.values())
    return len(values) == len(mapping) and all(isinstance(v, Symbol) for v in values) and values.isdisjoint(free(e))


def _renamed(e: Basic, args: list[Basic]) -> Basic:
    """Return what `rebuild` does, faster, for arguments in which symbols have other names and nothing else differs.

    Such factors and terms are no more alike than before: there is nothing to gather, and only their order may change.
    """
    if not isinstance(e, Mul | Add) or any(type(a) is not type(b) for a, b in zip(args, e.args, strict=True)):
        return rebuild(e, args)
    first = 1 if args[0].is_Number else 0
    rest = args[first:]
    if (first and len(rest) < 2) or any(isinstance(a, type(e)) or a.is_number for a in rest):
        return rebuild(e, args)
    rest.sort(key=_in_order)
    # What `evaluate=False` comes to in the end, without the many checks on the way there.
    return e._from_args([*args[:first], *rest], e.is_commutative)  # noqa: SLF001


_in_order = cmp_to_key(Basic.compare)


def rename_bound(e: Basic, renaming: Mapping[Symbol, Symbol]) -> Basic:
    """Replace canonical bound names or fresh indices by plain replacement.

    Safe because an inner reduction only binds names of a smaller height than the one being opened or closed.
    """
    keys = frozenset(renaming)
    build = _renamed if _is_renaming(e, renaming) else rebuild

    def go(x: Basic) -> Basic:
        if x in renaming:
            return renaming[x]
        if not x.args or not (free(x) & keys):
            return x
        if isinstance(x, Reduce):
            op, body, binders, sizes, conditions = x.args
            return _reduce(op, go(body), binders, Tuple(*map(go, sizes)), _sorted(map(go, conditions)))
        return build(x, [go(a) for a in x.args])

    return go(e)


def _sorted(conditions: Iterable[Basic]) -> Tuple:
    return Tuple(*sorted(conditions, key=order_key))
