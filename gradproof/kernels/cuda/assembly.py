"""A launch's kernel as a function of the module: its head, its arguments, its docstring."""

from __future__ import annotations

from gradproof.derive.index import Index
from gradproof.kernels.breaking import broken, wrapped
from gradproof.kernels.cuda.blocks import Block
from gradproof.kernels.cuda.columns import has_columns
from gradproof.kernels.cuda.device_writer import DeviceWriter
from gradproof.kernels.cuda.homes import Homes
from gradproof.kernels.cuda.kernels import Array, Kernel
from gradproof.kernels.cuda.serial import batch_of, is_together, serial_lines
from gradproof.kernels.cuda.steps import Keys, Launch, Segments, Walk
from gradproof.kernels.emission.frame import Frame, words_in
from gradproof.kernels.emission.places import Places
from gradproof.kernels.equations import ranges
from gradproof.kernels.plan import Block as Nested
from gradproof.kernels.plan import Storage
from gradproof.kernels.planner.tree import Row


class Assembly:
    """Writes the kernels of one module's function.

    Attributes:
        host_names: what the host's loops are called, which kernels may be given.
        taken: names of functions so far.
    """

    def __init__(self, name: str, places: Places, homes: Homes, writer: DeviceWriter) -> None:
        self.name, self.places, self.homes, self.writer = name, places, homes, writer
        self.host_names: dict[str, None] = {}
        self.taken: set[str] = {name}

    def kernel(self, launch: Launch, hosted: tuple[Index, ...]) -> Kernel:
        """Return the kernel of a launch that stands in some loops of the host."""
        scope = self.writer.scope
        frame = Frame(scope)
        scope.local |= {"thread", "block", *self.host_names, *self.writer.mine}
        self.writer.values.clear()
        stretches = dict(self.places.stretches)
        block = Block(launch, hosted, self.places, self.writer, frame)
        block.write()
        self.places.stretches.clear()
        self.places.stretches.update(stretches)
        places = "*".join(block.extent(i) for i in launch.grid) or "1"
        arrays = [*self._own(launch), *block.arrays]
        lines = [*self._head(frame.lines, places, launch), *frame.lines]
        arguments = self._arguments(lines, [a.name for a in (*arrays, *(p.array for p in block.parts))])
        head = wrapped(f"def {(name := self._name(launch))}(", arguments, "):")
        body = [f'"""{self._purpose(launch)}"""', *lines]
        text = "\n".join(["@cuda.jit", *head, *[f"    {line}" for line in broken(body)]])
        return Kernel(
            name, arguments, text, places, self._each(launch), tuple(arrays), tuple(block.parts),
            {a: self._type(a, [*arrays, *(p.array for p in block.parts)]) for a in arguments},
        )  # fmt: skip

    def serial(self, block: Nested) -> Kernel:
        """Return the kernel of a nest of loops on whole arrays."""
        lines = serial_lines(block, self.places, self.writer)
        arguments = self._arguments(lines, [])
        name = self._free_name([e.name for e in block.equations])
        numbers = ", ".join(f"({n})" for n in sorted({e.number for e in block.equations}))
        head = wrapped(f"def {name}(", arguments, "):")
        batch = batch_of(block)
        one = "the threads of one block share rows and columns" if is_together(block) else "one thread"
        who = one if batch is None else "a thread takes places of the outermost loops"
        body = [f'"""Equation {numbers}: {who}."""', *lines]
        text = "\n".join(["@cuda.jit", *head, *[f"    {line}" for line in broken(body)]])
        places = "1" if batch is None else self.writer.integer(batch.size)
        each = "1" if batch is None and not is_together(block) else "THREADS"
        return Kernel(name, arguments, text, places, each, types={a: self._type(a, []) for a in arguments})

    def _head(self, lines: list[str], places: str, launch: Launch) -> list[str]:
        used = set(words_in(lines))
        pairs = [(n, v) for n, v in (("thread", "cuda.threadIdx.x"), ("block", "cuda.blockIdx.x")) if n in used]
        head = [f"{', '.join(n for n, _ in pairs)} = {', '.join(v for _, v in pairs)}"] if pairs else []
        return [*head, *([f"lo, hi = stretch({places})"] if launch.grid and not launch.flat else [])]

    def _arguments(self, lines: list[str], made: list[str]) -> tuple[str, ...]:
        """Return the names that the lines mention and that the kernel does not make itself."""
        scope = self.writer.scope
        local = {self.places.array(n) for n in self.homes.local}
        about = {n for s in self.writer.sorted.values() for n in (s.keys, s.order, s.starts)}
        known = (scope.fixed - local) | set(self.host_names) | set(made) | about
        return tuple(w for w in words_in(lines) if w in known)

    def _own(self, launch: Launch) -> list[Array]:
        """Return the arrays that each block has for tensors that nothing else uses."""
        names = dict.fromkeys(s.name for s in launch.statements if s.name in self.homes.own)
        return [
            Array(
                self.places.array(n),
                tuple(self.writer.integer(e) for e in self.places.extents(n)),
                kind_of(self.writer.storage[n]),
            )
            for n in names
        ]

    def _name(self, launch: Launch) -> str:
        (first, *_) = launch.nodes
        if isinstance(first, Keys):
            return self._free_name([first.name], "_keys")
        return self._free_name([s.name for s in launch.statements])

    def _free_name(self, tensors: list[str], end: str = "") -> str:
        """Return a name for a kernel, made of what it computes first."""
        names = list(dict.fromkeys(self.writer.scope.tensor(n) for n in tensors))
        base, number = f"{self.name}_{'_'.join(names[:2])}{end}", 2
        name, taken = base, self.taken | self.writer.scope.fixed | self.writer.scope.names.reserved
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name

    def _each(self, launch: Launch) -> str:
        """Return how many places a block should have at least."""
        return (
            "THREADS"
            if launch.flat or (launch.stretch and any(isinstance(n, Row | Walk) for n in launch.nodes))
            else "1"
        )

    def _purpose(self, launch: Launch) -> str:
        numbers = sorted({s.number for s in launch.statements})
        equations = f"{'Equations' if len(numbers) > 1 else 'Equation'} {ranges(numbers)}"
        if not launch.grid:
            return f"{equations}: one block."
        along = ", ".join(n for n in self._grid_names(launch))
        (first, *_) = launch.nodes
        if isinstance(first, Keys):
            return f"Where {self.places.array(first.name)} puts terms: threads share the places of {along}."
        if isinstance(first, Segments):
            return f"{equations}: threads share the places of {along}; each adds up its terms in their order."
        if launch.flat:
            return f"{equations}: the threads of all blocks share the places of {along}."
        if launch.stretch:
            return f"{equations}: a block has a stretch of {along}."
        if has_columns(launch):
            return (
                f"{equations}: a block has a stretch of {along}, which its threads go down, each at columns of its own."
            )
        return f"{equations}: a block takes one place of {along} after the other, its threads share rows."

    def _grid_names(self, launch: Launch) -> list[str]:
        """Return the names that the indices have in the kernel."""
        names: list[str] = []

        def opened(rest: tuple[Index, ...]) -> None:
            if rest:
                with self.writer.scope.loop(rest[0]) as name:
                    names.append(name)
                    opened(rest[1:])

        opened(launch.grid)
        return names

    def _type(self, argument: str, made: list[Array]) -> str:
        """Return the type of an argument as numba writes it in a signature; `real` stands for the module's."""
        for array in made:
            if array.name == argument:
                return array_type(
                    {"np.float64": "float64", "np.int64": "int64"}.get(array.kind, "real"), len(array.extents) + 1
                )
        if any(argument in (s.keys, s.order, s.starts) for s in self.writer.sorted.values()):
            return "int64[::1]"
        tensor = next((n for n in self.writer.storage if self.places.array(n) == argument), None)
        if tensor is None:
            return "int64"
        if self.writer.is_local(tensor):
            return "int64" if self.writer.storage[tensor].integer else "real"
        kind = {"np.float64": "float64", "np.int64": "int64"}.get(kind_of(self.writer.storage[tensor]), "real")
        kind = "half" if tensor in self.writer.half else kind
        return array_type(kind, len(self.places.extents(tensor)))


def kind_of(storage: Storage) -> str:
    """Return the type of a tensor's numbers, as text."""
    return "np.int64" if storage.integer else "np.float64" if storage.wide else "real"


def array_type(kind: str, rank: int) -> str:
    """Return the type of a contiguous array, as numba writes it in a signature."""
    return f"{kind}[{', '.join([*[':'] * (rank - 1), '::1'])}]" if rank else f"Array({kind}, 0, 'C')"
