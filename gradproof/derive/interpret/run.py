"""Run a system's equations in order and keep every tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof.derive.check import require_system
from gradproof.derive.index import Index, Size
from gradproof.derive.interpret.binding import Binding, bind, size_value
from gradproof.derive.interpret.edges import refuse
from gradproof.derive.interpret.evaluate import integer, value
from gradproof.derive.interpret.fields import Array, Balls, Field, Float64
from gradproof.derive.interpret.order import Loop, Plan, schedule
from gradproof.derive.interpret.scope import Rows, Scope
from gradproof.derive.model import Equation, Kind, System, Tensor
from gradproof.errors import InputError

NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}


def evaluate(
    system: System,
    inputs: Mapping[str, Any],
    *,
    field: str = "float64",
    functions: Mapping[str, Callable[..., Any]] | None = None,
    digits: int = 50,
    updates: bool = False,
) -> dict[str, Array]:
    r"""Return {name: array} of every tensor that the system computes.

    Args:
        system: the equations.
        inputs: an array for each tensor that comes in (cotangents too), an integer for each size no shape gives.
        field: "float64", or "arb" for balls with a rigorous error bound (object arrays of `flint.arb`).
        functions: the unknown functions, by name; derivatives under the name with primes.
        digits: decimal digits carried in balls.
        updates: evaluate the update rules too; the new value stands under the updated tensor's name.

    Raises:
        InputError: an input is missing, does not fit, or disagrees with another about a size.

    Example:
        >>> import gradproof as gp
        >>> net = gp.system("given x[n], w[n]\nz = sum[i] x[i]*w[i]")
        >>> float(gp.evaluate(net, {"x": [1.0, 2.0], "w": [3.0, 4.0]})["z"])
        11.0
    """
    require_system(system, "evaluate")
    if field not in ("float64", "arb"):
        raise InputError(f"there is no number field {field!r}", expected="'float64' or 'arb'")
    if field == "float64":
        return run(system, inputs, Float64(), functions=functions, updates=updates)
    from flint import ctx

    with ctx.workprec(bits(digits)):
        found = run(system, inputs, Balls(), functions=functions, updates=updates)
        return {n: _values(a) for n, a in found.items()}


def bits(digits: int) -> int:
    """Return the working precision for so many decimal digits, with guard bits for the operations in between."""
    return int(digits * 3.33) + 40


def run(
    system: System,
    inputs: Mapping[str, Any],
    numbers: Field,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    updates: bool = False,
) -> dict[str, Array]:
    """Return {name: array of the field's numbers} of every computed tensor."""
    machine = machine_for(system, inputs, numbers, functions=functions)
    with np.errstate(all="ignore"):
        found = {n: machine.result(n) for n in dict.fromkeys(e.name for e in system.definitions)}
        for equation in system.updates if updates else ():
            machine.allocate(equation.name, [equation], under=f"{equation.name} updated")
            machine.store(equation, {}, under=f"{equation.name} updated")
            found[equation.name] = machine.result(f"{equation.name} updated", equation.name)
    return found


def machine_for(
    system: System,
    inputs: Mapping[str, Any],
    numbers: Field,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Machine:
    """Return a machine that has computed every equation, and can evaluate further ones at the same inputs."""
    machine = Machine(system, bind(system, inputs), numbers, functions or NO_FUNCTIONS)
    with np.errstate(all="ignore"):
        for item in schedule(system.definitions):
            machine.do(item, {})
    return machine


def scope_of(system: System, arrays: Mapping[str, Array], sizes: Mapping[Size, int], numbers: Field) -> Scope:
    """Return a scope in which every tensor of `arrays` is known (rows before 0 are not)."""
    tensors = {n: Rows(a, (0,) * a.ndim, system[n].outside) for n, a in arrays.items()}
    return Scope(numbers, tensors, sizes, NO_FUNCTIONS, {})


@dataclass(slots=True)
class Machine:
    """The tensors computed so far; `do` adds to them."""

    system: System
    binding: Binding
    numbers: Field
    functions: Mapping[str, Callable[..., Any]]
    tensors: dict[str, Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, array in self.binding.arrays.items():
            tensor = self.system[name]
            values = array if tensor.bound is not None else self.numbers.lift(array)
            self.tensors[name] = Rows(values, (0,) * tensor.rank, tensor.outside)

    def scope(self, indices: Mapping[Any, Array], depth: int) -> Scope:
        return Scope(self.numbers, self.tensors, self.binding.sizes, self.functions, indices, depth)

    def lengths(self, tensor: Tensor) -> tuple[int, ...]:
        found = tuple(size_value(e, self.binding.sizes) for e in tensor.shape)
        bad = [e for e, n in zip(tensor.shape, found, strict=True) if n is None or n < 0]
        if bad:
            text = f"{tensor.name} has an axis of length {bad[0]}, which is negative here"
            raise InputError(text, expected="sizes that fit together")
        return found  # type: ignore[return-value]

    def do(self, item: Plan, fixed: Mapping[Index, int]) -> None:
        """Run an equation, or a loop over the positions of a recurrence."""
        if not isinstance(item, Loop):
            if item.name not in self.tensors:
                self.allocate(item.name, self.system.equations_of(item.name))
            return self.store(item, fixed)
        for name in item.axes:
            if name not in self.tensors:
                self.allocate(name, self.system.equations_of(name))
        length = max(self.lengths(self.system[n])[axis] for n, axis in item.axes.items())
        for t in reversed(range(length)) if item.backwards else range(length):
            self._step(item, t, fixed)
        return None

    def _step(self, loop: Loop, t: int, fixed: Mapping[Index, int]) -> None:
        for inner in loop.body:
            here = {}
            for equation in _equations(inner):
                index = equation.target.indices[loop.axes[equation.name]]
                if isinstance(index, Index) and t < self.lengths(self.system[equation.name])[loop.axes[equation.name]]:
                    here[index] = t
            if here:
                self.do(inner, {**fixed, **here})

    def allocate(self, name: str, equations: Any, under: str = "") -> None:
        """Make room for a tensor, with the start rows that stand before 0 or after the last position."""
        lengths = self.lengths(self.system[name])
        low, high = [0] * len(lengths), list(lengths)
        for e in equations:
            for axis, i in enumerate(e.target.indices):
                if e.kind is Kind.START and not isinstance(i, Index):
                    place = int(integer(i, self.scope({}, 0)))
                    low[axis], high[axis] = max(low[axis], -place), max(high[axis], place + 1)
        empty = np.empty([a + b for a, b in zip(low, high, strict=True)], dtype=self.numbers.dtype)
        empty[...] = self.numbers.lift(np.asarray(np.nan))[()]
        self.tensors[under or name] = Rows(empty, tuple(low), self.system[name].outside)

    def store(self, equation: Equation, fixed: Mapping[Index, int], under: str = "") -> None:
        """Evaluate an equation for all its free indices (one position of those that a loop has fixed)."""
        loose = [i for i in equation.indices if i not in fixed]
        scope = self.scope({i: np.asarray(t) for i, t in fixed.items()}, 0)
        shape = tuple(int(integer(i.size, scope)) for i in loose)
        scope = scope.within(tuple(loose), shape)
        rows = self.tensors[under or equation.name]
        result = value(equation.value, scope)
        refuse(scope.edges, equation, fixed, scope)
        places = [integer(i, scope) + low for i, low in zip(equation.target.indices, rows.low, strict=True)]
        for place, length, low in zip(places, rows.array.shape, rows.low, strict=True):
            if np.any(place >= length):
                text = f"equation ({equation.number}) defines {equation.name} at {np.max(place) - low}, past its edge"
                raise InputError(text, expected=f"positions below {length - low}")
        if places:
            # [()] unpacks a lone number: an object array would store the array of rank 0 itself.
            rows.array[tuple(places)] = np.broadcast_to(result, shape)[()]
        else:
            rows.array[()] = result[()]

    def value(self, equation: Equation) -> Array:
        """Return the right-hand side of an equation over the free indices of its target; nothing is stored."""
        scope = self.scope({}, 0)
        lengths = tuple(int(integer(i.size, scope)) for i in equation.indices)
        with np.errstate(all="ignore"):
            return np.broadcast_to(value(equation.value, scope.within(equation.indices, lengths)), lengths)

    def result(self, name: str, tensor: str = "") -> Array:
        """Return a tensor without its start rows."""
        rows = self.tensors[name]
        lengths = self.lengths(self.system[tensor or name])
        inside: tuple[Any, ...] = tuple(slice(low, low + n) for low, n in zip(rows.low, lengths, strict=True))
        return rows.array[(..., *inside)]


def _equations(item: Plan) -> list[Equation]:
    if not isinstance(item, Loop):
        return [item]
    return [e for inner in item.body for e in _equations(inner)]


def _values(array: Array) -> Array:
    out = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        out[place] = array.item(place).value
    return out
