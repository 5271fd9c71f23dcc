"""Directions for forward mode: how the inputs move, and what their tangents and those that follow are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sympy import Expr, S

from gradproof.derive.conditions import equals_zero
from gradproof.derive.index import Index
from gradproof.derive.model import System
from gradproof.derive.naming import pick_letter
from gradproof.derive.nodes import Element, Iverson
from gradproof.derive.request import Request

#: The prefix of a tangent. It is not reserved: where a tensor bears the name already, names count (`v2_w`).
PREFIX = "v"


@dataclass(frozen=True, slots=True)
class Directions:
    """The derivatives along which the inputs move.

    Attributes:
        names: for every tensor that moves the name of its tangent.
        entry: for each input that moves, the entry of its direction at given slots.
        axes: further indices of every tangent; none for one direction, those of the input for all unit vectors.
        given: names of the directions that come in, by input; none where they are fixed.
    """

    names: Mapping[str, str]
    entry: Mapping[str, Callable[[tuple[Expr, ...]], Expr]]
    axes: tuple[Index, ...] = ()
    given: Mapping[str, str] | None = None

    def tangent(self, element: Element) -> Expr:
        """Return the derivative of an element along the direction; 0 for what does not move."""
        if element.name in self.entry:
            return self.entry[element.name](element.indices)
        return self.element(element.name, element.indices) if element.name in self.names else S.Zero

    def element(self, name: str, indices: tuple[Expr, ...]) -> Element:
        """Return the element of the tangent of a computed tensor."""
        return Element(self.names[name], *indices, *self.axes)


def any_direction(system: System, request: Request, adjoints: Mapping[str, str]) -> Directions:
    """Return one direction for all inputs together, which comes in as `v_x` for each input x."""
    names = tangent_names(system, (*request.wrt, *request.path), adjoints)
    given = {w: names[w] for w in request.wrt}
    return Directions(names, {w: _reader(name) for w, name in given.items()}, (), given)


def unit_vectors(system: System, request: Request, adjoints: Mapping[str, str]) -> Directions:
    """Return every unit vector of one input: its tangent is `[j == k]` and all tangents have a further index k."""
    (wrt,) = request.wrt
    names = tangent_names(system, request.path, adjoints)
    used = {i.name for e in system.definitions for i in e.indices}
    axes: list[Index] = []
    for size in system[wrt].shape:
        axes.append(Index(pick_letter(system, size, {*used, *(i.name for i in axes)}), size))

    def entry(slots: tuple[Expr, ...]) -> Expr:
        return Iverson(*(equals_zero(slot - axis) for slot, axis in zip(slots, axes, strict=True)))

    return Directions(names, {wrt: entry}, tuple(axes))


def at_every_entry(system: System, request: Request, adjoints: Mapping[str, str]) -> Directions:
    """Return the direction 1 at every entry: along it an elementwise function has its own derivative."""
    names = tangent_names(system, request.path, adjoints)
    return Directions(names, {w: lambda slots: S.One for w in request.wrt})


def tangent_names(system: System, moving: Collection[str], adjoints: Mapping[str, str]) -> dict[str, str]:
    """Return the tangents' names: `v_x`, and `d2_x` for that of an adjoint `d_x`.

    Args:
        system: what is differentiated; its names are taken.
        moving: the tensors that move.
        adjoints: the tensor that each adjoint among them belongs to.
    """
    taken = set(system.by_name)
    out: dict[str, str] = {}
    for name in dict.fromkeys(moving):
        prefix = name[0] if name in adjoints else PREFIX
        first = 2 if name in adjoints else 0
        stem = adjoints.get(name, name)
        counts = (first, *range(max(first + 1, 2), 1000))
        out[name] = next(n for k in counts if (n := f"{prefix}{k or ''}_{stem}") not in taken)
        taken.add(out[name])
    return out


def _reader(name: str) -> Callable[[tuple[Expr, ...]], Expr]:
    return lambda slots: Element(name, *slots)
