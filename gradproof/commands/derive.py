"""`gradproof derive`: what was read, and its gradients step by step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof.commands.outcome import BAD_INPUT, RIGHT, say, worst
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.sections import Section, join
from gradproof.commands.subject import Subject, find
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex import Entry
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a derivation, as on the command line; empty tuples leave it to the system."""

    of: tuple[str, ...] = ()
    wrt: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    detail: int = 2
    kinks: str = "torch"


def derive(argument: str, request: Request, form: str | None, output: Output) -> int:
    """Derive what the argument names, show it, and return the exit status."""
    output.check(Path(argument))
    form = output.form(form)
    with progress("reading"):
        subject = find(argument)
    sections = _of_page(subject, request) if subject.page is not None else [_of_system(subject, request)]
    output.put(join(sections, form, request.detail, output))
    return worst(BAD_INPUT if section.error else RIGHT for section in sections)


def derivation_of(system: System, request: Request) -> Derivation:
    """Return the derivation that is asked for."""
    from gradproof.derive.derivation import derive as differentiate

    return differentiate(system, request.of or None, request.wrt or None, without=request.without, kinks=request.kinks)


def _of_system(subject: Subject, request: Request) -> Section:
    assert subject.system is not None
    with progress(f"deriving {subject.name}"):
        return Section(derivation=derivation_of(subject.system, request))


def _of_page(subject: Subject, request: Request) -> list[Section]:
    """Derive each equation of a page by itself; or, asked for an output, all equations that it needs as one system."""
    page = subject.page
    assert page is not None
    if request.of:
        with progress(f"deriving {', '.join(request.of)}"):
            return [Section(derivation=derivation_of(page.chain(*request.of), request))]
    with progress(f"deriving {subject.name}") as doing:
        sections = []
        for entry in page.entries:
            doing(f"deriving line {entry.line} of {subject.name}")
            sections.append(_of_entry(entry, request))
    for section in sections:
        if section.error:
            say(section.error)
    return sections


def _of_entry(entry: Entry, request: Request) -> Section:
    if entry.system is None:
        return Section(entry, error=str(entry.error))
    try:
        return Section(entry, derivation_of(entry.system, request))
    except InputError as error:
        return Section(entry, error=f"line {entry.line}: {error}")
