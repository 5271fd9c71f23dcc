"""The function that a caller sees: it checks the arguments, binds the sizes, makes the outputs and calls the loops."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from gradproof.derive.divisors import divisors
from gradproof.derive.index import Size
from gradproof.derive.model import Tensor
from gradproof.kernels.binding import Bound, bind_sizes
from gradproof.kernels.breaking import paragraph
from gradproof.kernels.emit import Body
from gradproof.kernels.expressions import Writer
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.reach import reaches
from gradproof.kernels.scope import Scope


@dataclass(frozen=True, slots=True)
class Wrapper:
    """The text of a kernel's functions.

    Attributes:
        loops: the compiled functions.
        function: the function around them.
        arguments: its parameters.
        results: names of what it returns.
        parameters: (name in the system, parameter).
        functions: unknown functions (name, parameter).
        sizes: sizes of the kernel.
    """

    loops: str
    function: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    functions: tuple[tuple[str, str], ...]
    sizes: tuple[Size, ...]


class Wrapping:
    """Writes what the function that a caller sees does with its arguments and results."""

    def __init__(self, nest: Plan, name: str, scope: Scope, body: Body) -> None:
        self.nest, self.name, self.scope, self.body = nest, name, scope, body
        self.system, self.program = nest.program.system, nest.program
        self.inputs = tuple(self.system[n] for n in self.program.inputs)
        self.binding = bind_sizes(self.program)
        self.writer = Writer(self.system, nest.storage, scope)
        self.functions = tuple((f, scope.function(f)) for f in body.unknown)
        self.made = tuple(
            n for n, s in nest.storage.items() if s.shape and not s.local and n not in self.program.inputs
        )
        self.numbers = tuple(n for n in self.program.outputs if not nest.storage[n].shape)

    def wrapper(self) -> Wrapper:
        """Return the text of a kernel."""
        updated = dict(self.program.updated)
        results = tuple(updated.get(n, n) for n in self.program.outputs)
        parameters = [(t.name, self.scope.tensor(t.name)) for t in self.inputs]
        parameters += [(s.name, self.scope.names[s]) for s in self.binding.asked]
        sizes = (*[b.size for b in self.binding.bound], *self.binding.asked)
        return Wrapper(
            self.compiled(), self.function(results), self._arguments(), results,
            (*parameters, *self.functions), self.functions, sizes,
        )  # fmt: skip

    def compiled(self) -> str:
        """Return the text of the functions that numba compiles."""
        raise NotImplementedError

    def function(self, results: tuple[str, ...]) -> str:
        """Return the text of the function that a caller sees."""
        raise NotImplementedError

    def _arguments(self) -> tuple[str, ...]:
        named = [self.scope.names[s] for s in self.binding.asked] + [p for _, p in self.functions]
        return (*[self.scope.tensor(t.name) for t in self.inputs], *(["*", *named] if named else []))

    def _docstring(self, results: tuple[str, ...]) -> list[str]:
        lines = [*paragraph(f'"""Return {{{", ".join(results)}}}: {self._purpose()}'), "", "Args:"]
        lines += [f"    {self.scope.tensor(t.name)}: {self._kind(t)}" for t in self.inputs]
        lines += [f"    {self.scope.names[s]}: size, at least {self._least(s)}" for s in self.binding.asked]
        lines += [f"    {p}: the function {name}, compiled with numba.njit" for name, p in self.functions]
        lines += [
            "    out: {name: array} for results that are to stand in arrays of the caller's",
            "    threads: among how many threads work is shared; as many as pay, by default",
        ]
        lines += ["", "Returns:"]
        for key, n in zip(results, self.program.outputs, strict=True):
            lines.append(f"    {key}: {self._axes(n) or 'number'}")
        return [line.rstrip() for line in [*lines, '"""']]

    def _purpose(self) -> str:
        return {
            "forward": "the values of the equations.",
            "fused": "the value and its gradients, forward and backward in one call.",
            "backward": "the gradients, from inputs, saved values and cotangents.",
            "update": "the updated parameters.",
        }[self.program.what]

    def _axes(self, name: str) -> str:
        shape = self.nest.storage[name].shape
        return f"[{self._axis_names(shape)}]" if shape else ""

    def _kind(self, t: Tensor) -> str:
        what = f"{self._axes(t.name)}" or "number"
        return what if t.bound is None else f"{what}, integers 0 .. {self.writer.integer(t.bound)} - 1"

    def _axis_names(self, shape: tuple[Expr, ...]) -> str:
        return ", ".join(self.writer.integer(n) for n in shape)

    def _conversions(self) -> list[str]:
        lines = []
        for t in self.inputs:
            n = self.scope.tensor(t.name)
            axes = self._axis_names(t.shape)
            if t.bound is not None:
                lines.append(f'{n} = as_labels("{t.name}", {n}, "{axes}")')
            elif t.shape:
                lines.append(f'{n} = as_array("{t.name}", {n}, "{axes}")')
            else:
                lines.append(f'{n} = as_scalar("{t.name}", {n})')
        lines += [f'{p} = as_function("{p}", {p})' for _, p in self.functions]
        return lines

    def _sizes(self) -> list[str]:
        lines, left = [], list(self.binding.bound)
        while left:
            together = [b for b in left if b.tensor == left[0].tensor and b.rest == 0 and b.factor == 1]
            if len(together) == self.system[left[0].tensor].rank:
                names = ", ".join(self.scope.names[b.size] for b in together)
                names = f"({names},)" if len(together) == 1 else names
                lines.append(f"{names} = {self.scope.tensor(left[0].tensor)}.shape")
                left = [b for b in left if b not in together]
            else:
                lines.append(self._size(left.pop(0)))
        for s in self.binding.asked:
            n = self.scope.names[s]
            lines.append(f'{n} = check_size("{s.name}", {n}, {self._least(s)})')
        return lines

    def _least(self, s: Size) -> int:
        """Return the least value of a size: 1 for what something is divided by."""
        return max(s.least, int(s in divisors(e.value for e in self.system.definitions)))

    def _size(self, b: Bound) -> str:
        name, extent = self.scope.names[b.size], f"{self.scope.tensor(b.tensor)}.shape[{b.axis}]"
        if b.rest == 0 and b.factor == 1:
            return f"{name} = {extent}"
        value = f"{extent} - ({self.writer.integer(b.rest)})"
        return f'{name} = check_size("{b.size.name}", {value if b.factor == 1 else f"-({value})"}, 0)'

    def _checks(self) -> list[str]:
        lines = []
        bound = {(b.tensor, b.axis) for b in self.binding.bound if b.rest == 0}
        for t in self.inputs:
            n = self.scope.tensor(t.name)
            if any((t.name, a) not in bound for a in range(t.rank)):
                axes = self._axis_names(t.shape)
                lines.append(f'check_shape("{t.name}", {n}, ({axes}{"," if t.rank == 1 else ""}), "{axes}")')
            if t.bound is not None:
                lines.append(f'check_labels("{t.name}", {n}, {self.writer.integer(t.bound)})')
                lines += [f"{n} = {n}.item()"] if not t.shape else []
            storage = self.nest.storage[t.name]
            if any(storage.low) or any(storage.high):
                rows = ", ".join(f"({low}, {high})" for low, high in zip(storage.low, storage.high, strict=True))
                lines.append(f"{n} = np.pad({n}, ({rows},), constant_values=np.nan)")
        return lines

    def _reads(self) -> list[str]:
        lines = []
        for r in reaches(self.nest):
            what = f"equation ({r.number}) reads {r.name}"
            start, first, end = (self.writer.integer(e) for e in (r.start, *r.rows))
            spans, runs = (_tuple([self.writer.integer(e) for e in parts]) for parts in (r.spans, r.runs))
            lines.append(f'check_read("{what}", {r.axis}, {start}, {spans}, ({first}, {end}), {runs})')
        return lines

    def _returned(self, name: str) -> str:
        storage, text = self.nest.storage[name], self.scope.tensor(name)
        if not storage.shape:
            return f"real({text})"
        if name in self.program.inputs:
            return f"{text}.copy()"
        if not any(storage.low) and not any(storage.high):
            return text
        cuts = []
        for n, low, high in zip(storage.shape, storage.low, storage.high, strict=True):
            end = self.writer.integer(n + low) if high else ""
            cuts.append(f"{low or ''}:{end}")
        return f"{text}[{', '.join(cuts)}]"


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
