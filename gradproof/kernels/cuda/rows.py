"""A row: a loop whose places the threads of a block share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, elements, free, order_key
from gradproof.kernels.cuda.hazards import Touch
from gradproof.kernels.cuda.parallel import apart_if
from gradproof.kernels.cuda.reductions import Reductions
from gradproof.kernels.cuda.state import STARTS
from gradproof.kernels.cuda.steps import Owned
from gradproof.kernels.edges import unproved
from gradproof.kernels.emission.terms import position_lines, term_lines, value_of
from gradproof.kernels.expressions import Facts
from gradproof.kernels.plan import Statement


class Rows(Reductions):
    """Writes rows."""

    def row(self, indices: tuple[Index, ...], statements: Sequence[Statement], *, flat: bool = False) -> None:
        """Write a loop over the places of some indices.

        Args:
            indices: run together as one.
            statements: what is done at each place.
            flat: do all blocks share the places?
        """
        needed = self._needed(indices, statements)
        serial = not flat and (needed is None or bool(needed))
        whose = [()] if serial and not needed else [(), indices] if serial else [indices]
        self.touch(t for shared in whose for s in statements for t in self.touches(s, shared))
        self._hold_outside(indices, statements)
        mine = self._begin_mine(indices, statements, flat=flat)
        if serial:
            self._in_turn(indices, statements, mine, needed)
        else:
            with self.flat() if flat else self.along(indices, statements):
                self._places(indices, statements, mine)
        self.writer.held.clear()
        for s, names in mine.items():
            if not flat:
                self._join(s, *names)

    @contextmanager
    def along(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> Iterator[None]:
        """Write the loop over the places of a row, and open them."""
        with self.shared(indices):
            yield

    def owned(self, node: Owned, *, flat: bool = False) -> None:
        """Write a loop over places at each of which a thread reduces by itself."""
        touches = [t for s in node.statements for t in self.touches(s, node.indices)]
        targets = [(self.places.array(s.name), self.owner(s.target, node.indices)) for s in node.statements]
        self.touch([*touches, *(Touch(array, True, owner) for array, owner in targets)])
        with self.flat() if flat else self.shared(node.indices):
            mine = self._begin_mine(node.loops, node.statements, flat=False)
            self._window(node, node.loops, mine)
            self.writer.held.clear()
            for s, (name, _) in mine.items():
                entry = self.writer.entry(self.places.access(s.target), self.facts)
                self.frame.put(f"{self.writer.assigned(s.name, entry, name)}  # ({s.number})")

    def _window(self, node: Owned, loops: tuple[Index, ...], mine: dict[Statement, tuple[str, str]]) -> None:
        """Write the loops that a thread runs at its place."""
        if not loops:
            self._places(node.indices, node.statements, mine)
            return
        with self.shared(loops[:1], begin="0", step=""):
            self._window(node, loops[1:], mine)

    def _needed(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> frozenset[Size] | None:
        """Return the sizes that must not be 0 for no two places to add to one entry; None where they may anyway."""
        found = [apart_if(s, indices, self.writer.divisors) for s in statements if s.kind == "add"]
        return None if any(f is None for f in found) else frozenset[Size]().union(*[f for f in found if f is not None])

    def _in_turn(
        self,
        indices: tuple[Index, ...],
        statements: Sequence[Statement],
        mine: dict[Statement, tuple[str, str]],
        needed: frozenset[Size] | None,
    ) -> None:
        """Let the first thread do it all, in the order of the places, where terms may go to one entry."""
        before = dict(self.writer.held)
        if needed:
            sizes = sorted(self.writer.integer(size) for size in needed)
            self.frame.put(f"if {' and '.join(f'{n} > 0' for n in sizes)}:  # no two places add to one entry")
            with self.frame.block(), self.shared(indices):
                self._places(indices, statements, mine)
            self.writer.held = before
        self.frame.put(
            f"{'el' if needed else ''}if thread == 0:  # terms may go to one entry: in the order of the places"
        )
        with self.frame.block(), self.shared(indices, begin="0", step=""):
            self._places(indices, statements, mine)

    def _places(
        self, indices: tuple[Index, ...], statements: Sequence[Statement], mine: dict[Statement, tuple[str, str]]
    ) -> None:
        """Write what is done at a place."""
        self._count(indices, statements)
        self._statements(statements, mine)

    def _statements(self, statements: Sequence[Statement], mine: dict[Statement, tuple[str, str]]) -> None:
        for s in statements:
            self.order_by(s)
            self._hold_inside(s)
            if s.kind == "map":
                self._map(s, statements)
            else:
                self._term(s, mine)

    # ---------------------------------------------------------------- values that are read once

    def _count(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> None:
        made = {s.name for s in statements}
        counted: Counter[Element] = Counter()
        for s in statements:
            for part in (s.expr, *s.conditions):
                for e in elements(part):
                    counted[e] += _times(part, e)
        self.often = {e for e, n in counted.items() if n > 1 and e.name not in made and self._is_read(e)}

    def _is_read(self, e: Element) -> bool:
        return bool(e.indices) and not self.writer.is_local(e.name) and not self.places.is_scalar(e.name)

    def _hold_inside(self, s: Statement) -> None:
        """Give names to the elements that this and other statements read, where they are certainly there."""
        found = {e for part in (s.expr, *s.conditions) for e in elements(part)} & self.often
        for e in sorted(found, key=order_key):
            if e not in self.writer.held and not any(elements(i) for i in e.indices) and self.writer.is_sure(e):
                self._hold(e)

    def _hold_outside(self, indices: tuple[Index, ...], statements: Sequence[Statement]) -> None:
        """Give names to the elements that are the same at all places."""
        made = {s.name for s in statements}
        found = {e for s in statements for part in (s.expr, *s.conditions) for e in elements(part)}
        for e in sorted(found, key=order_key):
            same = not set(indices) & set(free(e)) and e.name not in made and self._is_read(e)
            if same and not any(elements(i) for i in e.indices) and all(self._is_open(i) for i in free(e)):
                self.writer.loops = frozenset(i.size for i in (*self.opened, *self.launch.grid))
                if self.writer.is_sure(e):
                    self._hold(e)

    def _is_open(self, symbol: object) -> bool:
        return not isinstance(symbol, Index) or symbol in self.opened or symbol in self.hosted

    def _hold(self, e: Element) -> None:
        tags = [self.writer.scope.index(i) if isinstance(i, Index) else "" for i in e.indices]
        name = self.frame.name("_".join([self.places.array(e.name), *[t for t in tags if t.isidentifier()]]))
        self.frame.put(f"{name} = {self.writer.element(e, self.facts)}")
        self.writer.held[e] = name

    # ---------------------------------------------------------------- statements

    def _map(self, s: Statement, statements: Sequence[Statement]) -> None:
        value = self.writer.real(s.expr, self.facts)
        if not self.is_memory(s.name):
            self.frame.put(f"{self.places.array(s.name)} = {value}  # ({s.number})")
            return
        entry = self.writer.entry(self.places.access(s.target), self.facts)
        if s.target in self.writer.held:  # what its thread keeps for a later row
            kept = self.writer.held[s.target]
            self.frame.put(f"{kept} = {value}  # ({s.number})")
            self.frame.put(self.writer.assigned(s.name, entry, kept))
            return
        missing = self.missing_rows(s)
        again = any(s.target in elements(e) for o in statements if o is not s for e in (o.expr, *o.conditions))
        if missing:
            self.frame.put(f"if {missing}:")
            self.frame.put(f"    {self.writer.assigned(s.name, entry, value)}  # ({s.number})")
        elif again and not self.writer.storage[s.name].integer:
            name = self.frame.name(f"{self.places.array(s.name)}_here")
            self.frame.put(f"{name} = {value}")
            self.frame.put(f"{self.writer.assigned(s.name, entry, name)}  # ({s.number})")
            self.writer.held[s.target] = name
        else:
            self.frame.put(f"{self.writer.assigned(s.name, entry, value)}  # ({s.number})")

    def _term(self, s: Statement, mine: dict[Statement, tuple[str, str]]) -> None:
        tests, facts = self.tests(s)
        value = value_of(s, self.writer, facts)
        if s in mine:
            lines = term_lines(s, mine[s][0], value, self.writer, mine[s][1])
        elif s.kind == "add":
            lines = term_lines(s, self.writer.entry(self.places.access(s.target), facts), value, self.writer)
        else:
            running = self.running[s.name]
            into = self.writer.entry(self.running_entry(s), facts) if running.axes else running.name
            best = running.best
            if best and running.axes:
                best = into.replace(running.name, best, 1)
            lines = term_lines(s, into, value, self.writer, best)
        if tests:
            self.frame.put(f"if {' and '.join(tests)}:")
        self.frame.put_all(f"    {line}" if tests else line for line in lines)

    def tests(self, s: Statement) -> tuple[list[str], Facts]:
        """Return what has to hold for a term, and what is known then; labels have to lie inside."""
        conditions = (*s.guards, *s.conditions)
        test, facts = self.writer.condition(conditions, self.facts) if conditions else ("", self.facts)
        tests = [test] if test else []
        if s.kind == "add":
            storage = self.writer.storage[s.name]
            for axis, below, past in unproved(s.target, storage, self.writer.system, facts, checked=False):
                at = self.writer.integer(s.target.indices[axis], facts)
                high = self.writer.integer(storage.shape[axis] + storage.high[axis], facts)
                tests.append(("0 <= " if below else "") + at + (f" < {high}" if past else ""))
        return tests, facts

    # ---------------------------------------------------------------- reductions over the row

    def _begin_mine(
        self, indices: tuple[Index, ...], statements: Sequence[Statement], *, flat: bool
    ) -> dict[Statement, tuple[str, str]]:
        """Start what each thread reduces of the row by itself; in a flat launch that runs already."""
        mine: dict[Statement, tuple[str, str]] = {}
        for s in statements:
            if s.kind in ("map", "add") or not set(indices) & set(s.reduced):
                continue
            if flat:
                mine[s] = self.running[s.name].name, ""
                continue
            name = self.frame.name(f"{self.places.array(s.name)}_mine")
            self.frame.put(f"{name} = {STARTS[s.kind]}")
            best = ""
            if s.kind.startswith("arg"):
                best = self.frame.name(f"{name}_best")
                self.frame.put(f"{best} = {STARTS[s.kind[3:]]}")
            mine[s] = name, best
        return mine

    def _join(self, s: Statement, name: str, best: str) -> None:
        """Put what the threads have together where the reduction goes, or add it to what has run."""
        all_ = self.frame.name(name.removesuffix("_mine") + "_all")
        if best:
            at_best = self.frame.name(f"{all_}_best")
            self.frame.put(f"{all_}, {at_best} = block_{s.kind}({name}, {best})")
        else:
            self.frame.put(f"{all_} = block_{s.kind}({name})")
        self.hazards.met()
        running = self.running.get(s.name)
        if running is None:
            self.complete(s, all_)
            return
        into = self.writer.entry(self.running_entry(s), self.facts) if running.axes else running.name
        if best:
            lines = position_lines(s, into, running.best, at_best, all_)
            lines = [f"if {all_} >= 0:", *[f"    {line}" for line in lines]]
        else:
            lines = term_lines(s, into, all_, self.writer)
        if running.axes:
            self.touch(t for t in self.touches(s, ()) if t.writes)
            lines = ["if thread == 0:", *[f"    {line}" for line in lines]]
        self.frame.put_all(lines)


def _times(e: object, element: Element) -> int:
    """Return how often an element stands in an expression."""
    if e == element:
        return 1
    return sum(_times(a, element) for a in getattr(e, "args", ()))
