"""The function around the launches: it checks, makes arrays, and launches kernel after kernel."""

from __future__ import annotations

from sympy import Mul

from gradproof.derive.index import Index
from gradproof.derive.nodes import free
from gradproof.errors import NotYet
from gradproof.kernels.cuda.assembly import Assembly
from gradproof.kernels.cuda.device_writer import DeviceWriter
from gradproof.kernels.cuda.kernels import Array, Kernel, Part, Sorted
from gradproof.kernels.cuda.lengths import Bounded
from gradproof.kernels.cuda.products import Products
from gradproof.kernels.cuda.steps import Cut, Keys, Launch, Product, Repeat, Serial, Step, leaves
from gradproof.kernels.emission.places import Places
from gradproof.kernels.plan import Statement

_INDENT = "    "
Way = tuple[Repeat | Cut, ...]


class Host:
    """Writes what the host does: the lines of the function, and the kernels that it launches."""

    def __init__(
        self, places: Places, writer: DeviceWriter, assembly: Assembly, steps: tuple[Step, ...], strips: Bounded
    ) -> None:
        self.places, self.writer, self.assembly, self.steps = places, writer, assembly, steps
        self.strips = strips
        for index, size in strips.size.items():
            with writer.scope.loop(index) as stem:
                pass
            writer.scope.names.name(size, f"{stem}_places")
        self.lines: list[str] = []
        self.kernels: list[Kernel] = []
        self.depth = 0
        self.way: Way = ()
        self.begun: set[int] = set()
        #: What has to stand before and after a loop of the host, by its identity; None for the whole.
        self.before: dict[int, list[str]] = {}
        self.after: dict[int, list[str]] = {}
        self.fills = self._product_fills()

    def write(self) -> None:
        """Write all steps."""
        for step in self.steps:
            self._step(step)

    def put(self, line: str) -> None:
        """Add a line."""
        self.lines.append(_INDENT * self.depth + line)

    # ---------------------------------------------------------------- steps

    def strip_lines(self) -> list[str]:
        """Return the lines that say how many places of an axis are worked on at once."""
        lines = []
        for index, size in self.strips.size.items():
            each = self.writer.integer(self.strips.each(index, self.places))
            lines.append(f"{self.writer.scope.names[size]} = places_at_once({self.strips.most[index]}, {each})")
        return lines

    def _step(self, step: Step) -> None:
        if isinstance(step, Launch):
            self._launch(step)
        elif isinstance(step, Product):
            self._product(step)
        elif isinstance(step, Serial):
            self._serial(step)
        else:
            self._around(step)

    def _around(self, step: Repeat | Cut) -> None:
        """Write a loop of the host, after what has to be zero before it, and before the sums that it completes."""
        for s in self.fills.get(id(step), ()):
            self.put(f"fill({self.places.array(s.name)}, real(0.0), stream)  # ({s.number})")
        outer, self.lines = self.lines, []
        self.way = (*self.way, step)
        if isinstance(step, Repeat):
            self._repeat(step)
        else:
            self._cut(step)
        self.way = self.way[:-1]
        inner, self.lines = self.lines, outer
        for line in self.before.pop(id(step), []):
            self.put(line)
        self.lines += inner
        for line in self.after.pop(id(step), []):
            self.put(line)

    def _repeat(self, step: Repeat) -> None:
        size = self.writer.integer(step.index.size)
        with self.writer.scope.loop(step.index) as name:
            self.put(
                f"for {name} in range({size}):" if step.direction > 0 else f"for {name} in range({size} - 1, -1, -1):"
            )
            self._body(step, (name,))

    def _cut(self, step: Cut) -> None:
        scope, index = self.writer.scope, step.index
        with scope.loop(index) as stem:
            pass
        start, stop = (scope.names.name(("cut", index, end), f"{stem}_{end}") for end in ("start", "stop"))
        before = dict(self.places.stretches)
        low, high = before.get(index, ("0", self.writer.integer(index.size)))
        length = scope.names[self.strips.size[index]]
        self.put(f"for {start} in range({low}, {high}, {length}):")
        self.put(f"    {stop} = min({start} + {length}, {high})")
        self.places.stretches[index] = start, stop
        names = [start, stop]
        for other, past in step.strip.ends:
            low, end = before.get(other, ("0", self.writer.integer(other.size)))
            with scope.loop(other) as stem:
                pass
            name = scope.names.name(("cut", other, "end"), f"{stem}_end")
            self.put(f"    {name} = max({low}, min({end}, {stop}{f' + {past}' if past else ''}))")
            self.places.stretches[other] = low, name
            names.append(name)
        self._body(step, tuple(names))
        self.places.stretches.clear()
        self.places.stretches.update(before)

    def _body(self, step: Repeat | Cut, names: tuple[str, ...]) -> None:
        self.depth += 1
        self.assembly.host_names.update(dict.fromkeys(names))
        for inner in step.body:
            self._step(inner)
        for name in names:
            self.assembly.host_names.pop(name, None)
        self.depth -= 1

    # ---------------------------------------------------------------- launches

    def _sort(self, launch: Launch, keys: Keys) -> None:
        """Sort terms by where they go, unless that is done: labels are inputs, and do not change."""
        if keys in self.writer.sorted:
            return
        names = self.writer.scope.names
        stem = self.places.array(keys.name)
        found = Sorted(*(names.name((what, keys), f"{stem}_{what}") for what in ("keys", "order", "starts")))
        self.writer.sorted[keys] = found
        kernel = self.assembly.kernel(launch, ())
        self.kernels.append(kernel)
        self.put(f"{found.keys} = new(({kernel.places},), np.int64)")
        blocks = f"blocks_for({kernel.places}, THREADS, MANY_BLOCKS)"
        self.put(f"{kernel.name}[{blocks}, THREADS, stream]({', '.join(kernel.arguments)})")
        count = self.writer.integer(Mul(*keys.sizes))
        self.put(f"{found.order}, {found.starts} = segments({found.keys}, {count}, new, stream)")

    def _launch(self, launch: Launch) -> None:
        (first, *_) = launch.nodes
        if isinstance(first, Keys):
            self._sort(launch, first)
            return
        kernel = self.assembly.kernel(launch, tuple(step.index for step in self.way))
        self.kernels.append(kernel)
        self._announce(launch)
        made = [*kernel.arrays, *(p.array for p in kernel.parts if p.last is None)]
        carried = [p for p in kernel.parts if p.last is not None]
        blocks = "1"
        if launch.grid:
            most = ", BLOCKS" if made or carried else ", MANY_BLOCKS" if launch.flat else ""
            blocks = f"blocks_for({kernel.places}, {kernel.each}{most})"
        if carried:
            blocks = self._carried(kernel, carried, blocks, launch)
        elif made and launch.grid:
            self.put(f"blocks = {blocks}")
            blocks = "blocks"
        for array in made:
            self.put(_made(array, blocks))
        self.put(f"{kernel.name}[{blocks}, THREADS, stream]({', '.join(kernel.arguments)})")
        for part in kernel.parts:
            if part.last is None:
                self.put(self._join(part))

    def _serial(self, step: Serial) -> None:
        kernel = self.assembly.serial(step.block)
        self.kernels.append(kernel)
        self.put(f"# {', '.join(f'({e.number})' for e in step.block.equations)}")
        shared = kernel.each != "1"
        blocks = "1" if kernel.places == "1" else f"blocks_for({kernel.places}, {kernel.each})"
        grid = f"{blocks}, THREADS" if shared else "1, 1"
        self.put(f"{kernel.name}[{grid}, stream]({', '.join(kernel.arguments)})")

    def _announce(self, launch: Launch) -> None:
        numbers = sorted({s.number for s in launch.statements})
        self.put(f"# {', '.join(f'({n})' for n in numbers)}")

    def _carried(self, kernel: Kernel, parts: list[Part], blocks: str, launch: Launch) -> str:
        """Make the parts of longer sums before the loop of the host that they run over; join them after it."""
        steps = {id(self.way[p.last]): self.way[p.last] for p in parts if p.last is not None}
        count = blocks
        if launch.grid:
            count = self.writer.scope.names.name(("blocks", kernel.name), f"blocks_{len(self.kernels)}")
            if any(n in self.assembly.host_names for n in _words(blocks)):
                blocks = "BLOCKS"  # the places differ from step to step
            first = self.way[min(p.last for p in parts if p.last is not None)]
            self.before.setdefault(id(first), []).append(f"{count} = {blocks}")
        for part in parts:
            assert part.last is not None
            step = steps[id(self.way[part.last])]
            before = self.before.setdefault(id(step), [])
            before.append(_made(part.array, count))
            start = part.start
            before.append(f"fill({part.array.name}, {start}, stream)")
            self.after.setdefault(id(step), []).append(self._join(part))
        return count

    def _join(self, part: Part) -> str:
        return f"join(join_{part.kind}, {part.array.name}, {part.target}, stream)"

    # ---------------------------------------------------------------- products

    def _product_fills(self) -> dict[int, list[Statement]]:
        """Return the sums of products to make zero before a loop of the host, by its identity."""
        found: dict[int, list[Statement]] = {}
        for leaf, way in leaves(self.steps):
            if not isinstance(leaf, Product):
                continue
            s = leaf.dot.statement
            inside = [k for k, step in enumerate(way) if step.index in s.reduced]
            if not inside:
                continue
            at = inside[0]
            while at and self._keeps(s, way[at - 1].index):
                at -= 1
            sums = found.setdefault(id(way[at]), [])
            if s not in sums:
                sums.append(s)
        return found

    def _keeps(self, s: Statement, index: Index) -> bool:
        """Has the sum's array an axis for the loop's index?"""
        axes = self.places.plan.places[s.name].axes
        return any(s.target.indices[a] == index for a in axes)

    def _product(self, product: Product) -> None:
        s = product.dot.statement
        storage = self.writer.storage
        if any(storage[e.name].wide for e in (s.target, product.dot.left, product.dot.right)):
            raise NotYet(f"equation ({s.number}): a product in float64 beside others, on CUDA")
        carried = any(step.index in s.reduced for step in self.way)
        over = set(product.batch) & set(s.reduced)
        adds = (
            carried
            or (product.dot.accumulate and not over)
            or (id(s) in self.begun and (bool(over) or product.dot.accumulate))
        )
        if over or not carried:
            self.begun.add(id(s))
        text = Products(self.places, self.writer).call(product, adds=adds)
        if not s.guards:
            for line in text.splitlines():
                self.put(line)
            return
        if any(i in free(c) for c in s.guards for i in (*product.batch, *product.dot.rows, *product.dot.columns)):
            raise NotYet(f"equation ({s.number}): a product that is needed at some places alone, on CUDA")
        test, _ = self.writer.condition(s.guards)
        self.put(f"if {test}:")
        for line in text.splitlines():
            self.put(f"    {line}")


def _made(array: Array, blocks: str) -> str:
    shape = ", ".join([blocks, *array.extents])
    kind = "" if array.kind == "real" else f", {array.kind}"
    return f"{array.name} = new(({shape}{',' if not array.extents else ''}){kind})"


def _words(text: str) -> set[str]:
    from gradproof.kernels.emission.frame import words_in

    return set(words_in([text]))
