"""The row that finds a maximum and sums of exponentials less it at once; see `online`."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.derive.nodes import Call, Element
from gradproof.kernels.cuda.hazards import Touch
from gradproof.kernels.cuda.steps import Online
from gradproof.kernels.cuda.walk_rows import WalkRows
from gradproof.kernels.emission.terms import term_lines, value_of
from gradproof.kernels.plan import Statement


@dataclass(frozen=True, slots=True)
class Mine:
    """Names of what a thread has found.

    Attributes:
        sums: of reductions, each with a name for the best so far.
        shift: what its exponentials are taken less of; near: up to where that is good enough.
    """

    sums: dict[Statement, tuple[str, str]]
    shift: str
    near: str


class OnlineRows(WalkRows):
    """Writes such rows."""

    def online(self, node: Online) -> Mine:
        """Write the loop over the places that the threads share."""
        indices, every = (node.index,), (*node.body, *node.sums)
        self.touch(t for s in every for t in self.touches(s, indices))
        self._hold_outside(indices, every)
        stem = self.places.array(node.shift.name)
        mine = Mine(
            self._begin_mine(indices, every, flat=False),
            self.frame.name(f"{stem}_mine"),
            self.frame.name(f"{stem}_near"),
        )
        self.frame.put(f"{mine.shift}, {mine.near} = real(0.0), real(-np.inf)")
        used = self.used(indices, every)
        values = self.values(node, used)
        if used and values is not None:
            self._in_pieces(node, mine, used, values)
        elif all(s.expr == _exponential(node) for s in node.sums):
            self._ahead(node, mine)
        else:
            with self.shared(indices):
                self._count(indices, every)
                self._statements([s for s in node.body if s is not node.most], mine.sums)
                self._value(node, mine)
        self.writer.held.clear()
        for s in node.body:
            if s in mine.sums:
                self._join(s, *mine.sums[s])
        return mine

    def online_sums(self, node: Online, mine: Mine) -> None:
        """Put together what the threads have summed up, each less a shift of its own."""
        shift = node.shift
        if self.is_memory(shift.name):
            self.touch([Touch(self.places.array(shift.name), False, self.owner(shift.target, ()))])
        value = self.writer.element(shift.target)
        for s in node.sums:
            name, _ = mine.sums[s]
            self.frame.put(f"{name} = moved({name}, {mine.shift}, {value})")
            self._join(s, name, "")

    def _in_pieces(self, node: Online, mine: Mine, used: list[Element], values: list[Statement]) -> None:
        """Write a loop over pieces of a row that threads keep: their maximum first, then their exponentials."""
        most, indices = node.most, (node.index,)
        with self.pieces(used, node.statements) as first:
            with self.places_of(first, used):
                self._count(indices, node.body)
                self._statements(node.body, mine.sums)
            self.frame.put_all(self._new_shift(node, mine, mine.sums[most][0]))
            with self.places_of(first, used):
                self._count(indices, (*values, *node.sums))
                self._statements(values, mine.sums)
                value = self._named(most, self.writer.real(most.expr, self.facts))
                self.frame.put_all(self._terms(node, mine, value))

    def _ahead(self, node: Online, mine: Mine) -> None:
        """Write a loop that reads some places before it uses them: so many reads are on their way at once."""
        index, stem = node.index, self.places.array(node.most.name)
        terms, first, ahead = (self.frame.name(n) for n in (f"{stem}_terms", "first", "ahead"))
        start = self.start_of(index)
        stop = self.places.stretches[index][1] if start else self.extent(index)
        self.frame.put(f"{terms} = cuda.local.array(AHEAD, real)")
        self.frame.put(f"for {first} in range({f'{start} + ' if start else ''}thread, {stop}, AHEAD*THREADS):")
        with self.frame.block():
            self.frame.put(f"for {ahead} in range(AHEAD):")
            with self.frame.block(), self.writer.scope.loop(index) as name:
                self.frame.put(f"{name} = {first} + {ahead}*THREADS")
                self.frame.put(f"{terms}[{ahead}] = real(-np.inf)")
                self.frame.put(f"if {name} < {stop}:")
                with self.frame.block():
                    self._read(node, mine, f"{terms}[{ahead}]")
            self._moved(node, mine, terms, ahead)
        self.writer.scope.local -= {first, ahead}

    def _read(self, node: Online, mine: Mine, term: str) -> None:
        """Write what is done with the value at a place before it is summed up."""
        self._count((node.index,), node.body)
        self._statements([s for s in node.body if s is not node.most], mine.sums)
        self.order_by(node.most)
        tests, facts = self.tests(node.most)
        line = f"{term} = {self.writer.real(node.most.expr, facts)}"
        self.frame.put_all([f"if {' and '.join(tests)}:", f"    {line}"] if tests else [line])
        self.writer.held.clear()

    def _moved(self, node: Online, mine: Mine, terms: str, ahead: str) -> None:
        """Write how a stretch of terms goes into the maximum and the sums."""
        most = mine.sums[node.most][0]
        term = f"{terms}[{ahead}]"
        self.frame.put(f"for {ahead} in range(AHEAD):")
        self.frame.put_all(f"    {line}" for line in term_lines(node.most, most, term, self.writer))
        self.frame.put_all(self._new_shift(node, mine, most))
        self.frame.put(f"for {ahead} in range(AHEAD):")
        self.frame.put_all(f"    {line}" for line in self._terms(node, mine, term))

    def _new_shift(self, node: Online, mine: Mine, value: str) -> list[str]:
        """Return the lines that take exponentials less the value from now on, if it is not near the shift so far."""
        after = self.frame.name(f"{self.places.array(node.shift.name)}_next")
        self.writer.held[node.most.target] = value
        lines = [f"if not {value} <= {mine.near}:", f"    {after} = {self.writer.real(node.shift.expr, self.facts)}"]
        lines += [f"    {mine.sums[s][0]} = moved({mine.sums[s][0]}, {mine.shift}, {after})" for s in node.sums]
        del self.writer.held[node.most.target]
        return [*lines, f"    {mine.shift}, {mine.near} = {after}, {value} + NEAR"]

    def _terms(self, node: Online, mine: Mine, value: str) -> list[str]:
        """Return the lines that add a value's exponential to the sums."""
        lines = []
        self.writer.held |= {node.most.target: value, node.shift.target: mine.shift}
        for s in node.sums:
            self.order_by(s)
            lines += term_lines(s, mine.sums[s][0], value_of(s, self.writer, self.facts), self.writer)
        del self.writer.held[node.most.target], self.writer.held[node.shift.target]
        return lines

    def _value(self, node: Online, mine: Mine) -> None:
        """Write what is done with the value at a place."""
        most = node.most
        self.order_by(most)
        self._hold_inside(most)
        tests, facts = self.tests(most)
        value = self._named(most, self.writer.real(most.expr, facts))
        lines = term_lines(most, mine.sums[most][0], value, self.writer)
        lines += [*self._new_shift(node, mine, mine.sums[most][0]), *self._terms(node, mine, value)]
        if tests:
            lines = [f"if {' and '.join(tests)}:", *[f"    {line}" for line in lines]]
        self.frame.put_all(lines)

    def _named(self, most: Statement, value: str) -> str:
        """Return a name for a term of the maximum, which stands in the text more than once."""
        if value.isidentifier() or value in self.writer.held.values():
            return value
        name = self.frame.name(f"{self.places.array(most.name)}_term")
        self.frame.put(f"{name} = {value}")
        return name


def _exponential(node: Online) -> Call:
    """Return the exponential of the maximum less the shift, which stands for that of each term."""
    return Call("exp", node.most.target - node.shift.target)
