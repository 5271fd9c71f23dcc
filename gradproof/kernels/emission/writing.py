"""Expressions in a region's function, and in the helper of a row, which gets views and numbers."""

from __future__ import annotations

from sympy import Expr

from gradproof.derive.divisors import divisors
from gradproof.derive.nodes import Element, free
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.frame import Frame
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.emission.views import Span, lead_text, row_view, scalar_wish, slot_text
from gradproof.kernels.expressions import Facts, Writer
from gradproof.kernels.reach import Checked, reaches


class RegionWriter(Writer):
    """Writes reads of whole arrays at the open indices."""

    def __init__(self, places: Places) -> None:
        super().__init__(places.plan.program.system, places.plan.storage, places.scope)
        self.places = places
        self.checked = Checked(reaches(places.plan))
        self.divisors = frozenset(divisors(e.value for e in self.system.definitions))

    def element(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element; one that is a single number is a name."""
        if self.places.is_scalar(e.name):
            return self.places.array(e.name)
        return super().element(e, facts)

    def inside(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element that is inside its array."""
        return self.entry(self.places.access(e), facts)

    def entry(self, access: Access, facts: Facts = ()) -> str:
        """Return the text of an entry: `h[t + 1, k]`."""
        return f"{access.array}[{', '.join(slot_text(access, a, self, facts) for a in range(len(access.slots)))}]"


class RowWriter(RegionWriter):
    """Writes what stands in the loop of a row; views and numbers are bound outside, in the region's function.

    Attributes:
        inner: what holds at the places of the row besides.
        loops: the sizes of the loops around the statement that is written.
        held: elements that have a local name in the loop.
        exact: names of views that are just as long as the row, in the order in which they were needed.
        stretches: arrays of which the helper gets a stretch under their own name, and the text of that.
    """

    def __init__(self, region: RegionWriter, frame: Frame, span: Span, counter: str, facts: Facts) -> None:
        Writer.__init__(self, region.system, region.storage, region.scope)
        self.places = region.places
        self.region, self.frame, self.span, self.counter, self.facts = region, frame, span, counter, facts
        self.used, self.unknown = region.used, region.unknown
        self.checked, self.divisors = region.checked, region.divisors
        self.inner: Facts = ()
        self.loops = frozenset[Expr]()
        self.held: dict[Element, str] = {}
        self.exact: list[str] = []
        self.stretches: dict[str, str] = {}

    def element(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element: a local, a number bound outside, or an entry of a view."""
        if e in self.held:
            return self.held[e]
        if self.places.is_scalar(e.name):
            return self.places.array(e.name)
        if self.span.index in free(e):
            return super().element(e, facts)
        return self.frame.bind(self.region.element(e, self.facts), scalar_wish(self.places.access(e), self.region))

    def by_size(self, text: str, size: str) -> str:
        """Return the product with the size's reciprocal, made outside: a division takes as long as ten products."""
        over = self.frame.bind(f"real(1.0)/{size}", f"over_{size.removeprefix('real(').removesuffix(')')}")
        return over if text == "real(1.0)" else f"{text}*{over}"

    def is_checked(self, e: Element, axis: int) -> bool:
        """Has the function around the loops made sure that the read stays inside, wherever this statement runs?"""
        return self.checked.covers(e, axis, self.loops)

    def entry(self, access: Access, facts: Facts = ()) -> str:
        """Return an entry of a view; where no slice has it, of the array beside the row."""
        view = row_view(access, self.span, self.region, self.facts, inner=self.inner, divisors=self.divisors)
        if view is None:
            return self._unsliced(access, facts)
        if view.stretch:
            name = access.array
            self.stretches[name] = view.text
        else:
            name = self.frame.bind(view.text, view.wish)
        if view.exact and name not in self.exact:
            self.exact.append(name)
        return f"{name}[{self.counter}]"

    def _unsliced(self, access: Access, facts: Facts) -> str:
        """Return an entry at a computed place: leading axes that do not vary are fixed outside."""
        first = min(access.varying(self.span.index), default=0)
        lead = [lead_text(access, a, self.region, self.facts) for a in range(first)]
        name = self.frame.bind(cut_text(access.array, lead), f"{access.array}_rows") if lead else access.array
        if self.span.start and not lead:  # its own name may mean a stretch of it
            name = self.frame.alias(access.array, f"{access.array}_all")
        return f"{name}[{', '.join(slot_text(access, a, self, facts) for a in range(first, len(access.slots)))}]"
