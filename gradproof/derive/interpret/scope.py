"""What an expression is evaluated in: tensors, sizes, functions, and the indices with their axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as field_
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr, Symbol

from gradproof.derive.index import Size
from gradproof.derive.interpret.fields import Array, Field

if TYPE_CHECKING:
    from gradproof.derive.interpret.edges import EdgeRead


@dataclass(frozen=True, slots=True)
class Rows:
    """A tensor's numbers; position p of axis j is stored at p + low[j] (start rows stand before 0)."""

    array: Array
    low: tuple[int, ...]
    outside: Expr | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is evaluated in.

    Attributes:
        field: the numbers.
        tensors: the tensors known so far.
        sizes: the value of each size.
        functions: unknown functions by name, derivatives with primes.
        indices: for each index in scope its values, an array with the index's own axis.
        depth: how many axes the indices in scope have.
        edges: reads past an edge that were met, noted here.
    """

    field: Field
    tensors: Mapping[str, Rows]
    sizes: Mapping[Size, int]
    functions: Mapping[str, Callable[..., Any]]
    indices: Mapping[Symbol, Array]
    depth: int = 0
    edges: list[EdgeRead] = field_(default_factory=list)

    def watched(self) -> Scope:
        """Return the same scope with no edge met yet."""
        return replace(self, edges=[])

    def within(self, symbols: tuple[Symbol, ...], lengths: tuple[int, ...]) -> Scope:
        """Return a scope with further indices, their axes in front."""
        depth = self.depth + len(symbols)
        more = {}
        for j, (symbol, n) in enumerate(zip(symbols, lengths, strict=True)):
            more[symbol] = np.arange(n).reshape((n,) + (1,) * (depth - 1 - j))
        return replace(self, indices={**self.indices, **more}, depth=depth)
