"""The row over a plane: as any other row, over arrays whose rows and columns are one axis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradproof.derive.affine import integer_form
from gradproof.derive.nodes import Element, elements, free
from gradproof.kernels.emission.flat_rows import Flat
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.planes import Planes
from gradproof.kernels.emission.rows import RowEmitter
from gradproof.kernels.emission.terms import flat_position
from gradproof.kernels.emission.writing import RowWriter
from gradproof.kernels.expressions import Facts
from gradproof.kernels.plan import Statement

if TYPE_CHECKING:
    from gradproof.derive.conditions import Condition
    from gradproof.kernels.emission.regions import RegionEmitter


class PlaneWriter(RowWriter):
    """Writes what stands in the loop of a row over a plane."""

    planes: Planes | Flat

    def element(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element: an entry of a row, or a number bound outside."""
        if set(self.planes.indices) & free(e):
            return self.entry(self.places.access(e), facts)
        return super().element(e, facts)

    def entry(self, access: Access, facts: Facts = ()) -> str:
        """Return an entry of a row."""
        name = self.planes.row(access)
        if name not in self.exact:
            self.exact.append(name)
        return f"{name}[{self.counter}]"


class PlaneEmitter(RowEmitter):
    """Writes one row over a plane."""

    def __init__(self, region: RegionEmitter, planes: Planes | Flat) -> None:
        super().__init__(region, planes.body)
        self.planes = planes

    def writer_type(self, *arguments: Any) -> RowWriter:
        """Return what writes the loop."""
        writer = PlaneWriter(*arguments)
        writer.planes = self.planes
        return writer

    def emit(self) -> None:
        """Put the call into the region's function, and the helper into the module."""
        # A position is found before the maximum that it is compared with takes the new value.
        statements = sorted(self.row.statements, key=lambda s: not s.kind.startswith("arg"))
        self.row = replace(self.row, statements=tuple(statements))
        inside = (c for s in self.row.statements for c in s.conditions if c.kind != "eq")
        self._write(frozenset(inside))

    def _term(self, s: Statement, writer: RowWriter, tested: frozenset[Condition]) -> None:
        if not s.kind.startswith("arg"):
            if not any(self._twin(t) is s for t in self.row.statements):
                super()._term(s, writer, tested)
            return
        running, twin = self.region.running[s.name], self._twin(s)
        into, best = writer.entry(self.region.running_entry(s)), self.region.best_text(s, writer)
        self.targets += [running.name, running.best]
        place = self.frame.bind(f"np.int32({flat_position(s.reduced, self.region.writer)})", "place")
        worse = "<=" if s.kind == "argmax" else ">="
        # The first place of all is there from the start: what no place is better than is there.
        self.lines += [
            f"value = {writer.real(s.expr, self.region.facts)}",
            f"better = not value {worse} {best} and {best} == {best}",
            f"{best} = value if better else {best}{f'  # ({twin.number})' if twin is not None else ''}",
            f"{into} = {place} if better else {into}  # ({s.number})",
        ]

    def _twin(self, s: Statement) -> Statement | None:
        """Return the maximum whose position the statement finds."""
        return self.planes.slide.twin(s) if isinstance(self.planes, Planes) else None

    def _add(self, s: Statement, writer: RowWriter, tested: frozenset[Condition]) -> None:
        """Add to what the target holds: 0 where a condition does not hold."""
        value = writer.real(s.expr, self.region.facts)
        target = writer.entry(self.region.places.access(s.target))
        self.targets.append(target.split("[", 1)[0])
        left = [c for c in s.conditions if c not in tested]
        for c in left:
            (position,) = elements(c)
            sought = integer_form(position - c.operands[0] / sp.expand(c.operands[0]).coeff(position))
            place = self.frame.bind(f"np.int32({self.region.writer.integer(sought)})", "place")
            value = f"{value} if {writer.element(position)} == {place} else real(0.0)"
        self.lines.append(f"{target} += {value}  # ({s.number})")
