"""Strips: a loop over stretches of an index, in each of which the index means that stretch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sympy import Mul

from gradproof.derive.index import Size
from gradproof.kernels.emission.packed import pack_before
from gradproof.kernels.emission.patches import PatchEmitter, patches_in
from gradproof.kernels.emission.sums import strip_length
from gradproof.kernels.emission.window_products import WindowEmitter, window_products
from gradproof.kernels.planner.tree import Node, Strip

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


def write_strip(region: RegionEmitter, node: Strip) -> None:
    """Write a loop over stretches, and what it reduces; patches, and products that read windows, in their own way."""
    begun, packed = region.begin(node), dict(region.packed)
    made = pack_before(region, node)
    patches = {inner: PatchEmitter(region, p) for inner, p in patches_in(region, node).items()}
    for emitter in patches.values():
        emitter.before()
    found = window_products(region, node, {inner: e.patches for inner, e in patches.items()})
    if found is not None:
        WindowEmitter(region, found, tuple(patches.values())).write()
    else:
        _stretches(region, node, patches)
    for emitter in patches.values():
        emitter.after()
    region.packed = packed
    region.give_back(made)
    region.end(begun)


def _stretches(region: RegionEmitter, node: Strip, patches: Mapping[Node, PatchEmitter]) -> None:
    """Write the loop itself."""
    stretches, integer = region.places.stretches, region.writer.integer
    low, high = stretches.get(node.index) or ("0", integer(node.index.size))
    start, stop = (region.frame.name(f"{region.stem(node.index)}_{end}") for end in ("start", "stop"))
    length = _length(region, node)
    region.frame.put(f"for {start} in range({low}, {high}, {length}):")
    with region.frame.block():
        region.frame.put(f"{stop} = min({start} + {length}, {high})")
        before = dict(stretches)
        stretches[node.index] = start, stop
        for other, past in node.ends:
            low, end = before.get(other, ("0", integer(other.size)))
            stretches[other] = low, f"min({end}, {stop}{f' + {past}' if past else ''})"
        for inner in node.body:
            if inner in patches:
                patches[inner].inside()
            else:
                region.node(inner)
    stretches.clear()
    stretches.update(before)


def _length(region: RegionEmitter, node: Strip) -> str:
    """Return how long stretches are; where that depends on sizes, the name of what the function makes first."""
    length = strip_length(node)
    if not isinstance(length, Size):
        return str(node.length)
    name, beside = region.scope.names[length], region.writer.integer(Mul(*[i.size for i in node.beside]))
    region.lengths[name] = f"{name} = strip_length({node.length}, {beside})"
    return name
