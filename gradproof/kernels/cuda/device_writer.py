"""Expressions in a kernel: entries of arrays at the open indices, numbers in registers, numbers in memory."""

from __future__ import annotations

from sympy import Expr

from gradproof.derive.nodes import Element
from gradproof.kernels.cuda.homes import Homes
from gradproof.kernels.cuda.kernels import Sorted
from gradproof.kernels.cuda.steps import Keys
from gradproof.kernels.edges import unproved
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.emission.views import slot_text
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.expressions import Facts, Writer


class DeviceWriter(RegionWriter):
    """Writes what stands in kernels.

    Attributes:
        homes: which tensors live where.
        mine: arrays of which each block has a part: the leading axis is the block's.
        held: elements that have a local name.
        values: numbers in memory that have one.
        loops: the sizes of the loops around the statement that is written.
        half: tensors whose arrays are half precision in kernels.
        sorted: names of arrays about terms that are sorted by their keys.
    """

    normal = False
    checked_labels = False  # a look at them would wait for the device: reads at one are guarded

    def __init__(self, places: Places, homes: Homes, half: frozenset[str] = frozenset()) -> None:
        super().__init__(places)
        self.homes, self.half = homes, half
        self.mine: set[str] = {places.array(n) for n in homes.own}
        self.held: dict[Element, str] = {}
        self.values: dict[str, str] = {}
        self.loops = frozenset[Expr]()
        self.sorted: dict[Keys, Sorted] = {}

    def element(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element: a local, a number, or an entry of an array."""
        if e in self.held:
            return self.held[e]
        if self.is_local(e.name):
            return self.places.array(e.name)
        if self.places.is_scalar(e.name):
            return self.values.get(e.name, f"{self.places.array(e.name)}[()]")
        return Writer.element(self, e, facts)

    def inside(self, e: Element, facts: Facts = ()) -> str:
        """Return the text of an element that is inside its array, in the type of the arithmetic."""
        text = super().inside(e, facts)
        return f"wide({text})" if e.name in self.half else text

    def assigned(self, name: str, entry: str, value: str) -> str:
        """Return the line that writes an entry of a tensor's array."""
        return f"{entry} = {f'rounded({value})' if name in self.half else value}"

    def is_local(self, name: str) -> bool:
        """Is it a name within the kernel: a value that it makes, or a number that it is given?"""
        given = name in self.places.plan.program.inputs and not self.storage[name].shape
        return name in self.homes.local or given

    def is_checked(self, e: Element, axis: int) -> bool:
        """Has the function around the launches made sure that the read stays inside?"""
        return self.checked.covers(e, axis, self.loops)

    def is_sure(self, e: Element) -> bool:
        """Is the element inside its array, whatever holds?"""
        axes = unproved(e, self.storage[e.name], self.system, (), checked=False)
        return all(self.is_checked(e, axis) for axis, _, _ in axes)

    def by_size(self, text: str, size: str) -> str:
        """Return the text of a quotient by a size, in the module's type: most devices are slow in float64."""
        return f"{text}/{size if size.startswith('real(') else f'real({size})'}"

    def entry(self, access: Access, facts: Facts = ()) -> str:
        """Return the text of an entry; of an array with a part for each block, in this block's."""
        slots = [slot_text(access, a, self, facts) for a in range(len(access.slots))]
        if access.array in self.mine:
            slots = ["block", *slots]
        return f"{access.array}[{', '.join(slots)}]"
