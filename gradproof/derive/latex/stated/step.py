"""One step of a chain of claims -> a system that computes both sides, and the derivatives that it speaks of."""

from __future__ import annotations

import copy
from bisect import bisect_left
from dataclasses import dataclass

from gradproof.derive import syntax
from gradproof.derive.latex import system as page_system
from gradproof.derive.latex.chain import Document, chain, defined_name
from gradproof.derive.latex.declarations import declarations, others
from gradproof.derive.latex.knowledge import Knowledge, learn_sizes
from gradproof.derive.latex.lower import Lowering
from gradproof.derive.latex.ranks import claims
from gradproof.derive.latex.stated.letters import free_letters, value_names
from gradproof.derive.latex.stated.rewrite import Rewriting
from gradproof.derive.latex.stated.sides import LEFT, RIGHT, foreign, lower_sides
from gradproof.derive.latex.stated.split import Chain
from gradproof.derive.latex.stated.values import Stating, Wanted
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Big, Sym, Tree
from gradproof.derive.latex.walk import application_heads, symbols, symbols_outside_subscripts
from gradproof.derive.model import System


@dataclass(frozen=True, slots=True)
class Step:
    """A step as a system.

    Attributes:
        system: what the page defines for it, the derivatives as inputs, and both sides.
        wanted: the derivatives, each an input of the system.
        open: which conventions of layout matter (see `Stating`).
        foreign: names that one side alone reads, and that nothing on the page that leads here knows.
        used: (name, line) of the page's equations that were used.
        notes: how it was read.
        helpers: names that the page does not have: of what is differentiated, where that is an expression.
        indexed: whether the claim is about entries, with index letters.
    """

    system: System
    wanted: tuple[Wanted, ...]
    open: frozenset[str]
    foreign: tuple[str, ...]
    used: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    helpers: tuple[str, ...] = ()
    indexed: bool = False


def knowledge_for(page: Document, chains: tuple[Chain, ...]) -> Knowledge:
    """Return what the page says of its names, with what its claims say too; definitions are not read by it."""
    know = copy.deepcopy(page.know)
    sides = [(c, side) for c in chains for side in (*c.sides, *((c.head,) if c.head is not None else ()))]
    learn_sizes(know, [Statement("=", c.statement.left, side, side.at, c.statement.counts) for c, side in sides])
    for _, side in sides:
        know.indices |= {s.name for s in free_letters(know, side)}
        _learn_names(know, side)
    return know


def _learn_names(know: Knowledge, side: Tree) -> None:
    heads = application_heads(side)
    for s in symbols_outside_subscripts(side):
        if id(s) not in heads and know.name(s.name) not in know.functions and not s.primes:
            know.variables.setdefault(s.name, s.at)
    for s in symbols(side):
        for axis, sub in enumerate(s.subs):
            if isinstance(sub, Sym) and not sub.subs:
                know.letters.setdefault((s.name, axis), sub.name)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a step is read: the layout of derivatives, and which definitions are meant where there are several.

    `chosen`: (name, position of its definition), instead of the nearest one above; `summed`: index letters of the
    right side over which a sum is understood.
    """

    layout: str = "mixed"
    chosen: tuple[tuple[str, int], ...] = ()
    summed: tuple[str, ...] = ()


def read_step(page: Document, chains: tuple[Chain, ...], of: Chain, sides: tuple[int, int], reading: Reading) -> Step:
    """Return `sides[0] = sides[1]` of a chain, by the positions of the two in it.

    Raises:
        InputError: what cannot be read, with its place.
    """
    return _Reader(page, chains, of, reading).step(*sides)


class _Reader:
    """Reads one step: rewrites both sides, finds what they need, lowers all of it."""

    def __init__(self, page: Document, chains: tuple[Chain, ...], of: Chain, reading: Reading) -> None:
        self.page, self.chains, self.of, self.reading = page, chains, of, reading
        self.know = knowledge_for(page, chains)
        self.place = bisect_left([s.at[0] for s in page.statements], of.statement.at[0])
        self.rewriting = Rewriting(
            self.know, page.places, page.source.text, two_axes=_has_two_axes(page, chains, self.know)
        )
        self.open: list[Chain] = [of]

    def step(self, first: int, second: int) -> Step:
        self._learn_arguments()
        left, right = (self.rewriting.tree(self.of.sides[j]) for j in (first, second))
        if self.reading.summed:
            letters = tuple(Sym(x, False, (), "", 0, right.at) for x in self.reading.summed)
            right = Big("sum", letters, None, right, right.at)
        local = self.rewriting.local
        for name in local:
            self.know.shapes.pop(name, None)
            self.know.defined.pop(name, None)
        statements = self._statements([left, right], local)
        parts = [*page_system.parts_of(self.know, statements), *page_system.sides_of(self.know, (left, right))]
        low = Lowering(
            self.page.source,
            self.know,
            claims(self.page.source, self.know, parts),
            frozenset(page_system.taken(self.know, parts)),
        )
        low.stating = Stating(self.reading.layout)
        for note in self.rewriting.notes:
            low.note(note)
        defines = [page_system.define(low, s) for s in statements]
        sides = lower_sides(low, self.of, left, right)
        parameters = page_system.parameters(statements)
        declared = declarations(low, [*defines, *sides], [(tree, own | parameters) for tree, own in parts])
        lines = others(low, {d.target.name for d in defines})
        text = syntax.Text("", "", (*declared, *lines, *defines, *sides), self.page.source.name)
        return self._finished(low, text, defines, sides, statements)

    def _learn_arguments(self) -> None:
        if self.of.head is not None:
            self.rewriting.learn_head(self.of.head)
        else:
            self.rewriting.about(self.of.sides[0])
        for side in self.of.sides:
            self.rewriting.learn(side)

    def _finished(
        self,
        low: Lowering,
        text: syntax.Text,
        defines: list[syntax.Define],
        sides: list[syntax.Define],
        statements: tuple[Statement, ...],
    ) -> Step:
        from gradproof.derive.notation import elaborate

        assert low.stating is not None
        source = self.page.source
        own = [d.target.name for d, s in zip(defines, statements, strict=True) if s in self.page.statements]
        lines = [source.line(s.at[0]) for s in statements if s in self.page.statements]
        used = tuple(zip(own, lines, strict=True))
        functions = self.know.functions
        applied = tuple((name, functions[name].line) for name in self.rewriting.arguments if name in functions)
        return Step(
            system=elaborate(text),
            wanted=tuple(low.stating.wanted.values()),
            open=frozenset(low.stating.open),
            foreign=foreign(low, defines, sides),
            used=(*applied, *used),
            notes=tuple(low.notes),
            helpers=tuple(s.left.name for s in self.rewriting.added if isinstance(s.left, Sym)),
            indexed=bool(low.scope),
        )

    # ------------------------------------------------------------ what is needed

    def _statements(self, sides: list[Tree], local: set[str]) -> tuple[Statement, ...]:
        """Return all definitions that both sides need, each after what it reads."""
        found: list[Statement] = []
        pending = [*sides, *(s.right for s in self.rewriting.added)]
        while pending:
            trees, pending = pending, []
            added = len(self.rewriting.added)
            more = [self.page.statements[j] for j in self._needed(trees, local)]
            more += self._meanings([*trees, *(s.right for s in more)])
            new = [s for s in more if s not in found]
            found += new
            pending = [*(s.right for s in new), *(s.right for s in self.rewriting.added[added:])]
        return _sorted(self.know, (*found, *self.rewriting.added))

    def _meanings(self, trees: list[Tree]) -> list[Statement]:
        r"""Return definitions of names that claims give their meaning, `\delta = \frac{\partial L}{\partial z}`."""
        out: list[Statement] = []
        for name in dict.fromkeys(n for t in trees for n in value_names(self.know, t)):
            found = self._meaning(name)
            if found is None or found in self.open:
                continue
            self.open.append(found)
            assert found.head is not None
            right = self.rewriting.tree(found.sides[0])
            out.append(Statement("=", found.head, right, found.statement.at, found.statement.counts))
        return out

    def _meaning(self, name: str) -> Chain | None:
        if name in self.page.places:
            return None
        at = self.of.statement.at[0]
        given = [c for c in self.chains if isinstance(c.head, Sym) and self._head_name(c) == name]
        before = [c for c in given if c.statement.at[0] <= at]
        return before[-1] if before else given[0] if len(given) == 1 else None

    def _head_name(self, c: Chain) -> str:
        assert c.head is not None
        return defined_name(self.know, Statement("=", c.head, c.sides[0], c.statement.at))

    def _needed(self, trees: list[Tree], local: set[str]) -> list[int]:
        """Return the positions of the page's equations that trees need, in order."""
        out: list[int] = []
        for name in dict.fromkeys(n for t in trees for n in value_names(self.know, t)):
            if name in local:
                continue
            position = self.definition(name)
            if position is not None:
                out += [j for j in chain(self.page, position) if j not in out and not self._cut(j, local)]
        return out

    def _cut(self, position: int, local: set[str]) -> bool:
        return defined_name(self.know, self.page.statements[position]) in local

    def definition(self, name: str) -> int | None:
        """Return the definition that a claim means: the nearest above it, or the page's first."""
        chosen = dict(self.reading.chosen).get(name)
        places = self.page.places.get(name, [])
        before = [j for j in places if j < self.place]
        return chosen if chosen is not None else before[-1] if before else places[0] if places else None


def _sorted(know: Knowledge, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Return statements in an order in which each comes after what it reads."""
    by_name = {defined_name(know, s): s for s in statements}
    out: list[Statement] = []

    def visit(s: Statement, above: tuple[Statement, ...]) -> None:
        for name in value_names(know, s.right):
            other = by_name.get(name)
            if other is not None and other not in above and other not in out and other is not s:
                visit(other, (*above, s))
        if s not in out:
            out.append(s)

    for s in statements:
        visit(s, (s,))
    return tuple(out)


def _has_two_axes(page: Document, chains: tuple[Chain, ...], know: Knowledge) -> bool:
    r"""Does the page compute or declare a quantity `\delta_{ij}`?"""
    lefts = [*(s.left for s in page.statements), *(c.head for c in chains)]
    written = any(isinstance(x, Sym) and x.name == "δ" and len(x.subs) == 2 for x in lefts)
    return written or any(len(shape.sizes) == 2 for name, shape in know.shapes.items() if name in ("δ", "delta"))


__all__ = ["LEFT", "RIGHT", "Reading", "Step", "knowledge_for", "read_step"]
