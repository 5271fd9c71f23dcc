"""`gradproof kernels`: one readable Python module for every equation named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gradproof.commands.derive import Request, derivation_of
from gradproof.commands.outcome import BAD_INPUT, RIGHT, say
from gradproof.commands.output import Output
from gradproof.commands.progress import Report, progress
from gradproof.commands.subject import Subject, find
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.latex import Page
    from gradproof.derive.steps import Derivation

Kind = Literal["forward", "backward", "fused", "update"]


def kernels(argument: str, target: str, dtype: str, output: Output) -> int:
    """Generate the kernels of what the argument names, write them, and return the exit status.

    Where an equation of a page cannot be used, the reason is told and nothing is written:
    a module that lacks a kernel silently is worse than none.
    """
    output.check(Path(argument))
    with progress("reading"):
        subject = find(argument)
    with progress(f"deriving {subject.name}") as doing:
        named = _named_derivations(subject, doing)
        if named is None:
            return BAD_INPUT
        doing("writing kernels")
        text = _module(named, target, dtype, f"The kernels of {subject.name}" if subject.page else "")
    output.put(text)
    return RIGHT


def _named_derivations(subject: Subject, doing: Report) -> list[tuple[str, Derivation]] | None:
    """Return each derivation with the stem of its kernels' names; None where an equation failed, which has been told."""
    if subject.system is not None:
        name = subject.name if subject.name.isidentifier() else ""
        return [(name, derivation_of(subject.system, Request()))]
    assert subject.page is not None
    return _of_page(subject.page, doing)


def _of_page(page: Page, doing: Report) -> list[tuple[str, Derivation]] | None:
    derivations, failures = [], []
    for entry in page.entries:
        doing(f"deriving line {entry.line}")
        try:
            if entry.system is None:
                raise entry.error or InputError(f"line {entry.line} was not read")
            derivations.append((entry.output, derivation_of(entry.system, Request())))
        except InputError as error:
            failures.append(str(error))
    for failure in failures:
        say(failure)
    return None if failures else derivations


def _module(named: list[tuple[str, Derivation]], target: str, dtype: str, title: str) -> str:
    from gradproof.kernels.generate import kernel, module_source
    from gradproof.kernels.names import ascii_name

    made = []
    for stem, derivation in named:
        names = {what: f"{ascii_name(stem)}_{what}" if stem else "" for what in _kinds(derivation)}
        made += [kernel(derivation, target, dtype, what, name=name) for what, name in names.items()]
    return module_source(made, title)


def _kinds(derivation: Derivation) -> tuple[Kind, ...]:
    """The kernels that a derivation asks for; both passes in one only where no cotangent has to come in between."""
    scalar = all(derivation.system[name].rank == 0 for name in derivation.of)
    fused: tuple[Kind, ...] = ("fused",) if scalar else ()
    update: tuple[Kind, ...] = ("update",) if derivation.updates else ()
    return ("forward", "backward", *fused, *update)
