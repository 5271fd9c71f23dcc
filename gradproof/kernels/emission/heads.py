"""What the function of a region makes for itself first, and gives back at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gradproof.kernels.emission.places import Places
from gradproof.kernels.emission.reductions import Reductions
from gradproof.kernels.planner.tree import Region
from gradproof.kernels.planner.walk import products, statements

#: Lines that make an array whose memory is given back.
_ROOM = re.compile(r" = room(_of_[a-z]+)?\(")


def head_lines(region: Reductions) -> list[str]:
    """Return the lines that make what one thread needs for itself."""
    lines = ["scratch = room(SCRATCH)"] if region.uses_product else []
    lines += region.lengths.values()
    for name in buffers(region.region, region.places):
        if name in region.places.instead or region.places.array(name) in {*region.plane_rows, *region.unmade}:
            continue
        shape = ", ".join(region.writer.integer(n) for n in region.places.extents(name))
        wide, integer = region.storage[name].wide, region.storage[name].integer
        other = f"np.empty(({shape}), np.{'float64' if wide else 'int64'})"
        lines.append(f"{region.places.array(name)} = {other if wide or integer else f'room({shape})'}")
    return [*lines, *[line for _, line in region.heads.values()]]


def end_lines(head: Iterable[str]) -> list[str]:
    """Return the lines that give back what those made."""
    rooms = [line.split(" = ")[0] for line in head if _ROOM.search(line)]
    return [f"give_back({', '.join(rooms)})"] if rooms else []


def buffers(region: Region, places: Places) -> list[str]:
    """Return the tensors that each thread of a region keeps in an array of its own."""
    written = (s for node in region.body for s in (*statements(node), *(d.statement for d in products(node))))
    made = dict.fromkeys(s.name for s in written)
    return [n for n in made if places.plan.places[n].kind == "buffer" and places.plan.places[n].axes]
