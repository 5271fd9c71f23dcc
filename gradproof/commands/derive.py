"""`gradproof derive`: what was read, and its gradients step by step."""

from __future__ import annotations

from pathlib import Path

from gradproof.commands.choices import FORMATS
from gradproof.commands.outcome import BAD_INPUT, RIGHT, say, worst
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.sections import Section, join
from gradproof.commands.subject import find
from gradproof.commands.work import Piece, Request, derivation_of, known, pieces, reading, tell_claims
from gradproof.errors import InputError


def derive(argument: str, request: Request, form: str | None, output: Output) -> int:
    """Derive what the argument names, show it, and return the exit status."""
    output.check(Path(argument))
    form = output.form(form, FORMATS)
    with progress("reading") as doing:
        subject = find(argument)
        sections = []
        for piece in reading(list(pieces(subject, request.of)), request.wrt):
            doing(f"deriving {piece.label}")
            sections.append(_section(piece, request))
        text = join(sections, form, request, output)
    tell_claims(subject)
    for section in sections:
        if section.piece.error:
            say(section.piece.error)
    if any(section.derivation for section in sections):
        output.put(text)
    return worst(BAD_INPUT if section.piece.error else RIGHT for section in sections)


def _section(piece: Piece, request: Request) -> Section:
    """Derive a piece; on a page, what goes wrong with one equation does not stop the others."""
    if piece.system is None:
        return Section(piece)
    try:
        return Section(piece, derivation_of(piece.system, known(request, piece)))
    except InputError as error:
        if not piece.place:
            raise
        return Section(piece.failed(error))
