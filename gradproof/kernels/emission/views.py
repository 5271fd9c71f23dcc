"""The row of an array that a helper gets: sliced first, so that inside the helper it starts at 0."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from gradproof.derive.bounds import nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, elements, free, free_indices
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.places import Access
from gradproof.kernels.expressions import Facts, Writer


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of an index that a row runs over: all of it where `start` and `stop` are empty."""

    index: Index
    start: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A row of an array.

    Attributes:
        text: how it is cut out: `cut(z, i)`, `cut(x, n, c, (lo, hi))`.
        wish: a name for it.
        exact: has it one entry for each of the row's places?
        stretch: is it nothing but the row's stretch of an array with one axis?
    """

    text: str
    wish: str
    exact: bool
    stretch: bool = False


def row_view(
    access: Access,
    span: Span,
    writer: Writer,
    facts: Facts,
    *,
    inner: Facts = (),
    divisors: frozenset[Size] = frozenset(),
) -> View | None:
    """Return the view whose entry k is the one at place k of the row, or None where no slice gives it.

    Args:
        access: what is read or written.
        span: the row.
        writer: writes slots.
        facts: what is known of the open indices; inner: what holds at the places of the row besides.
        divisors: sizes that are at least 1.
    """
    axes = access.varying(span.index)
    if len(axes) != 1:
        return None
    axis = axes[0]
    slot = sp.expand(access.slots[axis])
    step = slot.coeff(span.index)
    offset = sp.expand(slot - step * span.index)
    inside = nonnegative(offset, facts) or (span.start != "" and nonnegative(slot, (*facts, *inner)))
    if span.index in free(offset) or not _is_step(step, divisors) or elements(slot) or not inside:
        return None
    strip = access.strip(axis)
    if strip is not None:
        if step != 1 or offset != 0:
            return None
        cut, exact = f":{strip[1]} - {strip[0]}", True
    else:
        cut, exact = _cut(span, step, offset, access.extents[axis], writer)
        exact = exact and (offset == 0 or nonnegative(sp.expand(access.extents[axis] - 1 - slot), (*facts, *inner)))
    texts = [cut if a == axis else lead_text(access, a, writer, facts) for a in range(len(access.slots))]
    tags = [_tag(i, writer) for a, i in enumerate(access.indices) if a != axis]
    wish = _wish(access.array, [*tags, _shift_tag(access, axis, span.index)])
    stretch = span.start != "" and texts == [f"{span.start}:{span.stop}"]
    return View(_view_text(access.array, texts, axis, exact=exact), wish, exact, stretch)


def _view_text(array: str, texts: list[str], axis: int, *, exact: bool) -> str:
    """Return the text of a row along an axis: a cut where it is known to lie inside, else a slice of numba's."""
    cut = texts[axis]
    if cut == ":" and axis == len(texts) - 1:
        return cut_text(array, texts[:axis])
    start, _, stop = cut.partition(":")
    if not exact or not stop.split(" - ")[0].isidentifier():  # a bound that may be below the other, or a step
        return f"{array}[{', '.join(texts)}]"
    return cut_text(array, [*texts[:axis], (start or "0", stop), *texts[axis + 1 :]])


def _is_step(step: Expr, divisors: frozenset[Size]) -> bool:
    if isinstance(step, Size):
        return step.least >= 1 or step in divisors
    return bool(step.is_Integer and step >= 1)


def _cut(span: Span, step: Expr, offset: Expr, extent: Expr, writer: Writer) -> tuple[str, bool]:
    """Return the slice, and whether it has just the row's entries."""
    if step != 1:
        if span.start:
            first = f"{writer.tight_integer(step)}*{span.start}"
            first = first if offset == 0 else f"{writer.integer(offset)} + {first}"
        else:
            first = "" if offset == 0 else writer.integer(offset)
        return f"{first}::{writer.integer(step)}", False
    if span.start:
        shift = "" if offset == 0 else f" + {writer.tight_integer(offset)}"
        return f"{span.start}{shift}:{span.stop}{shift}", True
    if offset == 0 and extent == span.index.size:
        return ":", True
    end = offset + span.index.size
    cut = f"{'' if offset == 0 else writer.integer(offset)}:{writer.integer(end)}"
    return cut, nonnegative(sp.expand(extent - end))


def slot_text(access: Access, axis: int, writer: Writer, facts: Facts) -> str:
    """Return the text of a slot; in an axis that is kept for a stretch it counts from where that begins."""
    text, strip = writer.integer(access.slots[axis], facts), access.strip(axis)
    return text if strip is None else f"{text} - {strip[0]}"


def lead_text(access: Access, axis: int, writer: Writer, facts: Facts) -> str:
    """Return the text of a slot beside the row; one that may lie outside, where nothing is read, is held inside."""
    slot, extent = access.slots[axis], access.extents[axis]
    text = writer.integer(slot, facts)
    strip = access.strip(axis)
    if strip is not None:
        return f"{text} - {strip[0]}"
    if elements(slot):
        return text
    if not nonnegative(sp.expand(extent - 1 - slot), facts):
        text = f"min({text}, {writer.integer(extent)} - 1)"
    return text if nonnegative(slot, facts) else f"max({text}, 0)"


def _shift_tag(access: Access, axis: int, index: Index) -> str:
    shift = sp.expand(access.indices[axis] - index)
    return {-1: "before", 0: "", 1: "next"}.get(int(shift), str(abs(shift))) if shift.is_Integer else ""


def scalar_wish(access: Access, writer: Writer) -> str:
    """Return a name for an entry: `total_i`."""
    return _wish(access.array, [_tag(i, writer) for i in access.indices])


def _wish(array: str, tags: list[str]) -> str:
    return "_".join([array, *[t for t in tags if t]])


def _tag(slot: Expr, writer: Writer) -> str:
    """Return a slot as part of a name: i, `before` for t - 1, `next` for t + 1, `label_i` for label[i]."""
    if isinstance(slot, Element):
        return _wish(slot.name, [_tag(s, writer) for s in slot.indices])
    indices = [writer.scope.index(i) for i in free_indices(slot) if not elements(slot)]
    if len(indices) == 1:
        shift = sp.expand(slot - free_indices(slot)[0])
        if shift in (-1, 0, 1):
            return {-1: "before", 0: indices[0], 1: "next"}[int(shift)]
    return "_".join(indices) or (str(slot) if slot.is_Integer and slot >= 0 else "")
