"""Proofs by induction over the rows of a recurrence: a closed form that meets the first rows and every step.

To show is m[t] = c(t) for all t, where the first system computes m by a recurrence and the second states c. In the
recurrence c is put for every m of an earlier row, and the start row for what lies before the first; both sides must
then have one canonical form, at the first rows and at all later ones. Several recurrences are shown at once, each with
the others' closed forms put in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sympy import Basic, Expr, S

from gradproof.derive.canonical import closed_values, difference
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.index import Bound, Index, is_fresh
from gradproof.derive.mapping import map_elements, renamed_elements
from gradproof.derive.matching.merge import Merged, own_name
from gradproof.derive.matching.rows import NotByRows, Rows, rows_of
from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Element, Iverson, free_indices, names_in, substitute
from gradproof.derive.normal import Context
from gradproof.derive.normal.factors import operations
from gradproof.derive.normal.tidy import tidy
from gradproof.derive.notation.printer import format_expr

#: Recurrences that look further back than this, and longer expressions, are not tried.
MOST_ROWS, MOST_OPERATIONS = 3, 600


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proof: for which rows, and the two sides in notation."""

    rows: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Induction:
    """The closed form of a recurrence, the index that was induced over, and the proof."""

    closed: Equation
    index: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Recurrence:
    """A recurrence with definitions written in."""

    step: Equation
    rows: Rows

    def unfolded(self, element: Element, row: Expr | None) -> Expr:
        """Return an element of this row by the recurrence, and what stands before the first row; others stay."""
        if self.rows.is_beyond(element):
            return self.rows.beyond(element)
        here = element.indices[self.rows.axis] == row and self.rows.is_inside(element)
        return _at(self.step, element) if here else element


@dataclass(frozen=True, slots=True)
class _Claim:
    """A recurrence, and the closed form that is claimed of it, over the same indices."""

    step: Equation
    rows: Rows
    closed: Equation

    @property
    def row(self) -> Expr:
        return self.step.target.indices[self.rows.axis]

    def closed_at(self, element: Element) -> Expr:
        """Return the closed form of an element; before the first row, what stands there."""
        return self.rows.beyond(element) if self.rows.is_beyond(element) else _at(self.closed, element)


def inductions(merged: Merged, context: Context) -> dict[str, Induction]:
    """Return the twins that are proved by induction, by their names in the second system."""
    closed = _closed(merged)
    own = {n: r for n in merged.own if (r := _recurrence(n, merged.system, closed)) is not None}
    claims: dict[str, _Claim] = {}
    for pair in merged.twins:
        claim = _claim(pair.first, pair.second, merged.system, closed)
        if claim is not None:
            claims[pair.second] = claim
    while claims:
        by_name = {c.step.name: c for c in claims.values()}
        found = {n: _proof(c, by_name, own, context) for n, c in claims.items()}
        proved = {n: i for n, i in found.items() if i is not None}
        if len(proved) == len(claims):
            return proved
        claims = {n: claims[n] for n in proved}
    return {}


def _closed(merged: Merged) -> dict[str, Equation]:
    """Return the definitions written in; what stands between the steps of a recurrence is written into it."""
    plain = closed_values(merged.system)
    claimed = {p.first for p in merged.twins if p.first not in plain and p.second in plain}
    return closed_values(merged.system, claimed) if claimed else plain


def _recurrence(name: str, system: System, closed: Mapping[str, Equation]) -> _Recurrence | None:
    if name in closed:
        return None
    defined = [e for e in system.equations_of(name) if e.kind is Kind.DEFINE]
    if len(defined) != 1:
        return None
    step = written_in(defined[0], closed)
    rows = rows_of(system, step)
    return None if rows is None else _Recurrence(step, rows)


def _claim(first: str, second: str, system: System, closed: Mapping[str, Equation]) -> _Claim | None:
    """Return what is to show, where the first is a recurrence, and the second a closed form that does not read it."""
    found = _recurrence(first, system, closed)
    if found is None or second not in closed or first in names_in(closed[second].value):
        return None
    yours = closed[second]
    slots = dict(zip(yours.target.indices, found.step.target.indices, strict=True))
    return _Claim(found.step, found.rows, Equation(0, found.step.target, substitute(yours.value, slots)))


def _at(equation: Equation, element: Element) -> Expr:
    return substitute(equation.value, dict(zip(equation.target.indices, element.indices, strict=True)))


def _proof(
    claim: _Claim,
    claims: Mapping[str, _Claim],
    own: Mapping[str, _Recurrence],
    context: Context,
) -> Induction | None:
    """Return the proof for one recurrence: the first rows one by one, then all later ones together."""
    read = _reads(claim.step.value, claims)
    try:
        most = max((claims[e.name].rows.distance(e, claim.row) for e in read), default=0)
        if most > MOST_ROWS or not all(claims[e.name].rows.goes_with(claim.rows) for e in read):
            return None
        rows = (*claim.rows.first(most), claim.rows.later(most))
        alike = {n: r for n, r in own.items() if r.rows.goes_with(claim.rows)}
        if not all(_holds(_sides(claim, claims, row), row, alike, context) for row in rows):
            return None
        lines = [_line(_sides(claim, claims, row), row, claim, context) for row in rows]
    except NotByRows:
        return None
    return Induction(claim.closed, str(claim.row), tuple(lines))


def _reads(e: Expr, names: Collection[str]) -> list[Element]:
    """Return the elements of these tensors, with indices that know their range where reductions bind them."""
    found: list[Element] = []

    def noted(element: Element) -> Element:
        found.append(element)
        return element

    map_elements(e, dict.fromkeys(names, noted))
    return found


def _sides(claim: _Claim, claims: Mapping[str, _Claim], row: Expr) -> tuple[Expr, Expr]:
    """Return the recurrence at a row, with closed forms put in, and the closed form."""
    there = {claim.row: row}
    left = substitute(claim.step.value, there)
    right = substitute(claim.closed.value, there)
    return map_elements(left, {n: c.closed_at for n, c in claims.items()}), right


def _holds(sides: tuple[Expr, Expr], row: Expr, own: Mapping[str, _Recurrence], context: Context) -> bool:
    """Have both sides one form? Recurrences with which the closed form is written are unfolded once at this row."""
    ready = [_unfolded(_unfolded(side, row, own), None, own) for side in sides]
    return sum(map(operations, ready)) <= MOST_OPERATIONS and difference(ready[0], ready[1], context) == 0


def _unfolded(e: Expr, row: Expr | None, own: Mapping[str, _Recurrence]) -> Expr:
    def of(name: str) -> Callable[[Element], Basic]:
        return lambda element: own[name].unfolded(element, row)

    return map_elements(e, {n: of(n) for n in own})


def unfolded_here(e: Expr, steps: Mapping[str, Equation], system: System) -> Expr:
    """Return the expression with elements that are read over their whole axes given by one step of their recurrence."""

    def unfolded(element: Element) -> Expr:
        shape = system[element.name].shape
        inside = all(isinstance(i, Index) and i.size == n for i, n in zip(element.indices, shape, strict=True))
        return _at(steps[element.name], element) if inside else element

    return map_elements(e, dict.fromkeys(steps, unfolded))


def _line(sides: tuple[Expr, ...], row: Expr, claim: _Claim, context: Context) -> Line:
    """Return what is shown at a row; all later rows are shown at the recurrence's own index."""
    sides = tuple(renamed_elements(side, {n: own_name(n) for n in names_in(side)}) for side in sides)
    u = next((i for i in free_indices(row) if is_fresh(i)), None)
    left, right = (_decided(side, context) for side in sides)
    if u is None:
        return Line(f"{claim.row} = {format_expr(row)}", format_expr(left), format_expr(right))
    most = (row - u) if claim.rows.forward else claim.rows.size - u.size
    there = {u: claim.row - most if claim.rows.forward else claim.row}
    last = most - 1 if claim.rows.forward else claim.rows.size - most
    sign = ">" if claim.rows.forward else "<"
    rows = f"{claim.row} {sign} {format_expr(last)}" if most else f"every {claim.row}"
    return Line(rows, *(format_expr(substitute(side, there)) for side in (left, right)))


def _decided(e: Expr, context: Context) -> Expr:
    """Return the expression without brackets that hold, or fail, at all rows."""
    found = {b: tidy(b.conditions, context) for b in e.atoms(Iverson) if not b.atoms(Bound)}
    return e.xreplace({b: S.Zero if kept is None else Iverson(*kept) for b, kept in found.items()})
