"""Reductions of a kernel: where they start, what they run in, and where they are complete."""

from __future__ import annotations

from gradproof.derive.index import Index
from gradproof.derive.nodes import free
from gradproof.errors import NotYet
from gradproof.kernels.cuda.columns import has_columns
from gradproof.kernels.cuda.hazards import FIRST, Touch
from gradproof.kernels.cuda.kernels import Array, Part
from gradproof.kernels.cuda.state import KINDS, STARTS, State, over
from gradproof.kernels.emission.sums import Running
from gradproof.kernels.emission.terms import term_lines
from gradproof.kernels.plan import Statement


class Reductions(State):
    """Starts and ends reductions."""

    def start(self, s: Statement) -> None:
        """Begin a reduction before the loop over its first reduced index."""
        axes = tuple(i for i in s.free if i not in self.opened)
        stem = self.places.array(s.name)
        if not axes:
            name = self.frame.name(f"{stem}_total")
            self.frame.put(f"{name} = {STARTS[s.kind]}")
            best = self._best(s, name)
        else:
            name, best = self._array(f"{stem}_total", s.kind, axes), ""
            self.fill(name, axes, STARTS[s.kind])
            if s.kind.startswith("arg"):
                best = self._array(f"{stem}_best", s.kind[3:], axes)
                self.fill(best, axes, STARTS[s.kind[3:]])
        self.running[s.name] = Running(s, name, axes, best)

    def _best(self, s: Statement, name: str) -> str:
        if not s.kind.startswith("arg"):
            return ""
        best = self.frame.name(f"{name}_best")
        self.frame.put(f"{best} = {STARTS[s.kind[3:]]}")
        return best

    def _array(self, wish: str, kind: str, axes: tuple[Index, ...]) -> str:
        """Return the name of a new array of which each block has a part."""
        name = self.writer.scope.names.name(("cuda", wish, len(self.writer.mine)), wish)
        self.arrays.append(Array(name, tuple(self.writer.integer(i.size) for i in axes), KINDS[kind]))
        self.writer.mine.add(name)
        return name

    def fill(self, name: str, axes: tuple[Index, ...], start: str) -> None:
        """Write the loop that fills a running array."""
        self.touch([Touch(name, True, self._owner(over(name, axes), axes))])
        with self.shared(axes):
            self.frame.put(f"{self.writer.entry(over(name, axes))} = {start}")

    def finish(self, s: Statement) -> None:
        """Store what has run, after the loop over its first reduced index."""
        running = self.running.pop(s.name)
        if not running.axes:
            self.complete(s, running.name)
            return
        source = over(running.name, running.axes)
        owned = [Touch(running.name, False, self._owner(source, running.axes))]
        if self.is_memory(s.name):
            owned.append(Touch(self.places.array(s.name), True, self.owner(s.target, running.axes)))
        self.touch(owned)
        with self.shared(running.axes):
            entry = self.writer.entry(self.places.access(s.target))
            self.frame.put(self.writer.assigned(s.name, entry, self.writer.entry(source)))

    def complete(self, s: Statement, value: str) -> None:
        """Store a complete reduction; one that is kept in a name is rounded to the module's type."""
        rounded = f"real({value})" if s.kind == "sum" and not self.writer.storage[s.name].wide else value
        self.store(s, rounded if rounded != value or not self.is_memory(s.name) else value)

    def store(self, s: Statement, value: str) -> None:
        """Put a value that all threads have where the statement's target is kept."""
        name = self.places.array(s.name)
        if not self.is_memory(s.name):
            if value != name:
                self.frame.put(f"{name} = {value}  # ({s.number})")
            return
        if self.places.is_scalar(s.name):
            held = self.frame.name(f"{name}_value")
            self.frame.put(f"{held} = {value}  # ({s.number})")
            self.writer.values[s.name] = held
            self.touch([Touch(name, True, FIRST)])
            self._by_first(f"{name}[()] = {held}")
            return
        self.touch([Touch(name, True, FIRST)])
        entry = self.writer.entry(self.places.access(s.target), self.facts)
        line = f"{self.writer.assigned(s.name, entry, value)}  # ({s.number})"
        self._by_first(line, self.missing_rows(s))

    def _by_first(self, line: str, test: str = "") -> None:
        self.frame.put(f"if thread == 0{f' and {test}' if test else ''}:")
        self.frame.put(f"    {line}")

    def missing_rows(self, s: Statement) -> str:
        """Return the test that the start row at 0 or after is there: the array may be empty."""
        shape = self.writer.storage[s.name].shape
        fixed = [(i, n) for i, n in zip(s.target.indices, shape, strict=True) if i.is_Integer and i >= 0]
        return " and ".join(f"{i} < {self.writer.integer(n)}" for i, n in fixed)

    # ---------------------------------------------------------------- parts

    def begin_parts(self) -> None:
        """Start the reductions that are complete only after the launch."""
        for s in self.launch.statements:
            if not self.is_part(s) or s.name in self.running:
                continue
            if s.kind.startswith("arg"):
                raise NotYet(f"equation ({s.number}): a position among places that blocks share, on CUDA")
            self._begin_part(s)

    def _begin_part(self, s: Statement) -> None:
        stem = self.places.array(s.name)
        axes = tuple(i for i in s.target.indices if isinstance(i, Index) and i not in self.hosted)
        name = self.writer.scope.names.name(("part", s.name), f"{stem}_part")
        made = Array(name, tuple(self.writer.integer(i.size) for i in axes), KINDS[s.kind])
        carried = [k for k, index in enumerate(self.hosted) if index in s.reduced]
        if set(axes) != set(s.free) - set(self.hosted) or self.places.plan.places[s.name].kind != "array":
            raise NotYet(f"equation ({s.number}): the sum {s.name}, over what blocks share, on CUDA")
        self.parts.append(Part(made, s.name, self._target(s), s.kind, STARTS[s.kind], min(carried, default=None)))
        self.writer.mine.add(name)
        if axes:
            self.running[s.name] = Running(s, name, axes)
            if not carried and not has_columns(self.launch):
                self.fill_part(s, axes)
            return
        total = self.frame.name(f"{stem}_total")
        flat = self.launch.flat
        # the first thread stores the total again: others that read it here might be late, where a block has no places
        so_far = f"{name}[block] if thread == 0 else " if carried and not flat else ""
        self.frame.put(f"{total} = {so_far}{STARTS[s.kind]}")
        self.running[s.name] = Running(s, total)

    def fill_part(self, s: Statement, axes: tuple[Index, ...]) -> None:
        """Start this block's part of a reduction with axes."""
        self.fill(self.running[s.name].name, axes, STARTS[s.kind])

    def _target(self, s: Statement) -> str:
        """Return the part of the target's array that the sum is: its entries at the steps of the host."""
        access = self.places.access(s.target)
        fixed = [a for a, slot in enumerate(access.slots) if set(self.hosted) & set(free(slot))]
        if fixed != list(range(len(fixed))) or any(not isinstance(i, Index) for i in access.slots):
            raise NotYet(f"equation ({s.number}): the sum {s.name}, at steps that are no leading axes, on CUDA")
        at = [self.writer.integer(access.slots[a]) for a in fixed]
        return f"{access.array}[{', '.join([*at[:-1], f'{at[-1]}:{at[-1]} + 1'])}]" if at else access.array

    def end_parts(self) -> None:
        """Store what this block's parts have come to."""
        for part in self.parts:
            running = self.running.pop(part.tensor)
            if running.axes:
                continue
            value = running.name
            if self.launch.flat:
                value = f"block_{part.kind}({running.name})"
                whole = self.frame.name(f"{running.name}_block")
                self.frame.put(f"{whole} = {value}")
                entry = f"{part.array.name}[block]"
                joined = (
                    term_lines(running.statement, entry, whole, self.writer)
                    if part.last is not None
                    else [f"{entry} = {whole}"]
                )
            else:
                joined = [f"{part.array.name}[block] = {value}"]
            self.frame.put("if thread == 0:")
            self.frame.put_all(f"    {line}" for line in joined)
