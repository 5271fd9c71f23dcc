"""How a kernel's sizes are found: from the shapes of its arrays where they can be, else they are arguments."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from gradproof.derive.index import Size
from gradproof.derive.model import Tensor, size_symbols
from gradproof.kernels.prepare import Program, used_sizes


@dataclass(frozen=True, slots=True)
class Bound:
    """`size` is `factor * (x.shape[axis] - rest)`, factor being 1 or -1."""

    size: Size
    tensor: str
    axis: int
    factor: int
    rest: Expr


@dataclass(frozen=True, slots=True)
class Binding:
    """Attributes:
    bound: sizes that a shape gives, in the order in which they can be computed.
    asked: sizes that must be passed by name.
    """

    bound: tuple[Bound, ...]
    asked: tuple[Size, ...]


def bind_sizes(program: Program) -> Binding:
    """Return how each size of the system is found: plain axes first, then axes like `T + 1`."""
    inputs = tuple(program.system[n] for n in program.inputs)
    used = used_sizes(program.system, program.inputs, program.equations)
    bound: list[Bound] = []
    for plain in (True, False):
        for tensor in inputs:
            for axis, extent in enumerate(tensor.shape):
                _try(bound, tensor, axis, extent, plain=plain)
    known = {b.size for b in bound}
    return Binding(tuple(bound), tuple(s for s in used if s not in known))


def _try(bound: list[Bound], tensor: Tensor, axis: int, extent: Expr, *, plain: bool) -> None:
    known = {b.size for b in bound}
    unknown = [s for s in size_symbols(extent) if s not in known]
    if len(unknown) != 1 or (plain and extent != unknown[0]):
        return
    factor = sp.expand(extent).coeff(unknown[0])
    rest = sp.expand(extent - factor * unknown[0])
    if factor in (1, -1) and not rest.has(unknown[0]):
        bound.append(Bound(unknown[0], tensor.name, axis, int(factor), rest))
