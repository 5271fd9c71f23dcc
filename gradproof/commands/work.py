"""The pieces of work that a subject makes: a system is one, a page is one for each of its equations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradproof.commands.outcome import say
from gradproof.commands.subject import Subject
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex import Entry, Page
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation

CHAIN = "chain"
"""The place of a piece that is made of several equations of a page."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a derivation, as on the command line; empty tuples leave it to the system."""

    of: tuple[str, ...] = ()
    wrt: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    detail: int = 2
    kinks: str = "torch"
    shapes: bool = False
    memory: bool = False
    form: str = "gradient"
    through: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One system to work on, or what stands against it.

    Attributes:
        name: a short name: the entry's of the catalogue, or the output of an equation on a page.
        system: the system; None if it was not read.
        place: where it stands, in words: "line 12", "chain"; "" for a system by itself.
        entry: its entry on a page, if it is one.
        error: why it was not read.
        kind: "claim" for what a page claims; "" else.
    """

    name: str
    system: System | None
    place: str = ""
    entry: Entry | None = None
    error: str = ""
    kind: str = ""

    @property
    def label(self) -> str:
        return ": ".join(part for part in (self.place, self.name) if part)

    @property
    def where(self) -> str:
        """Where it stands, as a message begins: "line 12", "the chain of L"."""
        return f"the chain of {self.name}" if self.place == CHAIN else self.place

    @property
    def for_kernels(self) -> System | None:
        """The system that kernels are made of: a function that a page defines works on every entry of an array."""
        if self.system is None or self.entry is None or self.entry.kind != "function":
            return self.system
        from gradproof.derive.elementwise import elementwise

        return elementwise(self.system)

    def failed(self, error: InputError) -> Piece:
        """Return the piece with what stands against it, placed on the page."""
        text = str(error) if error.where is not None or not self.place else f"{self.where}: {error}"
        return replace(self, system=None, error=text)


def pieces(subject: Subject, of: tuple[str, ...] = (), *, chains: bool = False) -> Iterator[Piece]:
    """Return the pieces in order.

    Args:
        subject: what was named.
        of: outputs of a page; then there is one piece for all equations that each of them needs.
        chains: whether a page's losses follow, each with all equations that it needs.
    """
    if subject.page is None:
        yield Piece(subject.name, subject.system)
    elif of:
        yield from (Piece(name, subject.page.chain(name), CHAIN) for name in of)
    else:
        yield from _equations(subject.page)
        yield from _chains(subject.page) if chains else ()


def tell_claims(subject: Subject) -> None:
    """Say which lines of a page claim something: they define nothing, and are judged by `verify`."""
    lines = [str(e.line) for e in (subject.page.entries if subject.page is not None else ()) if e.kind == "claim"]
    if lines:
        where = f"line {lines[0]} holds a claim" if len(lines) == 1 else f"lines {', '.join(lines)} hold claims"
        say(f"{where}, which `gradproof verify {subject.path or subject.name}` judges", "note")


def _equations(page: Page) -> Iterator[Piece]:
    """Declarations make no piece; inline mathematics that is no equation of ours is mentioned and left alone."""
    for entry in page.entries:
        place = f"line {entry.line}"
        if entry.system is not None:
            system = replace(entry.system, title=_title(entry, page), source=" ".join(entry.latex.split()))
            yield Piece(entry.output, system, place, entry)
        elif entry.error is not None and entry.inline:
            say(f"{place}, in the text: {entry.error}", "warning")
        elif entry.error is not None:
            yield Piece(entry.output, None, place, entry).failed(entry.error)


def _chains(page: Page) -> Iterator[Piece]:
    """Return the chain of each scalar that needs other equations of the page: its gradients go through all of them."""
    told = {str(entry.error) for entry in page.entries if entry.error is not None}
    for name in page.names:
        try:
            system = page.chain(name)
        except InputError as error:
            if str(error) not in told:
                say(f"the chain of {name} was left out: {error}", "note")
            continue
        if len(system.definitions) > 1 and not system.definitions[-1].target.indices:
            yield Piece(name, system, CHAIN)


def _title(entry: Entry, page: Page) -> str:
    """Name an equation after its place on the page, and say what a reader should know of how it was read."""
    place = f"Line {entry.line}" if len(page.entries) > 1 else ""
    return ": ".join(part for part in (place, entry.note) if part)


def derivation_of(system: System, request: Request) -> Derivation:
    """Return the derivation that is asked for; names may be typed in ASCII, `yhat` for `ŷ`."""
    from gradproof.derive.derivation import derive
    from gradproof.derive.forward import jvp
    from gradproof.derive.jacobian import jacobian
    from gradproof.derive.second import hvp, second_order

    if request.form == "through time":
        from gradproof.derive.through_time import through_time

        return through_time(system, _as_written(request.through, system), without=request.without, kinks=request.kinks)
    of, wrt = (tuple(_as_written(name, system) for name in names) for names in (request.of, request.wrt))
    if request.form == "gauss newton":
        from gradproof.derive.gauss_newton import gauss_newton

        through = _as_written(request.through, system)
        return gauss_newton(system, through, of or None, wrt or None, without=request.without, kinks=request.kinks)
    verb = {"gradient": derive, "second": second_order, "hvp": hvp, "jvp": jvp, "jacobian": jacobian}[request.form]
    return verb(system, of or None, wrt or None, without=request.without, kinks=request.kinks)


def reading(found: list[Piece], wrt: tuple[str, ...]) -> list[Piece]:
    """Return the pieces of a page that know one of the names, and those that were not read; all, if no name is asked.

    Raises:
        InputError: a name that no equation knows.
    """
    if not wrt or not found or not found[0].place:
        return found
    systems = [piece.system for piece in found if piece.system is not None]
    unknown = [name for name in wrt if not any(_known(system, (name,)) for system in systems)]
    if unknown:
        names = dict.fromkeys(t.name for system in systems for t in system.tensors)
        raise InputError(f"no equation of the page reads {' or '.join(unknown)}", expected=f"one of {', '.join(names)}")
    return [piece for piece in found if piece.system is None or _concerns(piece, piece.system, wrt)]


def _concerns(piece: Piece, system: System, wrt: tuple[str, ...]) -> bool:
    """Say whether a piece knows one of the names; an update is about what it updates, whatever it reads."""
    known = _known(system, wrt)
    if piece.entry is not None and piece.entry.kind == "update":
        return piece.name in (_as_written(name, system) for name in known)
    return bool(known)


def known(request: Request, piece: Piece) -> Request:
    """Return the request for one piece of a page: of the names asked for, those that it knows."""
    if not piece.place or piece.system is None:
        return request
    of = (piece.name,) if piece.place == CHAIN else request.of
    return replace(request, of=of, wrt=_known(piece.system, request.wrt))


def _known(system: System, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _as_written(name, system) in system.by_name)


def _as_written(name: str, system: System) -> str:
    """Return the system's name for what was typed, or what was typed."""
    from gradproof.derive.latex.names import ascii_name

    return next((t.name for t in system.tensors if name in (t.name, ascii_name(t.name))), name)
