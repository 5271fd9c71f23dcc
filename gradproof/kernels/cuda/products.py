"""A matrix product as the arguments of `multiply`: where its operands begin, and how far apart their entries are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Integer

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free
from gradproof.errors import NotYet
from gradproof.kernels.cuda.device_writer import DeviceWriter
from gradproof.kernels.cuda.steps import Product
from gradproof.kernels.emission.places import Places
from gradproof.kernels.planner.tree import Dot


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of a product: each is some indices that run together, or none.

    Attributes:
        first, second: of the batch.
        rows, columns, inner: of the matrices.
        repeats: over which products are added up.
    """

    first: tuple[Index, ...]
    second: tuple[Index, ...]
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    inner: tuple[Index, ...]
    repeats: tuple[Index, ...]

    @property
    def all(self) -> tuple[tuple[Index, ...], ...]:
        return self.first, self.second, self.rows, self.columns, self.inner, self.repeats


class Products:
    """Writes products."""

    def __init__(self, places: Places, writer: DeviceWriter) -> None:
        self.places, self.writer = places, writer

    def call(self, product: Product, *, adds: bool) -> str:
        """Return the line that launches a product."""
        dot = product.dot
        axes = self._axes(product)
        sizes = ", ".join(self._extent(group) for group in axes.all)
        operands = []
        for e, groups in (
            (dot.left, (axes.first, axes.second, axes.rows, axes.inner, axes.repeats)),
            (dot.right, (axes.first, axes.second, axes.inner, axes.columns, axes.repeats)),
            (dot.statement.target, (axes.first, axes.second, axes.rows, axes.columns)),
        ):
            operands += [self._operand(e, dot), self._at(product, e, groups, axes)]
        mark = "+=" if adds else "="
        factor = "-1" if dot.factor < 0 else "1"
        shown = (
            f"# ({dot.statement.number}) {self.places.array(dot.statement.name)} {mark} {'-' if dot.factor < 0 else ''}"
        )
        shown += f"{self.places.array(dot.left.name)} @ {self.places.array(dot.right.name)}"
        return f"{shown}\nproduct(({sizes}), {', '.join(operands)}, {factor}, {adds}, stream)"

    def _operand(self, e: Element, dot: Dot) -> str:
        """Return the array of an element; of one in half precision beside one in float32, what `operand` made of it."""
        names = {dot.left.name, dot.right.name}
        mixed = e.name in self.writer.half and not names <= self.writer.half
        return operand_name(self.places, e.name) if mixed else self.places.array(e.name)

    def _axes(self, product: Product) -> Axes:
        """Return the axes, batches that neither operand nor target has left out."""
        dot, batch = product.dot, product.batch
        s = dot.statement
        own = [i for i in batch if i in s.free]
        repeats = tuple(i for i in batch if i in s.reduced)
        if len(own) + len(repeats) != len(batch) or len(own) > 2 or len(repeats) > 1:
            raise NotYet(f"equation ({s.number}): a product over so many loops, on CUDA")
        first, second = [(i,) for i in own] + [()] * (2 - len(own))
        return Axes(first, second, dot.rows, dot.columns, dot.inner, repeats)

    def _extent(self, group: Sequence[Index]) -> str:
        parts = []
        for index in group:
            if index in self.places.stretches:
                start, stop = self.places.stretches[index]
                parts.append(stop if start == "0" else f"({stop} - {start})" if len(group) > 1 else f"{stop} - {start}")
            else:
                parts.append(
                    self.writer.tight_integer(index.size) if len(group) > 1 else self.writer.integer(index.size)
                )
        return "*".join(parts) or "1"

    def _at(self, product: Product, e: Element, groups: Sequence[tuple[Index, ...]], axes: Axes) -> str:
        """Return where the operand begins, and how far apart its entries are along each axis."""
        access = self.places.access(e)
        running = {i for group in axes.all for i in group}
        strides: dict[Index, Expr] = {}
        begin: list[str] = []
        for a, slot in enumerate(access.slots):
            step: Expr = sp.prod(access.extents[a + 1 :]) if access.extents[a + 1 :] else Integer(1)
            rest = sp.expand(slot)
            for i in [i for i in free(slot) if i in running]:
                factor = rest.coeff(i)
                if elements(slot) or free(factor) & running:
                    raise NotYet(f"equation ({product.dot.statement.number}): a product with {e} in it, on CUDA")
                strides[i] = strides.get(i, Integer(0)) + factor * step
                rest = sp.expand(rest - factor * i)
                if i in self.places.stretches and access.strip(a) is None and self.places.stretches[i][0] != "0":
                    begin.append(
                        _times(self.places.stretches[i][0], self.writer.tight_integer(sp.expand(factor * step)))
                    )
            if rest != 0:
                begin.append(_times(self.writer.tight_integer(rest), self.writer.tight_integer(sp.expand(step))))
        texts = [" + ".join(begin) or "0"]
        texts += [self._stride(product, group, strides) for group in groups]
        return f"({', '.join(texts)})"

    def _stride(self, product: Product, group: tuple[Index, ...], strides: dict[Index, Expr]) -> str:
        """Return how far apart entries are along indices that run together."""
        if not group:
            return "0"
        found = [sp.expand(strides.get(i, Integer(0))) for i in group]
        for outer, inner, index in zip(found, found[1:], group[1:], strict=False):
            if sp.expand(inner * index.size - outer) != 0:
                raise NotYet(
                    f"equation ({product.dot.statement.number}): a product whose axes do not run together, on CUDA"
                )
        return self.writer.integer(found[-1])


def operand_name(places: Places, name: str) -> str:
    """Return what an input in half precision is called where it is multiplied with an array in float32."""
    return places.scope.names.name(("operand", name), f"{places.array(name)}_operand")


def _times(a: str, b: str) -> str:
    return a if b == "1" else b if a == "1" else f"{a}*{b}"
