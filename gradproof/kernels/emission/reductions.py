"""Single numbers, entries and reductions of a region: where they start, what they run in, where they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element
from gradproof.kernels.emission.cuts import cut_text
from gradproof.kernels.emission.frame import Frame
from gradproof.kernels.emission.kit import Kit
from gradproof.kernels.emission.packed import Operand
from gradproof.kernels.emission.places import Access
from gradproof.kernels.emission.planes import Planes
from gradproof.kernels.emission.sums import FILLS, STARTS, Running
from gradproof.kernels.emission.writing import RegionWriter
from gradproof.kernels.expressions import Facts, Writer
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Region
from gradproof.kernels.scope import Scope


class Reductions:
    """What the nodes of a region share while its function is written.

    Attributes:
        facts: what is known of the open indices.
        tested: conditions that hold because loops run only where they do.
        opened: the indices of the loops that are open.
        running: the reductions that have started, by tensor.
        made: local names that were given to tensors; returned: those of tensors that are single numbers.
        parts: reductions over the region's index, of which each thread has a part.
        sums: does the body add up by itself? uses_product: does it multiply matrices?
        packed: right operands of products that are packed here, and their names.
        planes: the planes that are open, over which a window slides.
        plane_rows: arrays that stay in the rows over planes in which they were made.
        lengths: lines that make the lengths of strips, by name.
        unmade: buffers that the plan has, and that the text does without.
        turned: sums of products that run with rows and columns turned: in what, and the line that ends them.
        heads: values that the function makes first: by text and owner, name and line.
        sends: are results written past the caches?
    """

    def __init__(self, kit: Kit, region: Region, writer: RegionWriter) -> None:
        self.kit, self.region, self.writer = kit, region, writer
        self.places, self.scope = kit.places, kit.scope
        self.storage = self.places.plan.storage
        self.frame = Frame(self.scope)
        self.places.stretches.clear()
        if region.index is not None and region.beside is None:
            self.places.stretches[region.index] = "lo", "hi"
        self.facts: Facts = ()
        self.tested: frozenset[Condition] = frozenset()
        self.opened: tuple[Index, ...] = ()
        self.running: dict[str, Running] = {}
        self.made: set[str] = set()
        self.returned: list[str] = []
        self.parts: list[Statement] = []
        self.sums = False
        self.uses_product = False
        self.packed: dict[Operand, str] = {}
        self.planes: Planes | None = None
        self.plane_rows: dict[str, str] = {}
        self.lengths: dict[str, str] = {}
        self.heads: dict[tuple[str, str], tuple[str, str]] = {}
        self.unmade: set[str] = set()
        self.turned: dict[str, tuple[str, Callable[[], str]]] = {}
        self.sends = False

    def order_by(self, s: Statement, writer: Writer) -> None:
        """Factors are written in the order of the left side's indices."""
        left = [i for i in s.target.indices if isinstance(i, Index)]
        writer.position = {i: k for k, i in enumerate([*left, *s.free, *s.reduced])}

    def store(self, s: Statement, value: str) -> None:
        """Put a value where the statement's target is kept."""
        if self.places.is_scalar(s.name):
            self.is_made(s.name)
            self.frame.put(f"{self.places.array(s.name)} = {value}  # ({s.number})")
            return
        missing = self.missing_rows(s.target)
        if missing:
            self.frame.put(f"if {missing}:")
        entry = self.writer.entry(self.places.access(s.target), self.facts)
        self.frame.put(f"{'    ' if missing else ''}{entry} = {value}  # ({s.number})")

    def is_made(self, name: str) -> None:
        self.made.add(self.places.array(name))
        if not self.storage[name].shape:
            self.returned.append(name)

    def missing_rows(self, target: Element) -> str:
        """Return the test that the start row at 0 or after is there: the array may be empty."""
        shape = self.storage[target.name].shape
        fixed = [(i, n) for i, n in zip(target.indices, shape, strict=True) if i.is_Integer and i >= 0]
        return " and ".join(f"{i} < {self.writer.integer(n)}" for i, n in fixed)

    def running_text(self, running: Running) -> str:
        """Return the number, or the entry of an array, that a reduction runs in."""
        return self.writer.entry(self.running_entry(running.statement), self.facts) if running.axes else running.name

    def best_text(self, s: Statement, writer: RegionWriter) -> str:
        """Return the value at the position so far: a number, or an entry; nothing for other reductions."""
        running = self.running.get(s.name)
        if running is None or not running.best:
            return ""
        if not running.axes:
            return running.best
        return writer.entry(replace(self.running_entry(s), array=running.best), self.facts)

    # ---------------------------------------------------------------- reductions

    def is_part(self, s: Statement) -> bool:
        """Is it a reduction over the region's index, of which each thread has a part?"""
        return self.region.index is not None and self.region.index in s.reduced

    def part_name(self, s: Statement) -> str:
        """Return the name of the array of a thread's part."""
        name = part_name(self.scope, self.places.array(s.name))
        self.scope.local.add(name)
        return name

    def ends_in_a_name(self, s: Statement) -> bool:
        """Is the complete value kept in a local name?"""
        return not s.free if self.is_part(s) else self.places.is_scalar(s.name)

    def head(self, text: str, wish: str, own: str = "") -> str:
        """Return the name of a value that the function makes first, once; `own` tells those apart that are alike."""
        if (text, own) not in self.heads:
            name = self.frame.name(wish)
            self.heads[text, own] = name, f"{name} = {text}"
        return self.heads[text, own][0]

    def first(self, line: str) -> None:
        """Let the function do something first, after the values that it has made so far; once."""
        self.heads.setdefault((line, ""), ("", line))

    def start(self, s: Statement) -> None:
        """Begin a reduction before the loop over its first reduced index."""
        if self.planes is not None:
            self.running[s.name] = self.planes.start(s)
            return
        axes = tuple(i for i in s.free if i not in self.opened)
        if not axes:
            own = self.ends_in_a_name(s)
            if own:
                self.is_made(s.name)
            name = self.places.array(s.name) if own else self.frame.name(f"{self.places.array(s.name)}_total")
            self.frame.put(f"{name} = {STARTS[s.kind]}")
        elif self.is_part(s):
            name, axes = self.part_name(s), part_axes(s)
            self._note_part(s)
        else:
            name = self.frame.name(f"{self.places.array(s.name)}_total")
            shape = ", ".join(self.writer.integer(i.size) for i in axes)
            self.frame.put(f"{name} = {FILLS[s.kind].format(shape=f'({shape})' if len(axes) > 1 else shape)}")
        self.running[s.name] = Running(s, name, axes, self._best(s, name, axes) if s.kind.startswith("arg") else "")

    def _best(self, s: Statement, name: str, axes: tuple[Index, ...]) -> str:
        """Begin the values at the positions so far."""
        best, kind = self.frame.name(f"{name}_best"), s.kind.removeprefix("arg")
        shape = ", ".join(self.writer.integer(i.size) for i in axes)
        fill = FILLS[kind].format(shape=f"({shape})" if len(axes) > 1 else shape)
        self.frame.put(f"{best} = {fill if axes else STARTS[kind]}")
        return best

    def start_products(self, s: Statement) -> None:
        """Make zero what matrix products are added to; a thread's part is zero from the start."""
        if s.name in self.running:
            return
        if self.is_part(s):
            self._note_part(s)
            self.running[s.name] = Running(s, "", part_axes(s), entry=_over(self.part_name(s), part_axes(s)))
            return
        access = self.places.access(s.target)
        self.running[s.name] = Running(s, "", part_axes(s), entry=access)
        free = [i for i in part_axes(s) if i not in self.opened]
        cuts = [
            self.places.stretches.get(i, ("", "")) if (i := next((f for f in free if f in slot.free_symbols), None))
            else self.writer.integer(slot)
            for slot in access.slots
        ]  # fmt: skip
        self.frame.put(_cleared(access, cuts))

    def finish(self, s: Statement) -> None:
        """Store what has run, after the loop over its first reduced index."""
        running = self.running.pop(s.name)
        if self.planes is not None:
            return
        if not running.axes:
            self.complete(s, running.name)
        elif not self.is_part(s):
            self._copy(running)

    def complete(self, s: Statement, value: str) -> None:
        """Store a complete reduction; one that is kept in a name is rounded to the module's type."""
        if self.is_part(s):
            self._note_part(s)
            if s.free:
                entry = self.writer.entry(_over(self.part_name(s), part_axes(s)))
                self.frame.put(f"{entry} = {value}")
            elif value != self.places.array(s.name):
                self.frame.put(f"{self.places.array(s.name)} = {value}")
        elif self.places.is_scalar(s.name):
            self.is_made(s.name)
            name = self.places.array(s.name)
            if s.kind == "sum" and not self.storage[s.name].wide:
                value = f"real({value})"
            if value != name:
                self.frame.put(f"{name} = {value}")
        else:
            self.frame.put(f"{self.writer.entry(self.places.access(s.target), self.facts)} = {value}")

    def _note_part(self, s: Statement) -> None:
        if s not in self.parts:
            self.parts.append(s)
        if not s.free:
            self.is_made(s.name)

    def running_entry(self, s: Statement) -> Access:
        """Return the entry of a running array that the open indices mean."""
        running = self.running[s.name]
        return running.entry or _over(running.name, running.axes)

    def _copy(self, running: Running, done: int = 0) -> None:
        """Round a running array into its target, axis by axis."""
        s = running.statement
        if done == len(running.axes):
            target, source = self.places.access(s.target), _over(running.name, running.axes)
            self.frame.put(f"{self.writer.entry(target)} = {self.writer.entry(source)}")
            return
        index = running.axes[done]
        with self.scope.loop(index) as name:
            steps = ", ".join(self.places.stretches.get(index, (self.writer.integer(index.size),)))
            self.frame.put(f"for {name} in range({steps}):")
            with self.frame.block():
                self._copy(running, done + 1)


def part_name(scope: Scope, tensor: str) -> str:
    """Return the name of the array that holds the threads' parts of a reduction."""
    return scope.names.name(("part", tensor), f"{tensor}_part")


def part_axes(s: Statement) -> tuple[Index, ...]:
    """Return the indices of a part, in the order of the target's axes."""
    return tuple(i for i in s.target.indices if isinstance(i, Index))


def _over(name: str, axes: tuple[Index, ...]) -> Access:
    return Access(name, axes, tuple(i.size for i in axes), axes)


def _cleared(access: Access, cuts: Sequence[str | tuple[str, str]]) -> str:
    """Return the line that writes zeros at places and stretches of an array's axes; ("", "") is all of one."""
    whole = [*cuts]
    while whole and whole[-1] == ("", ""):
        whole.pop()
    if not access.strips and all(isinstance(c, str) or (k == len(whole) - 1) for k, c in enumerate(whole)):
        return f"clear({cut_text(access.array, whole)})"
    return f"{access.array}[{', '.join(c if isinstance(c, str) else ':'.join(c) for c in cuts)}] = real(0.0)"
