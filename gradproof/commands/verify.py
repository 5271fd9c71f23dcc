"""`gradproof verify`: derive, generate, check; a table says what became of each equation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradproof.commands.outcome import BAD_INPUT, RIGHT, UNDECIDED, WRONG, say, worst
from gradproof.commands.output import Output
from gradproof.commands.progress import Report, progress
from gradproof.commands.subject import find
from gradproof.commands.verdicts import Judged, table
from gradproof.commands.work import Piece, pieces
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.verify import Row

_STATUS = {"right": RIGHT, "wrong": WRONG, "undecided": UNDECIDED}


def verify(argument: str, seed: int, form: str | None, output: Output) -> int:
    """Check everything that the argument names, show the table, and return the exit status."""
    output.check(Path(argument))
    form = output.form(form)
    with progress("reading") as doing:
        subject = find(argument)
        judged = [_judge(piece, seed, doing) for piece in pieces(subject)]
    for one in judged:
        if one.piece.error:
            say(one.piece.error)
    output.put(table(judged, seed, form, output))
    return worst(status for one in judged for status in _statuses(one))


def _judge(piece: Piece, seed: int, doing: Report) -> Judged:
    """Check a piece; on a page, what goes wrong with one equation does not stop the others."""
    if piece.system is None:
        return Judged(piece)
    try:
        return Judged(piece, _rows(piece, seed, doing))
    except InputError as error:
        if piece.entry is None:
            raise
        return Judged(piece.failed(error))


def _rows(piece: Piece, seed: int, doing: Report) -> tuple[Row, ...]:
    from gradproof.commands.bridge import fused_kernel
    from gradproof.verify import verify_system

    assert piece.system is not None
    where = piece.place or piece.name
    return verify_system(piece.system, seed=seed, kernels=fused_kernel, progress=lambda text: doing(f"{where}: {text}"))


def _statuses(judged: Judged) -> list[int]:
    return [BAD_INPUT] if judged.piece.error else [_STATUS[row.verdict] for row in judged.rows]
