"""How much work a kernel cannot avoid: bytes that must move, and operations of its products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, prod
from typing import TYPE_CHECKING

from gradproof.bench.case import Case
from gradproof.bench.inputs import extent
from gradproof.bench.operations import operations

if TYPE_CHECKING:
    from gradproof.bench.limits import Limits
    from gradproof.derive.model import Tensor
    from gradproof.kernels.prepare import Program


@dataclass(frozen=True, slots=True)
class Amount:
    """Attributes:
    read: bytes of inputs that are read, each once.
    written: bytes of outputs.
    in_place: bytes of what is updated, counted once.
    operations: of products that are summed, a multiplication and an addition each.
    dtype: the type that they are done in.
    """

    read: float
    written: float
    in_place: float
    operations: float
    dtype: str

    def limit(self, limits: Limits) -> tuple[float, str]:
        """Return the time below which this machine cannot do it, and what sets it."""
        streams = limits.at(self.read + self.written + self.in_place)
        copied = min(self.read, self.written)
        times = {
            "copy": 2 * copied / streams.copy,
            "read": (self.read - copied) / streams.read,
            "write": (self.written - copied) / streams.copy,
            "in place": 2 * self.in_place / streams.in_place,
        }
        product = self.operations / limits.product.get(self.dtype, inf)
        memory = sum(times.values())
        return (product, "product") if product > memory else (memory, max(times, key=lambda k: times[k]))


def amount_of(case: Case) -> Amount:
    """Return what the case's kernel cannot avoid."""
    program, sizes = case.program, case.sizes
    width = 4 if case.dtype == "float32" else 8
    updated = {old for _, old in program.updated}
    arrays = {n: _bytes(program.system[n], program, sizes, width) for n in program.inputs}
    written = {n: width * _count(program.system[n], sizes) for n in program.outputs}
    return Amount(
        sum(b for n, b in arrays.items() if n not in updated),
        sum(b for n, b in written.items() if n not in dict(program.updated)),
        sum(arrays[n] for n in updated & set(arrays)),
        operations(program, sizes),
        case.dtype,
    )


def _count(t: Tensor, sizes: Mapping[str, int]) -> int:
    return prod(extent(n, sizes) for n in t.shape)


def _bytes(t: Tensor, program: Program, sizes: Mapping[str, int], width: int) -> float:
    """Return the bytes of an input that are read: of a table whose rows are chosen by data, the rows that are."""
    from gradproof.derive.nodes import Element, elements

    width = 8 if t.bound is not None else width
    reads = [(e, a) for e in program.equations for a in elements(e.value) if a.name == t.name]
    by_data = [(e, a) for e, a in reads if any(i.has(Element) for i in a.indices)]
    whole = _count(t, sizes)
    if not reads or len(by_data) < len(reads):
        return width * whole
    return width * min(whole, sum(prod(extent(i.size, sizes) for i in e.indices) for e, _ in by_data))
