"""What the text of one kernel is made with: names, places, what is known, and the reductions that run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import sympy as sp

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free
from gradproof.kernels.cuda.device_writer import DeviceWriter
from gradproof.kernels.cuda.hazards import ANY, FIRST, Hazards, Owner, Touch, placed
from gradproof.kernels.cuda.kernels import Array, Part
from gradproof.kernels.cuda.steps import Launch
from gradproof.kernels.emission.frame import Frame
from gradproof.kernels.emission.places import Access, Places
from gradproof.kernels.emission.sums import Running
from gradproof.kernels.expressions import Facts
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads

#: What a reduction is before its first term.
STARTS = {
    "sum": "np.float64(0.0)", "max": "real(-np.inf)", "min": "real(np.inf)", "argmax": "-1", "argmin": "-1",
}  # fmt: skip
#: The type in which it runs.
KINDS = {"sum": "np.float64", "max": "real", "min": "real", "argmax": "np.int64", "argmin": "np.int64"}


@dataclass
class State:
    """One kernel while it is written.

    Attributes:
        launch: what it does; hosted: the indices of the loops of the host around it, the outermost first.
        places, writer, frame: names and text.
        hazards: accesses since the threads of a block last met.
        opened: the indices that are open, but those of the row that is written.
        running: the reductions that have started, by tensor.
        arrays, parts: what the host has to make.
        kind: the type of a tensor's numbers, as text, by the name of its array.
    """

    launch: Launch
    hosted: tuple[Index, ...]
    places: Places
    writer: DeviceWriter
    frame: Frame
    hazards: Hazards = field(default_factory=Hazards)
    opened: tuple[Index, ...] = ()
    facts: Facts = ()
    running: dict[str, Running] = field(default_factory=dict)
    arrays: list[Array] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    # ---------------------------------------------------------------- places

    def is_part(self, s: Statement) -> bool:
        """Is it a reduction that is complete only after the launch?"""
        return s.kind not in ("map", "add") and bool(set(s.reduced) & {*self.launch.grid, *self.hosted})

    def is_memory(self, name: str) -> bool:
        """Does it stand in an array, and not in a register?"""
        return not self.writer.is_local(name)

    def order_by(self, s: Statement) -> None:
        """Factors are written in the order of the left side's indices."""
        left = [i for i in s.target.indices if isinstance(i, Index)]
        self.writer.position = {i: k for k, i in enumerate([*left, *s.free, *s.reduced])}
        self.writer.loops = frozenset(i.size for i in (*s.free, *s.reduced))

    def extent(self, index: Index) -> str:
        """Return how many places of an index are meant, as text that stands beside any operator."""
        if index in self.places.stretches:
            start, stop = self.places.stretches[index]
            return f"({stop} - {start})" if start != "0" else f"({stop})" if " " in stop else stop
        return self.writer.tight_integer(index.size)

    def start_of(self, index: Index) -> str:
        """Return the first place of an index that is meant; nothing for 0."""
        start = self.places.stretches.get(index, ("0", ""))[0]
        return "" if start == "0" else start

    def running_entry(self, s: Statement) -> Access:
        """Return the entry of a running array that the open indices mean."""
        running = self.running[s.name]
        return over(running.name, running.axes)

    # ---------------------------------------------------------------- waiting

    def touch(self, touches: Iterable[Touch]) -> None:
        """Let the threads meet where that is needed before some accesses, and note these."""
        touches = list(touches)
        if self.hazards.needs_barrier(touches):
            self.meet()
        self.hazards.add(touches)

    def meet(self) -> None:
        """Let the threads of the block wait for one another."""
        self.frame.put("cuda.syncthreads()")
        self.hazards.met()

    def touches(self, s: Statement, indices: tuple[Index, ...]) -> list[Touch]:
        """Return what a statement reads and writes where threads share the places of some indices."""
        found = [Touch(self.places.array(e.name), False, self.owner(e, indices)) for e in reads(s) if self._counts(e)]
        if s.name in self.running:
            running = self.running[s.name]
            if running.axes:
                owner = self._owner(over(running.name, running.axes), indices) if indices else FIRST
                found.append(Touch(running.name, True, owner))
        elif self._counts(s.target) and s.kind in ("map", "add"):
            found.append(Touch(self.places.array(s.name), True, self.owner(s.target, indices) if indices else FIRST))
        return found

    def _counts(self, e: Element) -> bool:
        given = e.name in self.places.plan.program.inputs and not any(s.name == e.name for s in self.launch.statements)
        return self.is_memory(e.name) and not given

    def owner(self, e: Element, indices: tuple[Index, ...]) -> Owner:
        """Return which thread touches an element."""
        return ANY if self.places.is_scalar(e.name) else self._owner(self.places.access(e), indices)

    def _owner(self, access: Access, indices: tuple[Index, ...]) -> Owner:
        axes: list[int] = []
        shifts: list[str] = []
        for index in indices:
            at = [(a, sp.expand(slot - index)) for a, slot in enumerate(access.slots) if index in free(slot)]
            if len(at) != 1 or free(at[0][1]) or elements(at[0][1]):
                return ANY
            axes.append(at[0][0])
            shifts.append(str(at[0][1]))
        starts = [self.start_of(i) for i in indices]
        return placed(indices, tuple(axes), f"{starts} {shifts}") if indices else ANY

    # ---------------------------------------------------------------- loops

    @contextmanager
    def shared(
        self, indices: tuple[Index, ...], *, begin: str = "thread", end: str = "", step: str = "THREADS"
    ) -> Iterator[None]:
        """Write the head of a loop over places of indices that are run together, and open them."""
        if len(indices) == 1 and not end:
            start = self.start_of(indices[0])
            first = f"{start} + {begin}" if start and begin != "0" else start or begin
            stop = self.places.stretches[indices[0]][1] if indices[0] in self.places.stretches else ""
            with self.writer.scope.loop(indices[0]) as name:
                bounds = f"{first}, {stop or self.writer.integer(indices[0].size)}"
                self.frame.put(f"for {name} in range({bounds}{f', {step}' if step else ''}):")
                with self.frame.block():
                    yield
            return
        stop = end or "*".join(self.extent(i) for i in indices)
        if len(indices) == 1 and not self.start_of(indices[0]):
            with self.writer.scope.loop(indices[0]) as name:
                self.frame.put(f"for {name} in range({begin}, {stop}{f', {step}' if step else ''}):")
                with self.frame.block():
                    yield
            return
        if step and len(indices) > 1 and not any(self.start_of(i) for i in indices):
            with self._counted(indices, begin, stop, step):
                yield
            return
        place = self.frame.name("place")
        self.frame.put(f"for {place} in range({begin}, {stop}{f', {step}' if step else ''}):")
        with self.frame.block(), self.decoded(indices, place):
            yield
        self.writer.scope.local.discard(place)

    @contextmanager
    def flat(self) -> Iterator[None]:
        """Write a loop over the places of the grid, which the threads of all blocks share, and open them."""
        grid = self.launch.grid
        end = "*".join(self.extent(i) for i in grid)
        with self.shared(grid, begin="cuda.grid(1)", end=end, step="cuda.gridsize(1)"):
            yield

    @contextmanager
    def _counted(self, indices: tuple[Index, ...], begin: str, stop: str, step: str) -> Iterator[None]:
        """Write such a loop over several indices, which count on from place to place: divisions take a device long."""
        place = self.frame.name("place")
        if not step.isidentifier():
            name = self.frame.name("step")
            self.frame.put(f"{place}, {name} = {begin}, {step}")
            step = name
        else:
            self.frame.put(f"{place} = {begin}")
        with ExitStack() as stack:
            names = [stack.enter_context(self.writer.scope.loop(i)) for i in indices]
            steps = [self.frame.name(f"{n}_step") for n in names]
            self.frame.put(f"if {place} < {stop}:  # else a size may be 0")
            self.frame.put(f"    {', '.join(names)} = {', '.join(self._digits(indices, place))}")
            self.frame.put(f"    {', '.join(steps)} = {', '.join(self._digits(indices, step))}")
            self.frame.put(f"for {place} in range({place}, {stop}, {step}):")
            with self.frame.block():
                yield
                self._count_on(indices, names, steps)
        self.writer.scope.local -= {place, step, *steps} - {"THREADS"}

    def _count_on(self, indices: tuple[Index, ...], names: list[str], steps: list[str]) -> None:
        """Write how indices get to the next place: as the digits of a number do."""
        sums = ", ".join(f"{n} + {s}" for n, s in zip(names, steps, strict=True))
        self.frame.put(f"{', '.join(names)} = {sums}")
        for k in range(len(names) - 1, 0, -1):
            high, low, extent = names[k - 1], names[k], self.extent(indices[k])
            self.frame.put(f"if {low} >= {extent}:")
            self.frame.put(f"    {high}, {low} = {high} + 1, {low} - {extent}")

    def _digits(self, indices: tuple[Index, ...], place: str) -> list[str]:
        """Return the texts that find the indices of a place, which is a name where they are several."""
        found = []
        for k, index in enumerate(indices):
            rest = indices[k + 1 :]
            inner = "*".join(self.extent(i) for i in rest)
            value = f"{place}//{f'({inner})' if len(rest) > 1 else inner}" if rest else place
            found.append(f"{value} % {self.extent(index)}" if k else value)
        return found

    @contextmanager
    def decoded(self, indices: tuple[Index, ...], place: str) -> Iterator[None]:
        """Open the indices, with the lines that find them from their place, which is a name where they are several."""
        with ExitStack() as stack:
            for index, digit in zip(indices, self._digits(indices, place), strict=True):
                start = self.start_of(index)
                name = stack.enter_context(self.writer.scope.loop(index))
                self.frame.put(f"{name} = {start + ' + ' if start else ''}{digit}")
            yield


def over(name: str, axes: tuple[Index, ...]) -> Access:
    """Return the entry of an array with axes over some indices."""
    return Access(name, axes, tuple(i.size for i in axes), axes)
