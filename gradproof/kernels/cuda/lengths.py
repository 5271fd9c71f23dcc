"""Strips of a plan at the lengths that a device wants: they are made for a processor's cache.

Where the host runs the loop over the strips, what is kept for one of them has an array for all batches and heads at
once: the function around the launches makes strips shorter where these arrays would take more than a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Mul, expand

from gradproof.derive.index import Index, Size
from gradproof.kernels.cuda.steps import Cut, Repeat, Step, leaves
from gradproof.kernels.emission.places import Places
from gradproof.kernels.planner.tree import Loop, Node, Plan, Strip

#: A device works on several times as many places at once; memory still grows with the length of a sequence.
_LONGER = 8
#: Of an image's rows.
_IMAGE_ROWS = 32
#: In the simulator, so that small arrays have several strips.
_SIMULATED = 2


def with_lengths(plan: Plan, *, simulated: bool) -> Plan:
    """Return the plan with longer strips, or with short ones for the simulator."""
    regions = tuple(
        replace(region, body=tuple(_node(n, simulated=simulated) for n in region.body)) for region in plan.regions
    )
    return replace(plan, regions=regions)


def _node(node: Node, *, simulated: bool) -> Node:
    if not isinstance(node, Loop | Strip):
        return node
    body = tuple(_node(n, simulated=simulated) for n in node.body)
    if isinstance(node, Strip):
        longer = _IMAGE_ROWS if node.beside else node.length * _LONGER
        return replace(node, body=body, length=_SIMULATED if simulated else longer, beside=())
    return replace(node, body=body)


@dataclass(frozen=True, slots=True)
class Bounded:
    """Strips of the host whose length follows from the sizes.

    Attributes:
        size: the length, by index; most: its bound.
        lengths: of axes of arrays that are kept for a stretch only: (tensor, axis) -> length.
    """

    size: dict[Index, Size]
    most: dict[Index, int]
    lengths: dict[tuple[str, int], Expr]

    def each(self, index: Index, places: Places) -> Expr:
        """Return how many numbers are kept for one place of a stretch."""
        own = self.size[index]
        most = {size: self.most[i] for i, size in self.size.items() if i != index}
        names = dict.fromkeys(n for (n, _), length in self.lengths.items() if length == own)
        kept = sum((Mul(*places.extents(n)) for n in names), start=Integer(0))
        return expand(kept.xreplace(most)).coeff(own, 1)


def bounded(plan: Plan, steps: tuple[Step, ...], lengths: Mapping[tuple[str, int], Expr]) -> Bounded:
    """Return the strips that the host runs, with a length each, from the arrays of the plan."""
    from gradproof.kernels.cuda.homes import touched_by

    size: dict[Index, Size] = {}
    most: dict[Index, int] = {}
    for cut in _cuts(steps):
        size.setdefault(cut.index, Size(f"~places/{len(size)}"))
        most[cut.index] = min(most.get(cut.index, cut.strip.length), cut.strip.length)
    found = dict(lengths)
    for leaf, way in leaves(steps):
        cut_here = {step.index for step in way if isinstance(step, Cut)}
        for name, s in touched_by(leaf):
            place = plan.places[name]
            for axis in place.strips if s is not None and place.kind == "array" else ():
                if s is not None and isinstance(i := s.target.indices[axis], Index) and i in cut_here:
                    found[name, axis] = size[i]
    return Bounded(size, most, found)


def _cuts(steps: tuple[Step, ...]) -> Iterator[Cut]:
    for step in steps:
        if isinstance(step, Cut):
            yield step
        if isinstance(step, Cut | Repeat):
            yield from _cuts(step.body)
