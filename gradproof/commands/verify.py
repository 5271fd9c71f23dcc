"""`gradproof verify`: derive, generate, check; a table says what became of each equation."""

from __future__ import annotations

from pathlib import Path

from gradproof.commands.choices import TABLE_FORMATS
from gradproof.commands.claims import judge_claims
from gradproof.commands.judge import Judged
from gradproof.commands.module import Options, verify_module
from gradproof.commands.outcome import BAD_INPUT, RIGHT, UNDECIDED, WRONG, say, worst
from gradproof.commands.output import Output
from gradproof.commands.pool import judge_all
from gradproof.commands.progress import progress
from gradproof.commands.subject import find
from gradproof.commands.verdicts import table
from gradproof.commands.work import pieces
from gradproof.loading import MODULE_SUFFIX

_STATUS = {"right": RIGHT, "wrong": WRONG, "undecided": UNDECIDED, "condition": RIGHT}


def verify(argument: str, options: Options, form: str | None, output: Output) -> int:
    """Check everything that the argument names, show the table, and return the exit status."""
    if Path(argument).suffix == MODULE_SUFFIX:
        return verify_module(Path(argument), options, form, output)
    options.refuse_elsewhere(argument)
    seed = options.seed
    output.check(Path(argument))
    form = output.form(form, TABLE_FORMATS)
    with progress("reading") as doing:
        subject = find(argument)
        judged = judge_all(argument, list(pieces(subject, chains=True)), seed, options.jobs, doing)
        claimed = judge_claims(subject, seed, doing)
    for one in judged:
        if one.piece.error:
            say(one.piece.error)
    if claimed or any(one.lines for one in judged):
        output.put(table(judged, seed, form, output, claimed))
    claims = [_STATUS[one.verdict] for one in claimed]
    return worst([*claims, *(status for one in judged for status in _statuses(one))])


def _statuses(judged: Judged) -> list[int]:
    return [BAD_INPUT] if judged.piece.error else [_STATUS[line.verdict] for line in judged.lines]
