"""Memory and expressions of a plan at one point: what `machine` runs its tree on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, Iverson, Quotient
from gradproof.kernels.division import Rest, Whole
from gradproof.kernels.planner.tree import Plan

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "log1p": np.log1p, "expm1": np.expm1, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "arctan": np.arctan, "floor": np.floor, "abs": np.abs,
    "max": np.maximum, "min": np.minimum, "erf": math.erf, "sign": np.sign, "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softplus": lambda x: np.logaddexp(0.0, x),
    "clip": lambda x, a, b: np.minimum(np.maximum(x, a), b),
    "phi": np.sin, "phi'": np.cos, "phi''": lambda x: -np.sin(x),
}  # fmt: skip

_TESTS: dict[str, Callable[..., Any]] = {
    "ge": lambda a: a >= 0, "eq": lambda a: a == 0, "ne": lambda a: a != 0, "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b, "same": lambda a, b: a == b, "differs": lambda a, b: a != b,
}  # fmt: skip


class Memory:
    """Tensors where their places say, and what expressions are worth at the open indices."""

    def __init__(self, plan: Plan, given: Mapping[str, Any], sizes: Mapping[Size, int]) -> None:
        self.plan, self.given = plan, dict(given)
        self.sizes: dict[Basic, int] = dict(sizes)
        self.open: dict[Basic, int] = {}
        self.memory: dict[str, Any] = {}
        self.own: dict[str, Any] = {}
        self.begins: dict[Basic, int] = {}
        for name in plan.storage:
            self.fill(name)

    def fill(self, name: str) -> None:
        storage, place = self.plan.storage[name], self.plan.places[name]
        value = np.full(self._shape(name), np.nan)
        if name in self.plan.program.inputs:
            inner = tuple(slice(a, a + self.size(n)) for a, n in zip(storage.low, storage.shape, strict=True))
            value[inner] = self.given[name]
        (self.memory if place.kind != "buffer" else self.own)[name] = value

    def _shape(self, name: str) -> tuple[int, ...]:
        storage = self.plan.storage[name]
        full = [self.size(n) + a + b for n, a, b in zip(storage.shape, storage.low, storage.high, strict=True)]
        place = self.plan.places[name]
        return tuple(min(full[a], 2) if a in place.strips else full[a] for a in place.axes)

    def whole(self, name: str) -> Any:
        storage = self.plan.storage[name]
        return self.memory[name][
            tuple(slice(a, a + self.size(n)) for a, n in zip(storage.low, storage.shape, strict=True))
        ]

    def _at(self, e: Element) -> tuple[Any, tuple[int, ...]]:
        storage, place = self.plan.storage[e.name], self.plan.places[e.name]
        slots = [self.integer(i) + low for i, low in zip(e.indices, storage.low, strict=True)]
        for axis in place.strips:
            slots[axis] -= self.begins[e.indices[axis]]
        home = self.own if e.name in self.own else self.memory
        return home[e.name], tuple(slots[a] for a in place.axes)

    def is_inside(self, e: Element) -> bool:
        array, slots = self._at(e)
        return all(0 <= k < n for k, n in zip(slots, array.shape, strict=True))

    def read(self, e: Element) -> Any:
        array, slots = self._at(e)
        if not self.is_inside(e):
            outside = self.plan.program.system[e.name].outside if "~" not in e.name else None
            return np.nan if outside is None else self.value(outside)
        return array[slots]

    def write(self, e: Element, value: Any) -> None:
        array, slots = self._at(e)
        if all(k < n for k, n in zip(slots, array.shape, strict=True)):  # a start row past an empty axis
            array[slots] = value

    # ---------------------------------------------------------------- expressions

    def size(self, e: Expr) -> int:
        return int(e.xreplace(self.sizes))

    def integer(self, e: Expr) -> int:
        return round(float(self.value(e)))

    def value(self, e: Basic) -> Any:
        for kind, worth in self._leaves():
            if isinstance(e, kind):
                return worth(e)
        if e.is_number:
            return float(e)
        if isinstance(e, Mul):
            if not all(self.holds(a.conditions) for a in e.args if isinstance(a, Iverson)):
                return 0.0
            return math.prod(self.value(a) for a in e.args if not isinstance(a, Iverson))
        if isinstance(e, Add):
            return sum(self.value(a) for a in e.args)
        assert isinstance(e, Pow), e
        return np.float64(self.value(e.base)) ** self.value(e.exp)

    def _leaves(self) -> tuple[tuple[type, Callable[[Any], Any]], ...]:
        return (
            (Index, lambda e: self.open[e]),
            (Size, lambda e: self.sizes[e]),
            (Element, self.read),
            (Quotient, lambda e: self.integer(e.num) // self.integer(e.den)),
            (Rest, lambda e: self.integer(e.num) % self.integer(e.den)),
            (Whole, lambda e: self.integer(e.num) // self.integer(e.den)),
            (Iverson, lambda e: float(self.holds(e.conditions))),
            (Call, lambda e: _FUNCTIONS[e.name](*[self.value(a) for a in e.arguments])),
        )

    def holds(self, conditions: Any) -> bool:
        integers = [c for c in conditions if c.kind in ("ge", "eq", "ne", "divides")]
        return all(self._holds(c) for c in [*integers, *[c for c in conditions if c not in integers]])

    def _holds(self, c: Any) -> bool:
        if c.kind == "not":
            return not self.holds(c.operands)
        a = [self.value(o) for o in c.operands]
        if c.kind == "divides":
            return bool(a[1] % a[0] == 0)
        return bool(_TESTS[c.kind](*a))
