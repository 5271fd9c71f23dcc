"""Products with what windows read, or add, where nothing is copied: in an array of phases each row of it is one run.

The row of a place of the window goes through all places of the plane, row after row, with those between that no
window has. The other operand is written with the same gaps, 0 in them; what is computed there is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Mul

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, free
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.matrices import Matrices, Matrix
from gradproof.kernels.emission.patches import PatchEmitter, Patches
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.views import slot_text
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Node, Strip, statements_of

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


@dataclass(frozen=True)
class WindowProduct:
    """A product one of whose matrices is patches.

    Attributes:
        node: the product.
        patches: those that it reads, or that it computes for them to be added.
        factor, plane: its other two matrices: that which runs over the window's places, as a filter, and that which
            runs over the planes'.
        other: the index, or indices, that these two share.
    """

    node: Dot
    patches: Patches
    factor: Element
    plane: Element
    other: tuple[Index, ...]


def window_products(
    region: RegionEmitter, strip: Strip, patches: Mapping[Node, Patches]
) -> tuple[WindowProduct, ...] | None:
    """Return the products of a strip in its order; None where not all that is in it are patches and such products."""
    dots = [n for n in strip.body if n not in patches]
    found = [_product(region, n, patches.values()) for n in dots if isinstance(n, Dot)]
    products = tuple(p for p in found if p is not None)
    if not products or len(products) < len(dots) or strip.index in region.places.stretches or strip.ends:
        return None
    targets = [p.node.statement.name for p in products]
    if len(set(targets)) < len(targets) or any({p.node.left.name, p.node.right.name} & {*targets} for p in products):
        return None
    used = {p.patches.patch.name for p in products}
    return products if all(p.patch.name in used for p in patches.values()) else None


def _product(region: RegionEmitter, node: Dot, patches: Collection[Patches]) -> WindowProduct | None:
    s, matrices = node.statement, (node.statement.target, node.left, node.right)
    own = [p for p in patches if p.patch in matrices]
    if len(own) != 1 or s.guards or node.factor != 1 or not region.places.plan.places[own[0].patch.name].strips:
        return None
    (p,) = own
    window, places = p.window_indices, p.places
    groups = [node.rows, node.columns, node.inner]
    if window not in groups or places not in groups or p.added != (p.patch == s.target):
        return None
    (other,) = [g for g in groups if g not in (window, places)] or [()]
    rest = [e for e in matrices if e != p.patch]
    planes = [e for e in rest if set(places) <= free(e)]
    if len(rest) != 2 or len(planes) != 1 or not other:
        return None
    (plane,), (factor,) = planes, [e for e in rest if e not in planes]
    adds = node.accumulate or set(s.reduced) != set(node.inner)
    if (adds and factor != s.target) or not _is_whole(region, plane, (*other, *places)):
        return None
    return WindowProduct(node, p, factor, plane, other)


def _is_whole(region: RegionEmitter, e: Element, indices: tuple[Index, ...]) -> bool:
    """Are these the last axes of the element's array, each from its first place to its last?"""
    access, storage = region.places.access(e), region.storage[e.name]
    count = len(indices)
    return (
        access.slots[-count:] == indices and access.extents[-count:] == tuple(i.size for i in indices)
        and not access.strips and not storage.wide
        and not any(set(indices) & free(slot) for slot in access.slots[:-count])
    )  # fmt: skip


class WindowEmitter:
    """Writes the products of one strip, on whole planes."""

    def __init__(
        self, region: RegionEmitter, products: Sequence[WindowProduct], patches: Sequence[PatchEmitter]
    ) -> None:
        self.region, self.products = region, products
        self.emitters = {e.patches.patch: e for e in patches}
        self.wide: dict[tuple[Element, str], str] = {}
        region.unmade |= {region.places.array(e.name) for e in self.emitters}

    def write(self) -> None:
        """Write the products in their order."""
        self.region.uses_product = True
        for p in self.products:
            emitter, number = self.emitters[p.patches.patch], f"# ({p.node.statement.number})"
            runs = f"as_row({emitter.phases}), {self._starts(emitter)}"
            if p.patches.added:
                self._put_added(p, emitter, runs, number)
            elif p.plane == p.node.statement.target:
                self._put_read(p, emitter, runs, number)
            else:
                plane, packed = self._padded(p, emitter), self._packed(p, emitter)
                self._put(f"pack_into({plane}.T, {packed})  {number}")
                self._put(f"gemm_of_rows({runs}, {packed}, {self._sum(p)}, True, scratch)  {number}")

    def _put_added(self, p: WindowProduct, emitter: PatchEmitter, runs: str, number: str) -> None:
        """Write a product that is added to windows; lines of whole tiles need no gaps in its other operand."""
        pitch, columns = self._run(emitter)[0], emitter.sizes.split(", ")[-1]
        matrix, plane = self._turned(p), self._padded(p, emitter)
        with self._branch(f"if {columns} % TILE_COLUMNS == 0:"):
            self._put(
                f"gemm_to_rows({matrix}, {self._lines(p, emitter)}, {runs}, {columns}, {pitch}, scratch)  {number}"
            )
        with self._branch("else:"):
            self._put(f"gemm_to_rows({matrix}, {plane}, {runs}, {pitch}, {pitch}, scratch)  {number}")

    def _put_read(self, p: WindowProduct, emitter: PatchEmitter, runs: str, number: str) -> None:
        """Write a product with what windows read."""
        pitch, columns, call = self._run(emitter)[0], emitter.sizes.split(", ")[-1], f"gemm_by_rows({self._matrix(p)}"
        name, plane = self._plane(p, emitter)
        with self._branch(f"if {columns} % TILE_COLUMNS == 0:"):
            lines = self._lines(p, emitter)
            self._put(f"{call}, {runs}, {lines}, {columns}, {pitch}, False, scratch)  {number}")
        with self._branch("else:"):
            self._put(f"{call}, {runs}, {plane}, {pitch}, {pitch}, False, scratch)  {number}")
            self._put(f"crop_planes({name}, {self._planes(p, emitter)})  {number}")

    @contextmanager
    def _branch(self, head: str) -> Iterator[None]:
        self._put(head)
        with self.region.frame.block():
            yield

    def _put(self, line: str) -> None:
        self.region.frame.put(line)

    # ---------------------------------------------------------------- what runs over the window's places

    def _starts(self, emitter: PatchEmitter) -> str:
        """Return the name of where the rows of patches begin."""
        places = (*emitter.patches.own, *(x.offset for x in emitter.sliding))
        given = f"{emitter.offsets}, {emitter.spreads}, {emitter.steps}, {emitter.shape}"
        count = self.region.writer.integer(Mul(*[i.size for i in places]))
        starts = self.region.head(f"room_of_places({count})", "starts", own=given)
        self.region.first(f"window_starts({given}, {starts})")
        return starts

    def _matrix(self, p: WindowProduct) -> str:
        return str(self._factor(p.factor, p.other, p.patches.window_indices))

    def _turned(self, p: WindowProduct) -> str:
        """Return the factor with the window's places down: where they lie across, a copy, made once if it can be."""
        region, matrix = self.region, self._factor(p.factor, p.patches.window_indices, p.other)
        if not matrix.turned:
            return str(matrix)
        rows, columns = (region.writer.integer(Mul(*[i.size for i in g])) for g in (p.patches.window_indices, p.other))
        wish = f"{region.places.array(p.factor.name)}_turned"
        name = region.head(f"room({rows}, {columns})", wish, own=f"turned {p.factor}")
        line = f"copy_turned({matrix.text}, {name})"
        made = {s.name for node in region.region.body for s in statements_of(node)}
        if not free(p.factor) & set(region.opened) and p.factor.name not in made:
            region.first(line)
        else:
            self._put(line)
        return name

    def _sum(self, p: WindowProduct) -> str:
        """Return where the sum over planes runs: with the window's places down."""
        s = p.node.statement
        matrix = self._factor(self.region.running_entry(s), p.patches.window_indices, p.other)
        if not matrix.turned:
            return str(matrix)
        shape = ", ".join(
            self.region.writer.integer(Mul(*[i.size for i in g])) for g in (p.patches.window_indices, p.other)
        )
        array = self.region.places.array(s.name)
        name = self.region.head(f"room_of_zeros({shape})", f"{array}_turned", own=array)
        self.region.turned[s.name] = name, lambda: f"add_turned({name}, {self._sum_matrix(p)})  # ({s.number})"
        return name

    def _sum_matrix(self, p: WindowProduct) -> str:
        return str(self._factor(self.region.running_entry(p.node.statement), p.other, p.patches.window_indices))

    def _factor(self, e: Element | Access, rows: tuple[Index, ...], columns: tuple[Index, ...]) -> Matrix:
        region = self.region
        access = region.places.access(e) if isinstance(e, Element) else e
        return Matrices(region.writer, {}, region.facts).matrix(access, rows, columns)

    # ---------------------------------------------------------------- what runs over the planes

    def _plane(self, p: WindowProduct, emitter: PatchEmitter) -> tuple[str, str]:
        """Return the name of an array for planes with gaps, and its runs as a matrix."""
        region, array = self.region, self.region.places.array(p.plane.name)
        count, rows = self._count(p), emitter.sizes.split(", ")[0]
        pitch, run = self._run(emitter)
        name = region.head(f"room({count}, {rows}, {pitch})", f"{array}_wide", own=array)
        matrix = f"as_matrix({name}, {count}, {rows}*{pitch})"
        return name, cut_text(matrix, [("0", count), ("0", run)])

    def _padded(self, p: WindowProduct, emitter: PatchEmitter) -> str:
        """Return the runs of an operand; the first time, lines that write them are added."""
        name, plane = self._plane(p, emitter)
        if (p.plane, name) not in self.wide:
            self.wide[p.plane, name] = plane
            self._put(f"pad_planes({self._planes(p, emitter)}, {name})  # ({p.node.statement.number})")
        return plane

    def _packed(self, p: WindowProduct, emitter: PatchEmitter) -> str:
        array = self.region.places.array(p.plane.name)
        _, run = self._run(emitter)
        text = f"room({run}, packed_columns({self._count(p)}))"
        return self.region.head(text, f"{array}_packed", own=array)

    def _run(self, emitter: PatchEmitter) -> tuple[str, str]:
        """Return how far rows of planes are apart in a run, and how long it is."""
        pitch = self.region.head(f"{emitter.shape}[3]", "pitch")
        return pitch, self.region.head(f"run_length({emitter.sizes}, {pitch})", "run")

    def _count(self, p: WindowProduct) -> str:
        return self.region.writer.integer(Mul(*[i.size for i in p.other]))

    def _planes(self, p: WindowProduct, emitter: PatchEmitter) -> str:
        """Return the planes of an operand or a target as an array with three axes."""
        region, access = self.region, self.region.places.access(p.plane)
        lead = len(access.slots) - len(p.other) - len(p.patches.places)
        base = cut_text(access.array, [slot_text(access, k, region.writer, region.facts) for k in range(lead)])
        return base if len(p.other) == 1 else f"{base}.reshape({self._count(p)}, {emitter.sizes})"

    def _lines(self, p: WindowProduct, emitter: PatchEmitter) -> str:
        """Return them as a matrix, line after line."""
        return str(self._factor(p.plane, p.other, p.patches.places))


def end_turned(region: RegionEmitter, s: Statement) -> None:
    """Write the end of a sum that has run with its rows and columns turned."""
    if s.name in region.turned:
        region.frame.put(region.turned.pop(s.name)[1]())
