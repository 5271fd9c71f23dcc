"""A page of notes: its equations, each as a system of its own, and the chains that they form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gradproof.derive.latex import gather
from gradproof.derive.latex.chain import Document, chain, definitions, is_function, reads
from gradproof.derive.latex.gather import Found
from gradproof.derive.latex.knowledge import Knowledge
from gradproof.derive.latex.names import ascii_name, partial_name
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.scan import scan
from gradproof.derive.latex.source import make_source
from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.split import Chain, has_derivative
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.system import Lowered, lower_system
from gradproof.derive.latex.tree import Applied, Derivative, Sym
from gradproof.derive.latex.walk import walk
from gradproof.derive.model import System
from gradproof.errors import InputError

WHAT_IS_LOOKED_FOR = (
    "display equations, $$ ... $$ or \\[ ... \\], or a ```math block; "
    "inline mathematics counts where it has an equals sign"
)


@dataclass(frozen=True, slots=True)
class Entry:
    r"""One equation of a page: read, or reported.

    Attributes:
        line: where it stands, from 1.
        latex: its text.
        kind: "equation"; "function" (`f(x) = ...`); "update" (`w := ...`); "declaration" and "claim" (no system).
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
        claims: what it says is equal, without defining a name by it: derivatives, chains of equalities, identities.
    """

    source: str
    entries: tuple[Entry, ...]
    _document: Document = field(repr=False)
    claims: tuple[Claim, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the page's equations compute, in order."""
        return tuple(self._document.places)

    def chain(self, of: str) -> System:
        """Return the system of all equations that `of` needs, in order.

        Args:
            of: a name that the page computes, as read (`ŷ`) or as typed (`yhat`).

        Raises:
            InputError: no equation computes it, several do, or equations do not fit together.
        """
        from gradproof.derive.notation import elaborate

        page = self._document
        name = _pick(of, tuple(page.places), self.source)
        if len(page.places[name]) > 1:
            lines = ", ".join(str(page.source.line(page.statements[j].at[0])) for j in page.places[name])
            raise InputError(
                f"{name} is defined more than once on this page: in lines {lines}",
                expected="one definition, or different names",
            )
        chosen = tuple(page.statements[j] for j in chain(page, page.places[name][0]))
        return elaborate(lower_system(page.source, page.know, chosen, title=f"{name}, from {self.source}").text)

    def system(self) -> System:
        """Return all equations of the page as one system, in order.

        Raises:
            InputError: equations that do not fit together, or that could not be read.
        """
        from gradproof.derive.notation import elaborate

        failed = next((e.error for e in self.entries if e.error is not None and not e.inline), None)
        if failed is not None:
            raise failed
        page = self._document
        if not page.statements:
            raise InputError(f"{self.source} has no equation", expected=WHAT_IS_LOOKED_FOR)
        pairs = [(j, _names(page.know, d)) for j, s in enumerate(page.statements) for d in _gradients(s)]
        leads = frozenset(pair for j, pair in pairs if _route(page, j, pair))
        return elaborate(lower_system(page.source, page.know, page.statements, leads=leads, title=self.source).text)


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


def read_page(text: str, source: str = "<page>", *, adjoints: bool = False) -> Page:
    r'''Return the equations of a page of notes, each read or reported.

    Args:
        text: Markdown with LaTeX mathematics.
        source: its name in messages.
        adjoints: whether a bar marks a gradient, `\bar{x}` for d_x, as gradproof writes it; in notes it may be a mean.

    Raises:
        InputError: the text is no page: empty, binary or enormous.

    >>> page = read_page("$$z = \\mathbf{w}^T \\mathbf{x} + b$$")
    >>> print(page.chain("z"))
    """z, from <page>"""
    given w[n], x[n], b
    z = sum[j] w[j]*x[j] + b
    '''
    text_ = make_source(text, source)
    know = Knowledge(adjoints=adjoints)
    found = gather.gather(text_, scan(text_), know)
    statements = tuple(s for f in found for s in f.statements if s.op != "in")
    gather.learn_functions(text_, know, statements)
    document = Document(text_, know, statements, definitions(know, statements))
    chains = _with_heads(document, [c for f in found for c in f.claims])
    claims = tuple(Claim(document, chains, c) for c in chains)
    return Page(source, tuple(_entries(document, found)), document, claims)


def _with_heads(page: Document, chains: list[Chain]) -> tuple[Chain, ...]:
    r"""Return the chains; what names a quantity that has its meaning already is a claim about it."""
    out: list[Chain] = []
    named: set[str] = set()
    for c in chains:
        name = page.know.name(base_name(page.know, c.head)) if isinstance(c.head, Sym) else ""
        derives = has_derivative(c.sides[0])
        known = derives and name != "" and (name in page.places or name in named)
        out.append(replace(c, sides=(c.head, *c.sides), head=None) if known and c.head is not None else c)
        named |= {name} if derives else set()
    return tuple(out)


def _entries(page: Document, found: tuple[Found, ...]) -> Iterator[Entry]:
    number = 0
    for f in found:
        if f.error is not None or not (f.statements or f.claims):
            yield Entry(page.source.line(f.start), f.latex, f.kind, error=f.error, note=f.note, inline=f.inline)
        for s in f.statements:
            latex = f.latex if len(f.statements) == 1 else page.source.text[s.at[0] : s.at[1]].strip()
            line = page.source.line(s.at[0])
            if s.op == "in":
                note = "declares " + ", ".join(n.name for n in getattr(s.left, "names", ()))
                yield Entry(line, latex, "declaration", note=note, inline=f.inline)
                continue
            yield _entry(page, number, Entry(line, latex, _kind(s), inline=f.inline))
            number += 1
        for c in f.claims:
            yield Entry(page.source.line(c.statement.at[0]), c.latex, "claim", note="a claim", inline=f.inline)


def _kind(s: Statement) -> str:
    return "update" if s.op == ":=" else "function" if is_function(s) else "equation"


def _entry(page: Document, number: int, blank: Entry) -> Entry:
    from gradproof.derive.notation import elaborate

    try:
        lowered, note = _lower(page, number)
        system = elaborate(lowered.text)
    except InputError as error:
        return _failed(blank, error)
    notes = "; ".join(n for n in (note, *lowered.notes) if n)
    return Entry(blank.line, blank.latex, blank.kind, system, lowered.output, note=notes, inline=blank.inline)


def _failed(blank: Entry, error: InputError) -> Entry:
    if "outside" in error.hint and "```" not in error.hint:
        # the notation's own words; on a page there are two ways to write it
        hint = f"{error.hint}, in a ```gradproof block; or leave the entry out by an indicator, [t > 1] x_{{t-1}}"
        error = InputError(error.message, where=error.where, expected=error.expected, hint=hint)
    return Entry(blank.line, blank.latex, blank.kind, error=error, inline=blank.inline)


def _lower(page: Document, number: int) -> tuple[Lowered, str]:
    """Lower one statement; an update comes with the equations that lead to its loss."""
    s = page.statements[number]
    leads, needed, notes = set[tuple[str, str]](), list[int](), list[str]()
    for d in _gradients(s):
        loss, weight = pair = _names(page.know, d)
        route = _route(page, number, pair)
        if route:
            leads.add(pair)
            needed += [j for j in route if j not in needed]
            notes.append(f"uses the gradient of {loss}")
        else:
            notes.append(_why_given(page, loss, weight))
    chosen = (*(page.statements[j] for j in needed), s)
    return lower_system(page.source, page.know, chosen, leads=frozenset(leads)), "; ".join(dict.fromkeys(notes))


def _gradients(s: Statement) -> list[Derivative]:
    return [n for n in walk(s.right) if isinstance(n, Derivative)] if s.op == ":=" else []


def _route(page: Document, number: int, pair: tuple[str, str]) -> tuple[int, ...]:
    """Return the equations that lead from w to Loss; () where there are none, or the gradient is declared."""
    loss, weight = pair
    before = page.places.get(loss, [])
    if not before or partial_name(loss, weight) in page.know.shapes:
        return ()
    position = next((j for j in reversed(before) if j < number), before[0])
    needed = chain(page, position)
    return needed if any(weight in reads(page.know, page.statements[j]) for j in needed) else ()


def _why_given(page: Document, loss: str, weight: str) -> str:
    known = loss in page.places
    missing = (
        f"no equation on this page leads from {weight} to {loss}" if known else f"{loss} is not defined on this page"
    )
    return f"{missing}: the gradient comes in as {partial_name(loss, weight)}"


def _names(know: Knowledge, derivative: Derivative) -> tuple[str, str]:
    of = derivative.of.head if isinstance(derivative.of, Applied) else derivative.of
    both = [x if isinstance(x, Sym) else None for x in (of, derivative.by)]
    loss, weight = (know.name(base_name(know, x)) if x else "" for x in both)
    return loss, weight


__all__ = ["Entry", "Page", "read_page"]
