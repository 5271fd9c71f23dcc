"""Windows that slide over planes: rows and columns of a plane run as one row, over arrays of one pitch.

What windows read is spread first: places that are a step apart come to lie side by side, in one array for each phase
of the step, so that what a window of u, v reads is a run of one of them. It is wider than the plane where windows
overlap; what is computed in the columns between is not used. What is added to windows goes into such an array too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sympy import Expr, Mul

from gradproof.derive.index import Index
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.slides import Slide, slides_in
from gradproof.kernels.emission.sums import Running
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Row, statements_of

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter

#: What arrays are filled with before a reduction runs in them.
_FILLS = {"sum": "real(0.0)", "max": "real(-np.inf)", "min": "real(np.inf)"}


@dataclass
class Planes:
    """The arrays of one nest of loops over a window, and the planes in it.

    Attributes:
        region: whose function is written.
        slide: the nest.
        shape, places: names of the shape of arrays of phases, and of how long the rows are.
        flat: the names of rows: of running reductions under their own, of tensors by what they read.
    """

    region: RegionEmitter
    slide: Slide
    shape: str = ""
    places: str = ""
    flat: dict[tuple[str, tuple[Expr, ...]], str] = field(default_factory=dict)
    finishing: list[str] = field(default_factory=list)

    @property
    def indices(self) -> tuple[Index, Index]:
        """The indices of the planes."""
        return self.slide.places

    @property
    def body(self) -> Row:
        """The innermost loop."""
        return self.slide.row

    def write(self) -> None:
        """Write what is done before the loops, the loops, and what is done after them."""
        self._sizes()
        cleared = {a.array for a in self.slide.added if self.region.frame.take_back(f"clear({self._plane(a)})  #")}
        for access in self.slide.windows:
            self._spread(access)
        for access in self.slide.planes:
            self._pad(access)
        for access in self.slide.added:
            self._empty(access, cleared=access.array in cleared)
        self.region.planes = self
        self.region.loop(self.slide.node)
        self.region.planes = None
        self.region.frame.put_all(self.finishing)

    # ---------------------------------------------------------------- sizes

    def _sizes(self) -> None:
        (rows, columns), integer = self.slide.sliding, self.region.writer.integer
        reach = [self._reach(x.spread, x.offset) for x in (rows, columns)]
        steps = [integer(x.step) for x in (rows, columns)]
        sizes = [integer(x.place.size) for x in (rows, columns)]
        self.shape = self.region.head(f"window_shape({', '.join((*sizes, *reach, *steps))})", "shape")
        first = sizes[0] if sizes[0].isidentifier() else f"({sizes[0]})"
        self.places = self.region.head(f"max(({first} - 1)*{self.shape}[3] + {sizes[1]}, 0)", "places")

    def _reach(self, spread: Expr, offset: Index) -> str:
        """Return how far the window's last place is from its first."""
        last = f"max({self.region.writer.integer(offset.size)} - 1, 0)"
        return last if spread == 1 else f"{self.region.writer.tight_integer(spread)}*{last}"

    def _steps(self) -> str:
        return ", ".join(self.region.writer.integer(x.step) for x in self.slide.sliding)

    def _edges(self, access: Access) -> str:
        """Return how far places are shifted in the array of phases: the padding."""
        starts = (self.slide.start(access, axis) for axis in (0, 1))
        return ", ".join(self.region.writer.integer(-start) for start in starts)

    # ---------------------------------------------------------------- arrays

    def _plane(self, access: Access) -> str:
        """Return the plane of an array."""
        return cut_text(access.array, [self.region.writer.integer(slot) for slot in access.slots[:-2]])

    def _rows(self, name: str, made: str = "room({})", own: str = "") -> tuple[str, str]:
        """Return the names of an array of the rows' pitch, and of its row."""
        height, own = self.region.writer.integer(self.slide.sliding[0].place.size), own or name
        plane = self.region.head(made.format(f"{height}, {self.shape}[3]"), f"{name}_plane", own=own)
        row = cut_text(f"as_row({plane})", [("0", self.places)])
        return plane, self.region.head(row, f"{name}_row", own=own)

    def _phases(self, name: str, own: str) -> tuple[str, str]:
        lengths = ", ".join(f"{self.shape}[{axis}]" for axis in range(4))
        phases = self.region.head(f"room_of_zeros({lengths})", f"{name}_phases", own=own)
        return phases, self.region.head(f"as_row({phases})", f"{name}_flat", own=own)

    def _spread(self, access: Access) -> None:
        """Write the copy of what windows read; what is outside stays 0."""
        given = f"{self._plane(access)}, {self._edges(access)}, {self._steps()}"
        phases, flat = self._phases(access.array, own=given)
        self.flat[access.array, access.slots] = flat
        self._once(f"spread_phases({given}, {phases})", access)

    def _pad(self, access: Access) -> None:
        if access.array in self.region.plane_rows:
            self.flat[access.array, access.slots] = self.region.plane_rows[access.array]
            return
        integer = self.slide.is_position(access)
        made = "np.full(({}), -1, np.int32)" if integer else "room_of_zeros({})"
        plane, row = self._rows(access.array, made, own=self._plane(access))
        self.flat[access.array, access.slots] = row
        self._once(f"{'pad_others' if integer else 'pad_plane'}({self._plane(access)}, {plane})", access)

    def _once(self, line: str, access: Access) -> None:
        """Write a line that makes a copy, where it has not been made and stays as it is."""
        if access.array in self.slide.changing or self.region.frame.is_new(line):
            self.region.frame.put(line)

    def _empty(self, access: Access, *, cleared: bool) -> None:
        """Make zero what windows add to, and collect it at the end: where that was zero too, it is written over."""
        phases, flat = self._phases(access.array, own=access.array)
        self.flat[access.array, access.slots] = flat
        self.region.frame.put(f"clear({flat})")
        given = ", ".join((phases, self._edges(access), self._steps(), self._plane(access)))
        number = next(s.number for s in self.slide.row.statements if s.kind == "add")
        call = f"put_phases({given})" if cleared else f"collect_phases({given}, True)"
        self.finishing.append(f"{call}  # ({number})")

    # ---------------------------------------------------------------- reductions over the window

    def start(self, s: Statement) -> Running:
        """Begin a reduction over the window, in a row."""
        array = self.region.places.array(s.name)
        position = s.kind.startswith("arg")
        plane, row = self._rows(f"{array}_total", "room_of_positions({})" if position else "room({})")
        self.region.frame.put(f"{row}[:] = {self._first(s) if position else _FILLS[s.kind]}")
        best, twin = "", self.slide.twin(s)
        if twin is not None:
            _, best = self._rows(f"{self.region.places.array(twin.name)}_total")
        elif position:
            _, best = self._rows(f"{array}_best")
            self.region.frame.put(f"{best}[:] = {_FILLS[s.kind.removeprefix('arg')]}")
        access = self.region.places.access(s.target)
        if position and self._stays(s):
            self.region.plane_rows[access.array] = row
        else:
            crop = "crop_others" if position or self.region.storage[s.name].wide else "crop_plane"
            self.finishing.append(f"{crop}({plane}, {self._plane(access)})")
        return Running(s, row, self.slide.places, best)

    def _first(self, s: Statement) -> str:
        """Return the position of the first place, -1 where windows have none."""
        return f"min({self.region.writer.integer(Mul(*[i.size for i in s.reduced]))}, 1) - 1"

    def _stays(self, s: Statement) -> bool:
        """Is a position read by windows of the same pitch alone, where what it finds between the columns adds 0?"""
        slides = [x for x in slides_in(self.region.region.body, self.region.places) if x.is_like(self.slide)]
        fit = {t for x in slides for t in x.row.statements if t.kind == "add" and x.is_killed(t)}
        plan = self.region.places.plan
        readers = [t for r in plan.regions for node in r.body for t in statements_of(node) if s.name in _read(t)]
        return plan.places[s.name].kind == "buffer" and all(t in fit for t in readers)

    def row(self, access: Access) -> str:
        """Return the name of the row that an access means at the places that are open."""
        name = self.flat.get((access.array, access.slots), access.array)
        if not any(
            access.array == w.array and access.slots == w.slots for w in (*self.slide.windows, *self.slide.added)
        ):
            return name
        integer = self.region.writer.integer
        offsets = [integer(x.spread * x.offset) for x in self.slide.sliding]
        place = f"window_place({', '.join((*offsets, self._steps(), self.shape))})"
        at = self.region.frame.bind(place, "at")
        return self.region.frame.bind(cut_text(name, [(at, f"{at} + {self.places}")]), f"{access.array}_here")


def _read(s: Statement) -> set[str]:
    return {e.name for e in reads(s)}
