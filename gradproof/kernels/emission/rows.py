"""A row: a helper function with one loop over views, and the call of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sympy import Mul

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Size
from gradproof.derive.nodes import Iverson, elements, free
from gradproof.kernels.emission.alone import promise
from gradproof.kernels.emission.fetching import fetch_lines
from gradproof.kernels.emission.frame import words_in
from gradproof.kernels.emission.ranges import Limits, bracket_conditions, limits
from gradproof.kernels.emission.steps import step_size, with_unit_step
from gradproof.kernels.emission.streams import Sent, are_places, in_blocks, sent
from gradproof.kernels.emission.sums import STARTS, starting
from gradproof.kernels.emission.taken import Result, Taker
from gradproof.kernels.emission.term_blocks import in_real, in_term_blocks
from gradproof.kernels.emission.terms import term_lines
from gradproof.kernels.emission.views import Span, row_view
from gradproof.kernels.emission.writing import RowWriter
from gradproof.kernels.expressions import Facts
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Row

if TYPE_CHECKING:
    from gradproof.kernels.emission.regions import RegionEmitter


#: Reductions whose terms that do not count are replaced by one that changes nothing, and what that is called.
_NOTHING = {"sum": "", "max": "lowest", "min": "highest"}


class RowEmitter:
    """Writes one row."""

    writer_type: Callable[..., RowWriter] = RowWriter

    def __init__(self, region: RegionEmitter, row: Row, ones: tuple[Size | None, ...] = ()) -> None:
        self.region, self.row, self.ones = region, row, ones
        self.scope, self.frame = region.scope, region.frame
        self.span = region.span(row.index)
        self.before: list[str] = []
        self.lines: list[str] = []
        self.locals: set[str] = set()
        self.targets: list[str] = []
        self.results: list[Result] = []
        self.positive: list[str] = []
        self.inner: Facts = ()

    def emit(self) -> None:
        """Put the call into the region's function, and the helper into the module."""
        size = None if self.ones else step_size(self.row)
        if size is not None and not starting(self.row, self.region.opened):
            self._by_step(size)
            return
        outside, inside = self._conditions()
        begun = [s for s in starting(self.row, self.region.opened) if s.name not in self.region.running]
        if not outside and not inside and not any(s.kind.startswith("arg") for s in begun):
            self._write(frozenset(), sent(self.row, self.region) if type(self) is RowEmitter else None)
            return
        for s in begun:
            self.region.start(s)
        if self.row.statements[0].kind == "map" and (outside or inside):
            self._masked_map(outside, inside)
        else:
            self._where(outside, lambda: self._limited(outside, inside))
        for s in begun:
            self.region.finish(s)

    def _by_step(self, size: Size) -> None:
        """Write the row twice: for steps of 1, whose views are contiguous, and for others."""
        self.frame.put(f"if {self.region.writer.integer(size)} == 1:")
        with self.frame.block():
            RowEmitter(self.region, with_unit_step(self.row, size), (size,)).emit()
        self.frame.put("else:")
        with self.frame.block():
            RowEmitter(self.region, self.row, (None,)).emit()

    def _where(self, outside: tuple[Condition, ...], write: Callable[[], None]) -> None:
        """Write what runs only where conditions hold."""
        if not outside:
            write()
            return
        facts = self.region.facts
        test, self.region.facts = self.region.writer.condition(outside, facts)
        self.frame.put(f"if {test}:")
        with self.frame.block():
            write()
        self.region.facts = facts

    def _limited(self, outside: tuple[Condition, ...], inside: tuple[Condition, ...]) -> None:
        """Write the row where the conditions that are a range along it hold."""
        found = self._limits(inside)
        if found is not None:
            start, stop = self._stretch(found)
            self.span, self.inner = Span(self.row.index, start, stop), found.facts
        self._write(frozenset((*outside, *(found.used if found else ()))))

    def _stretch(self, found: Limits) -> tuple[str, str]:
        stem = self.region.stem(self.row.index)
        start, stop = self.frame.name(f"{stem}_start"), self.frame.name(f"{stem}_stop")
        self.frame.put(f"{start} = min({found.start}, {self.region.writer.integer(self.row.index.size)})")
        self.frame.put(f"{stop} = max({start}, {found.stop})")
        return start, stop

    def _limits(self, inside: tuple[Condition, ...]) -> Limits | None:
        if self.span.start:
            return None
        return limits(
            inside, self.row.index, frozenset(self.region.opened), self.region.writer, self.region.writer.divisors
        )

    def _masked_map(self, outside: tuple[Condition, ...], inside: tuple[Condition, ...]) -> None:
        """Write a map that is 0 where conditions do not hold."""
        (s,) = self.row.statements
        view = row_view(self.region.places.access(s.target), self.span, self.region.writer, self.region.facts)
        found = self._limits(inside)
        if view is None or not view.exact or (found is None and not outside):
            self._write(frozenset())
            return
        row = self.frame.bind(view.text, view.wish)
        factors = Mul.make_args(s.expr)
        used = (*outside, *(found.used if found else ()))
        left = tuple(c for c in bracket_conditions(s.expr) if c not in used)
        value = Mul(*[f for f in factors if not isinstance(f, Iverson)], Iverson(*left) if left else 1)
        self.row = replace(self.row, statements=(replace(s, expr=value),))

        def write() -> None:
            if found is not None:
                start, stop = self._stretch(found)
                self.frame.put(f"clear_outside({row}, {start}, {stop})  # ({s.number})")
                self.span, self.inner = Span(self.row.index, start, stop), found.facts
            self._write(frozenset(used))

        self._where(outside, write)
        if outside:
            self.frame.put("else:")
            with self.frame.block():
                self.frame.put(f"clear_outside({row}, 0, 0)  # ({s.number})")

    def _conditions(self) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        """Return the conditions of a single statement that need no loop, and those that name the row's index."""
        if len(self.row.statements) > 1:
            return (), ()
        (s,) = self.row.statements
        if s.kind == "map":
            if self.region.places.is_scalar(s.name) or self.span.start or self.region.missing_rows(s.target):
                return (), ()
            conditions = bracket_conditions(s.expr)
        else:
            conditions = (*s.guards, *s.conditions)
        conditions = tuple(c for c in dict.fromkeys(conditions) if c not in self.region.tested)
        outside = tuple(c for c in conditions if self.row.index not in free(c))
        return outside, tuple(c for c in conditions if c not in outside)

    def _write(self, tested: frozenset[Condition], sends: Sent | None = None) -> None:
        with self.scope.loop(self.row.index, self.span.start) as counter:
            writer = self.writer_type(self.region.writer, self.frame, self.span, counter, self.region.facts)
            writer.inner = self.inner
            if self.ones and self.ones[0] is not None:
                writer.checked = writer.checked.where_one(self.ones[0])
            for s in self.row.statements:
                self._statement(s, writer, tested | self.region.tested)
            bound = self._bound(writer)
            loop = [f"for {counter} in range({bound}):", *[f"    {line}" for line in self.lines]]
            known = self.scope.visible() - self.locals - {counter}
        rows = self._sent_rows(sends, writer)
        if sends is not None and rows and are_places(self.lines, counter):
            blocks = dict(zip(rows, sends.blocks(), strict=True))
            taken = self.scope.visible() | self.scope.names.reserved | self.locals | {counter}
            loop = in_blocks(self.lines, counter, blocks, size=bound, large=sends.large, taken=taken)
            known |= {sends.large, *blocks.values()}
        elif self.positive and type(self) is RowEmitter and are_places(self.lines, counter):
            taken = self.scope.visible() | self.scope.names.reserved | self.locals | {counter}
            loop = in_term_blocks(self.lines, counter, self.positive, size=bound, taken=taken, fetch=self._fetch)
            known = self.scope.visible() - self.locals - {counter} | {name for name, _ in self.region.heads.values()}
        self._call(writer, known, loop)

    def _fetch(self, place: str, size: str) -> list[str]:
        """Return the lines that have memory fetched."""
        return fetch_lines(self.row, self.region, place, size)

    def _sent_rows(self, sends: Sent | None, writer: RowWriter) -> list[str]:
        """Return the names of the rows that may be sent past the caches, if they all may."""
        rows = [t for t in self.targets if sends and self.frame.base(t) in sends.arrays and t in writer.exact]
        return rows if sends and len(rows) == len(sends.arrays) else []

    def _call(self, writer: RowWriter, known: frozenset[str], loop: list[str]) -> None:
        """Write a helper with the loop, and the call of it."""
        lines = [*self.before, *loop]
        lines += [f"return {', '.join(r.name for r in self.results)}"] if self.results else []
        arguments = tuple(sorted((w for w in words_in(lines) if w in known), key=self.targets.__contains__))
        lines = [*promise(arguments, self.targets, self.frame.base), *lines]
        helper = self.region.kit.helper(self._name(), arguments, tuple(lines), sums=bool(self.results))
        call = f"{helper.name}({', '.join(writer.stretches.get(a, a) for a in helper.arguments)})"
        Taker(self.region, self.results).put(call)

    def _name(self) -> str:
        names = list(dict.fromkeys(self.scope.tensor(s.name) for s in self.row.statements))
        return f"{self.region.kit.name}_{'_'.join(names[:2])}"

    def _bound(self, writer: RowWriter) -> str:
        """Return how many places there are: the length of a view, of a target if there is one."""
        exact = sorted(writer.exact, key=lambda n: n not in self.targets)
        if exact:
            return f"{exact[0]}.size"
        return f"{self.span.stop} - {self.span.start}" if self.span.start else writer.integer(self.row.index.size)

    def _statement(self, s: Statement, writer: RowWriter, tested: frozenset[Condition]) -> None:
        self.region.order_by(s, writer)
        writer.loops = frozenset(i.size for i in (*s.free, *s.reduced))
        if s.kind == "map":
            self._map(s, writer)
        elif s.kind == "add":
            self._add(s, writer, tested)
        else:
            self._term(s, writer, tested)

    def _map(self, s: Statement, writer: RowWriter) -> None:
        value, places = writer.real(s.expr, (*self.region.facts, *self.inner)), self.region.places
        if places.is_scalar(s.name):
            name = places.array(s.name)
            self.locals.add(name)
            self.lines.append(f"{name} = {value}  # ({s.number})")
            return
        target = writer.entry(places.access(s.target), self.region.facts)
        self.targets.append(target.split("[", 1)[0])
        missing = self.region.missing_rows(s.target)
        if missing:
            self.lines += [f"if {missing}:", f"    {target} = {value}  # ({s.number})"]
        elif self._is_read_again(s):
            name = self.frame.name(f"{places.array(s.name)}_{writer.counter}")
            self.locals.add(name)
            self.lines += [f"{name} = {value}", f"{target} = {name}  # ({s.number})"]
            writer.held[s.target] = name
        else:
            self.lines.append(f"{target} = {value}  # ({s.number})")

    def _is_read_again(self, s: Statement) -> bool:
        after = self.row.statements[self.row.statements.index(s) + 1 :]
        return any(s.target in elements(e) for o in after for e in (o.expr, *o.conditions))

    def _term(self, s: Statement, writer: RowWriter, tested: frozenset[Condition]) -> None:
        facts = (*self.region.facts, *self.inner)
        conditions = tuple(c for c in (*s.guards, *s.conditions) if c not in tested)
        test, facts = writer.condition(conditions, facts) if conditions else ("", facts)
        writer.wide = writer.storage[s.name].wide
        value = writer.real(s.expr, facts)
        writer.wide = False
        if test and s.kind in _NOTHING:
            value, test = f"{value} if {test} else {self._nothing(s.kind)}", ""
        lines = term_lines(s, self._into(s, writer), value, writer, self.region.best_text(s, writer), branches=False)
        self.lines += [f"if {test}:", *[f"    {line}" for line in lines]] if test else lines

    def _nothing(self, kind: str) -> str:
        """Return a term that changes nothing. LLVM would undo the choice if it knew the number, and use no vectors."""
        return STARTS[kind] if kind == "sum" else self.frame.bind(STARTS[kind], _NOTHING[kind])

    def _add(self, s: Statement, writer: RowWriter, tested: frozenset[Condition]) -> None:
        """Add to what the target holds."""
        facts = (*self.region.facts, *self.inner)
        conditions = tuple(c for c in s.conditions if c not in tested)
        test, facts = writer.condition(conditions, facts) if conditions else ("", facts)
        target = writer.entry(self.region.places.access(s.target), facts)
        self.targets.append(target.split("[", 1)[0])
        lines = term_lines(s, target, writer.real(s.expr, facts), writer, branches=False)
        self.lines += [f"if {test}:", *[f"    {line}" for line in lines]] if test else lines

    def _into(self, s: Statement, writer: RowWriter) -> str:
        """Return what the term is added to: a number of the helper, or an entry of a running array."""
        if self.row.index not in s.reduced:
            entry = writer.entry(self.region.running_entry(s), self.region.facts)
            self.targets.append(entry.split("[", 1)[0])
            return entry
        if s.kind.startswith("arg"):
            running = self.region.running[s.name]
            self.results += [Result(running.name, s), Result(running.best, s)]
            return running.name
        name = self.region.places.array(s.name)
        name = self.frame.name(name) if name in self.locals else name
        self.locals.add(name)
        self.before.append(f"{name} = {STARTS[s.kind]}")
        self.results.append(Result(name, s))
        self.positive += [name] if in_real(s, self.row, self.region.storage) else []
        return name
