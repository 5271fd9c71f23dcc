"""Windows that slide over the last two axes of an array: `x[n, c, s*i + u, s*j + v]`, planes of places i, j.

Loops run over the places of the window outside and over planes inside, so that all that runs innermost is long. The
gradient of what a window reads is added where it was read: `d_x[h]`, a sum over the i with `0 <= h + p - s*i < k`,
becomes `d_x[h] = 0` and, for all u < k and i, `d_x[s*i + u - p] += ...`; so does one over the u with `s | h + p - u`,
and one that adds at the position of a maximum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Integer

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import Condition, at_least_zero, divides, equals_zero
from gradproof.derive.index import Index, Size, fresh
from gradproof.derive.nodes import Element, Quotient, elements, free, order_key, substitute
from gradproof.kernels.division import Whole
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import plain, reads


@dataclass(frozen=True, slots=True)
class Sliding:
    """A slot `step*place + spread*offset + start`: the place is an index of a plane, the offset one of the window."""

    place: Index
    offset: Index
    step: Expr
    spread: Expr
    start: Expr


@dataclass(frozen=True, slots=True)
class Planes:
    """How a statement slides: both slots of its windows."""

    rows: Sliding
    columns: Sliding

    @property
    def places(self) -> tuple[Index, Index]:
        """The indices of the planes."""
        return self.rows.place, self.columns.place

    @property
    def offsets(self) -> tuple[Index, Index]:
        """The indices of the window."""
        return self.rows.offset, self.columns.offset


def planes_of(s: Statement) -> Planes | None:
    """Return how the statement slides a window over planes; None where it does not, or where it is not sure."""
    accesses = (s.target, *reads(s))
    pairs = {tuple(plain(slot) for slot in e.indices[-2:]): len(e.indices) for e in accesses if len(e.indices) > 1}
    for access in accesses:
        slots = [_pair(slot) for slot in access.indices[-2:]]
        if len(slots) < 2 or any(p is None for p in slots) or any(elements(slot) for slot in access.indices):
            continue
        both = [tuple(pair[k] for pair in slots if pair is not None) for k in (0, 1)]
        sizes = [pairs.get(b, 0) for b in both]
        if sizes[0] == sizes[1] or set(both[0]) & set(both[1]):
            continue
        places = both[0] if sizes[0] > sizes[1] else both[1]
        sliding = [sliding_slot(slot, i) for slot, i in zip(access.indices[-2:], places, strict=True)]
        if all(sliding):
            return Planes(*[x for x in sliding if x is not None])
    return None


def planes_inside(
    order: Sequence[Index], s: Statement, known: frozenset[tuple[Index, Index]] = frozenset()
) -> tuple[Index, ...]:
    """Return the order of loops with those over planes innermost, around them those over a window.

    A statement without a window may run over the planes of others, `known`: side by side, they are one row.
    """
    planes = planes_of(s)
    if planes is None:
        own = _own_plane(s, known)
        return (*[i for i in order if i not in own], *own)
    outer = [i for i in order if i not in (*planes.offsets, *planes.places)]
    return (*outer, *[i for i in order if i in planes.offsets], *planes.places)


def _own_plane(s: Statement, known: frozenset[tuple[Index, Index]]) -> tuple[Index, ...]:
    """Return the plane that all accesses with one of its indices run over."""
    accesses = (*(() if s.kind == "sum" else (s.target,)), *reads(s))
    for pair in sorted(known, key=lambda p: [order_key(i) for i in p]):
        over = [e for e in accesses if set(pair) & free(e)]
        if over and all(e.indices[-2:] == pair for e in over) and not set(pair) & set().union(*map(free, s.conditions)):
            return pair
    return ()


def _pair(slot: Expr) -> tuple[Index, Index] | None:
    found = sorted((i for i in free(slot) if isinstance(i, Index)), key=order_key)
    return (found[0], found[1]) if len(found) == 2 and not slot.has(Quotient) else None


def sliding_slot(slot: Expr, place: Index) -> Sliding | None:
    """Return the slot as one that slides with the place; None where it is not of that form."""
    others = [i for i in free(slot) if isinstance(i, Index) and i != place]
    if len(others) != 1 or place not in free(slot) or elements(slot) or slot.has(Quotient):
        return None
    e = sp.expand(slot)
    step, spread = e.coeff(place), e.coeff(others[0])
    start = integer_form(e - step * place - spread * others[0])
    if not (_is_step(step) and _is_step(spread)) or any(isinstance(i, Index) for i in free(start)):
        return None
    return Sliding(place, others[0], step, spread, start)


def _is_step(e: Expr) -> bool:
    return isinstance(e, Size) or bool(e.is_Integer and e >= 1)


def in_parts(s: Statement, storage: dict[str, Storage], known: frozenset[tuple[Index, Index]]) -> Iterator[Statement]:
    """Yield a sum over planes and more as sums over one plane each, and the sum of those.

    Args:
        s: any statement.
        storage: gets the temporary.
        known: the planes over which windows slide.
    """
    found = planes_of(s)
    places = found.places if found is not None else _whole_plane(s, known)
    rest = tuple(i for i in s.reduced if i not in places)
    if not places or s.kind != "sum" or not set(places) <= set(s.reduced) or not rest:
        yield s
        return
    offsets = found.offsets if found is not None else ()
    outer = tuple(i for i in (*s.free, *s.reduced) if i not in (*places, *offsets))
    kept = (*offsets, *outer)  # its last axes are no plane of the window
    base = f"{s.name.split('~', maxsplit=1)[0]}~plane"
    name = next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in storage)
    nothing = (0,) * len(kept)
    storage[name] = Storage(tuple(i.size for i in kept), nothing, nothing, wide=True)
    yield replace(s, target=Element(name, *kept), free=kept, reduced=tuple(places))
    yield replace(s, reduced=rest, expr=Element(name, *kept), conditions=())


def _whole_plane(s: Statement, known: frozenset[tuple[Index, Index]]) -> tuple[Index, ...]:
    """Return the plane that all reads run over, side by side."""
    pairs = {e.indices[-2:] for e in elements(s.expr)}
    return next(iter(pairs)) if len(pairs) == 1 and pairs <= known and not s.conditions else ()


def known_planes(statements: Sequence[Statement]) -> frozenset[tuple[Index, Index]]:
    """Return the planes over which windows slide."""
    return frozenset(p.places for s in statements if (p := planes_of(s)) is not None)


# -------------------------------------------------------------------- gradients of windows


def added(s: Statement, statements: Sequence[Statement], storage: dict[str, Storage]) -> Iterator[Statement]:
    """Yield the statement, or those that add its terms where the windows of other places read."""
    if s.kind == "add":
        yield _at_positions(s, statements) or s
        return
    found = _turned(s, storage, statements) if s.kind == "sum" and not s.guards else None
    if found is None:
        yield s
        return
    yield replace(s, kind="map", reduced=(), expr=Integer(0), conditions=())
    yield found


def _turned(s: Statement, storage: dict[str, Storage], statements: Sequence[Statement]) -> Statement | None:
    """Return the sum as terms that are added to the last two axes of the target."""
    if len(s.target.indices) < 2:
        return None
    inside: list[Condition] = []
    gone = s.target.indices[-2:] if _plain_axes(s) else ()
    for h in gone:
        slot = _by_range(s, h) or _by_read(s, h, storage, statements)
        if slot is None:
            return None
        place, used, mapping = slot
        inside += [at_least_zero(place), at_least_zero(h.size - 1 - place)]
        new = tuple(i for i in mapping.values() if isinstance(i, Index))
        s = replace(
            s,
            target=substitute(s.target, {h: place}),
            free=(*(i for i in s.free if i != h), *new),
            expr=substitute(s.expr, mapping),
            conditions=tuple(c for c in s.conditions if c not in used),
        )
    if not inside or s.conditions:
        return None
    if any(h in free(s.expr) for h in gone):
        return None
    done = replace(s, kind="add", free=(*s.free, *s.reduced), reduced=(), conditions=tuple(inside))
    return done if planes_of(done) is not None else None


def _plain_axes(s: Statement) -> bool:
    return all(plain(slot) in s.free for slot in s.target.indices)


#: Where a term goes, the conditions that say so, and what stands for what in the term.
_Slot = tuple[Expr, list[Condition], dict[Expr, Expr]]


def _by_range(s: Statement, h: Index) -> _Slot | None:
    """Solve `0 <= h + p - s*i < k`: with a new u < k, `h = s*i + u - p`."""
    if h in free(s.expr):
        return None
    mine = [c for c in s.conditions if h in free(c)]
    if len(mine) != 2 or any(c.kind != "ge" for c in mine):
        return None
    low, high = sorted((c.operands[0] for c in mine), key=lambda e: -int(sp.sign(sp.expand(e).coeff(h))))
    width = integer_form(low + high + 1)
    if sp.expand(low).coeff(h) != 1 or any(isinstance(i, Index) for i in free(width)) or elements(low):
        return None
    u = fresh(width)
    place = integer_form(h - low + u)
    return (place, mine, {h: u}) if h not in free(place) else None


def _by_read(s: Statement, h: Index, storage: dict[str, Storage], statements: Sequence[Statement]) -> _Slot | None:
    """Solve a read at `(h + p - r*u)/s`, which is inside its array and whole: with i for it, `h = s*i + r*u - p`."""
    slots = {(slot, _extent(e, axis, storage)) for e in elements(s.expr) for axis, slot in enumerate(e.indices)
             if h in free(slot)}  # fmt: skip
    if len(slots) != 1:
        return None
    ((slot, extent),) = slots
    num, den = (slot.num, slot.den) if isinstance(slot, Quotient) else (slot, Integer(1))
    if extent is None or sp.expand(num).coeff(h) != 1:
        return None
    wanted = [at_least_zero(num), at_least_zero(den * (extent - 1) - num), *([divides(den, num)] if den != 1 else [])]
    if {c for c in s.conditions if h in free(c)} != set(wanted):
        return None
    i = _known(s, statements, slot, extent) or fresh(extent)
    place = integer_form(h - num + den * i)
    return None if h in free(place) else (place, wanted, {slot: i})


def _known(s: Statement, statements: Sequence[Statement], slot: Expr, extent: Expr) -> Index | None:
    """Return the index with which another statement reads the same axis: both may then run in one loop."""
    axes = {(e.name, a) for e in elements(s.expr) for a, other in enumerate(e.indices) if other == slot}
    found = (
        plain(r.indices[a]) for t in statements for r in reads(t) for a in range(len(r.indices)) if (r.name, a) in axes
    )
    return next((i for i in found if i is not None and i.size == extent and i not in (*s.free, *s.reduced)), None)


def _extent(e: Element, axis: int, storage: dict[str, Storage]) -> Expr | None:
    known = storage[e.name]
    return None if known.low[axis] or known.high[axis] else known.shape[axis]


# -------------------------------------------------------------------- positions of maxima


def _at_positions(s: Statement, statements: Sequence[Statement]) -> Statement | None:
    """Return the terms that are added at positions of maxima as terms for each place of the window, where it is there.

    `d_x[s*i + pos//k, s*j + pos%k]` becomes, for all u and v, `d_x[s*i + u, s*j + v]` where `pos == u*k + v`.
    """
    wholes = {w for slot in s.target.indices for w in slot.atoms(Whole)}
    positions = {w.num for w in wholes if isinstance(w.num, Element)}
    if len(positions) != 1 or len(wholes) != 2 or not all(slot.has(*wholes) for slot in s.target.indices[-2:]):
        return None
    (position,) = positions
    made = next((t for t in statements if t.name == position.name and t.kind.startswith("arg")), None)
    if made is None or len(made.reduced) != 2 or set(made.reduced) & set(s.free) or made.target != position:
        return None
    u, v = made.reduced
    mapping = {w: v if type(w) is not Whole else u for w in wholes}
    if any(w.den != v.size for w in wholes) or len(set(mapping.values())) != 2:
        return None
    here = equals_zero(position - u * v.size - v)
    if not all(c.kind == "ge" and c.operands[0] == position for c in s.conditions):
        return None
    done = replace(s, target=substitute(s.target, mapping), free=(*s.free, u, v), conditions=(here,))
    return done if planes_of(done) is not None else None
