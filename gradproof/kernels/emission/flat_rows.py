"""Loops over the last two axes of arrays, whole and side by side in memory: one row over both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, elements, free
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Loop, Row

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


@dataclass(frozen=True)
class Flat:
    """Two loops that run as one.

    Attributes:
        region: whose function is written.
        body: the inner loop.
        indices: those of both loops.
    """

    region: RegionEmitter
    body: Row
    indices: tuple[Index, Index]

    def row(self, access: Access) -> str:
        """Return the name of the row that an access means at the places that are open."""
        plane = cut_text(access.array, [self.region.writer.integer(slot) for slot in access.slots[:-2]])
        return self.region.frame.bind(f"as_row({plane})", f"{access.array}_all")


def flat_row(node: Loop, region: RegionEmitter) -> Flat | None:
    """Return the loop and the one in it as one row; None where they have to be two."""
    if len(node.body) != 1 or not isinstance(node.body[0], Row) or node.direction != 1:
        return None
    row, places = node.body[0], region.places
    pair = node.index, row.index
    if any(i in places.stretches for i in pair) or not all(_takes(s, pair, places) for s in row.statements):
        return None
    return Flat(region, row, pair)


def _takes(s: Statement, pair: tuple[Index, Index], places: Places) -> bool:
    if s.conditions or s.guards or s.kind not in ("map", "sum") or s.expr.has(Iverson):
        return False
    if s.kind == "sum" and set(s.reduced) != set(pair):
        return False
    reads = [e for e in elements(s.expr) if set(pair) & free(e)]
    left = s.expr.xreplace({e: sp.Dummy() for e in elements(s.expr)})
    written = [s.target] if s.kind == "map" else []
    return not set(pair) & left.free_symbols and all(_is_whole(e, pair, places) for e in (*reads, *written))


def _is_whole(e: Element, pair: tuple[Index, Index], places: Places) -> bool:
    """Are its last two axes those of the loops, kept whole, and the others at open places?"""
    storage, place = places.plan.storage[e.name], places.plan.places[e.name]
    rank = len(storage.shape)
    return (
        e.indices[-2:] == pair and storage.shape[-2:] == tuple(i.size for i in pair)
        and place.kind != "scalar" and place.axes[-2:] == (rank - 2, rank - 1) and not place.strips
        and not any((*storage.low, *storage.high))
        and all(isinstance(slot, Index) and slot.size == n and slot not in pair
                for slot, n in zip(e.indices[:-2], storage.shape, strict=False))
    )  # fmt: skip
