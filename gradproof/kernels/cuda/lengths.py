"""Strips of a plan at the lengths that a device wants: they are made for a processor's cache."""

from __future__ import annotations

from dataclasses import replace

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
