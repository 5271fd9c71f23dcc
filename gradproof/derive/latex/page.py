"""A page of notes: its equations, each as a system of its own, and the chains that they form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gradproof.derive.latex import gather
from gradproof.derive.latex.chain import Definitions, chain, defined_name, definitions, is_function, reads
from gradproof.derive.latex.gather import Found
from gradproof.derive.latex.knowledge import Knowledge
from gradproof.derive.latex.names import ascii_name, partial_name
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.scan import scan
from gradproof.derive.latex.source import Source, make_source
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.system import Lowered, lower_system
from gradproof.derive.latex.tree import Applied, Derivative, Sym
from gradproof.derive.latex.walk import walk
from gradproof.derive.model import System
from gradproof.errors import InputError

WHAT_IS_LOOKED_FOR = "display equations, $$ ... $$ or \\[ ... \\], or a ```math block; inline mathematics counts where it has an equals sign"


@dataclass(frozen=True, slots=True)
class Entry:
    r"""One equation of a page: read, or reported.

    Attributes:
        line: where it stands, from 1.
        latex: its text.
        kind: "equation"; "function" (`f(x) = ...`); "update" (`w := ...`); "declaration" (`x \in \mathbb{R}^n`, no system).
        system: the equation alone, with what it reads as inputs; for an update the chain of its loss and the update.
        output: the name that it computes.
        error: why it could not be read, with its place; then there is no system.
        note: what a reader should know about how it was read.
        inline: whether it stands in the prose.
    """

    line: int
    latex: str
    kind: str
    system: System | None = None
    output: str = ""
    error: InputError | None = None
    note: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Page:
    """A page as read.

    Attributes:
        source: its name.
        entries: its equations in order.
    """

    source: str
    entries: tuple[Entry, ...]
    _text: Source = field(repr=False)
    _know: Knowledge = field(repr=False)
    _statements: tuple[Statement, ...] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the page's equations compute, in order."""
        return tuple(definitions(self._know, self._statements))

    def chain(self, of: str) -> System:
        """Return the system of all equations that `of` needs, in order.

        Args:
            of: a name that the page computes, as read (`ŷ`) or as typed (`yhat`).

        Raises:
            InputError: no equation computes it, several do, or equations do not fit together.
        """
        from gradproof.derive.notation import elaborate

        found = definitions(self._know, self._statements)
        name = _pick(of, tuple(found), self.source)
        if len(found[name]) > 1:
            lines = ", ".join(str(self._text.line(self._statements[j].at[0])) for j in found[name])
            raise InputError(
                f"{name} is defined more than once on this page: in lines {lines}",
                expected="one definition, or different names",
            )
        places = chain(self._text, self._know, self._statements, found, found[name][0])
        lowered = lower_system(
            self._text, self._know, tuple(self._statements[j] for j in places), title=f"{name}, from {self.source}"
        )
        return elaborate(lowered.text)

    def system(self) -> System:
        """Return all equations of the page as one system, in order.

        Raises:
            InputError: equations that do not fit together, or that could not be read.
        """
        from gradproof.derive.notation import elaborate

        failed = next((e.error for e in self.entries if e.error is not None and not e.inline), None)
        if failed is not None:
            raise failed
        if not self._statements:
            raise InputError(f"{self.source} has no equation", expected=WHAT_IS_LOOKED_FOR)
        leads = frozenset(
            pair
            for j, s in enumerate(self._statements)
            for d in _gradients(s)
            if _route(
                self._text,
                self._know,
                self._statements,
                definitions(self._know, self._statements),
                j,
                pair := _names(self._know, d),
            )
        )
        return elaborate(lower_system(self._text, self._know, self._statements, leads=leads, title=self.source).text)


def _pick(of: str, names: tuple[str, ...], source: str) -> str:
    from difflib import get_close_matches

    for name in names:
        if of in (name, ascii_name(name)):
            return name
    typed = {ascii_name(n): n for n in names} | {n: n for n in names}
    near = get_close_matches(of, typed, 1)
    raise InputError(
        f"no equation of {source} computes {of}",
        expected=f"one of {', '.join(names)}" if names else "a page with equations",
        hint=f"did you mean {typed[near[0]]}?" if near else "",
    )


def read_page(text: str, source: str = "<page>") -> Page:
    """Return the equations of a page of notes, each read or reported.

    Args:
        text: Markdown with LaTeX mathematics.
        source: its name in messages.

    Raises:
        InputError: the text is no page: empty, binary or enormous.

    >>> page = read_page("$$z = \\\\mathbf{w}^T \\\\mathbf{x} + b$$")
    >>> print(page.entries[0].system.equations[0])
    z = sum[j] w[j]*x[j] + b
    """
    document = make_source(text, source)
    know = Knowledge()
    found = gather.gather(document, scan(document), know)
    statements = tuple(s for f in found for s in f.statements if s.op != "in")
    gather.learn_functions(document, know, statements)
    places = definitions(know, statements)
    entries = tuple(_entries(document, know, statements, places, found))
    return Page(source, entries, document, know, statements)


def _entries(
    source: Source, know: Knowledge, statements: tuple[Statement, ...], places: Definitions, found: tuple[Found, ...]
) -> Iterator[Entry]:
    number = 0
    for f in found:
        if f.error is not None or not f.statements:
            yield Entry(source.line(f.start), f.latex, f.kind, error=f.error, note=f.note, inline=f.inline)
        for s in f.statements:
            latex = f.latex if len(f.statements) == 1 else source.text[s.at[0] : s.at[1]].strip()
            line = source.line(s.at[0])
            if s.op == "in":
                note = "declares " + ", ".join(n.name for n in getattr(s.left, "names", ()))
                yield Entry(line, latex, "declaration", note=note, inline=f.inline)
                continue
            yield _entry(source, know, statements, places, number, Entry(line, latex, _kind(s), inline=f.inline))
            number += 1


def _kind(s: Statement) -> str:
    return "update" if s.op == ":=" else "function" if is_function(s) else "equation"


def _entry(
    source: Source, know: Knowledge, statements: tuple[Statement, ...], places: Definitions, number: int, blank: Entry
) -> Entry:
    from gradproof.derive.notation import elaborate

    try:
        lowered, note = _lower(source, know, statements, places, number)
        system = elaborate(lowered.text)
    except InputError as error:
        return _failed(blank, error)
    notes = "; ".join(n for n in (note, *lowered.notes) if n)
    return Entry(blank.line, blank.latex, blank.kind, system, lowered.output, note=notes, inline=blank.inline)


def _failed(blank: Entry, error: InputError) -> Entry:
    return Entry(blank.line, blank.latex, blank.kind, error=error, inline=blank.inline)


def _lower(
    source: Source, know: Knowledge, statements: tuple[Statement, ...], places: Definitions, number: int
) -> tuple[Lowered, str]:
    """Lower one statement; an update comes with the equations that lead to its loss."""
    s = statements[number]
    gradients = _gradients(s)
    leads, needed, notes = set(), list[int](), list[str]()
    for d in gradients:
        loss, weight = pair = _names(know, d)
        route = _route(source, know, statements, places, number, pair)
        if route:
            leads.add(pair)
            needed += [j for j in route if j not in needed]
            notes.append(f"uses the gradient of {loss}")
        else:
            notes.append(_why_given(places, loss, weight))
    chosen = (*(statements[j] for j in needed), s)
    return lower_system(source, know, chosen, leads=frozenset(leads)), "; ".join(dict.fromkeys(notes))


def _gradients(s: Statement) -> list[Derivative]:
    return [n for n in walk(s.right) if isinstance(n, Derivative)] if s.op == ":=" else []


def _route(
    source: Source,
    know: Knowledge,
    statements: tuple[Statement, ...],
    places: Definitions,
    number: int,
    pair: tuple[str, str],
) -> tuple[int, ...]:
    """Return the equations that lead from w to Loss; () where there are none, or the page declares the gradient as given."""
    loss, weight = pair
    before = places.get(loss, [])
    if not before or partial_name(loss, weight) in know.shapes:
        return ()
    position = next((j for j in reversed(before) if j < number), before[0])
    needed = chain(source, know, statements, places, position)
    return needed if any(weight in reads(know, statements[j]) for j in needed) else ()


def _why_given(places: Definitions, loss: str, weight: str) -> str:
    missing = (
        f"no equation on this page leads from {weight} to {loss}"
        if loss in places
        else f"{loss} is not defined on this page"
    )
    return f"{missing}: the gradient comes in as {partial_name(loss, weight)}"


def _names(know: Knowledge, derivative: Derivative) -> tuple[str, str]:
    of = derivative.of.head if isinstance(derivative.of, Applied) else derivative.of
    both = [x if isinstance(x, Sym) else None for x in (of, derivative.by)]
    loss, weight = (know.name(base_name(know, x)) if x else "" for x in both)
    return loss, weight


__all__ = ["Entry", "Page", "defined_name", "read_page"]
