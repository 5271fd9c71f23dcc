"""`gradproof derive A --compare B`: are the two the same? `--claim TEXT`: does it hold?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof.commands.outcome import RIGHT, UNDECIDED, WRONG
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import find, one_system
from gradproof.commands.work import Request
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.verify.sameness_report import Sameness

FORMATS = ("terminal", "plain", "json")
_STATUS = {"proved": RIGHT, "certified": RIGHT, "refuted": WRONG, "undecided": UNDECIDED}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the two subjects, outputs, names of the second in the first, assumptions not to use."""

    first: str
    second: str
    of: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def compare(question: Question, form: str | None, output: Output) -> int:
    """Compare the two subjects, show the report, and return the exit status."""
    from gradproof.verify.sameness import compare as judge

    for argument in (question.first, question.second):
        output.check(Path(argument))
    form = _form(form, output)
    with progress("reading") as doing:
        subjects = find(question.first), find(question.second, adjoints=True)
        first, second = (one_system(subject, question.of) for subject in subjects)
        doing("comparing")
        found = judge(first, second, of=question.of or None, rename=question.renamed, without=question.without)
    names = (subjects[0].name, subjects[1].name)
    return _shown(found, names if names[0] != names[1] else ("the first", "the second"), form, output)


def claim(argument: str, text: str, request: Request, form: str | None, output: Output) -> int:
    """Judge a claim about a subject, show the report, and return the exit status."""
    from gradproof.verify.sameness import claim as judge

    output.check(Path(argument))
    form = _form(form, output)
    with progress("reading") as doing:
        system = one_system(find(argument), request.of)
        doing("judging")
        found = judge(system, text, of=request.of or None, without=request.without)
    return _shown(found, ("left", "right"), form, output)


def _form(form: str | None, output: Output) -> str:
    """Return the format, if a comparison can be written in it."""
    form = output.form(form, FORMATS)
    if form not in FORMATS:
        raise InputError(f"a comparison is not written as {form}", expected=f"one of {', '.join(FORMATS)}")
    return form


def _shown(found: Sameness, names: tuple[str, str], form: str, output: Output) -> int:
    if form == "json":
        output.put(json.dumps(found.to_dict(), indent=2, ensure_ascii=output.ascii))
    else:
        output.put(found.text(names, output.columns))
    return _STATUS[found.verdict]


def renamings(values: tuple[str, ...]) -> dict[str, str]:
    """Return {name in the second system: name in the first}.

    Raises:
        InputError: a value is no `NAME=NAME`.

    >>> renamings(("yhat=p", "dW=d_w"))
    {'yhat': 'p', 'dW': 'd_w'}
    """
    found: dict[str, str] = {}
    for value in values:
        yours, equals, mine = (part.strip() for part in value.partition("="))
        if not (yours and equals and mine):
            raise InputError(
                f"--rename {value!r} renames nothing",
                expected="NAME=NAME, what the second system calls it and what the first does: --rename yhat=p",
            )
        if found.setdefault(yours, mine) != mine:
            raise InputError(
                f"--rename {yours}={mine}, but {yours} is {found[yours]} already", expected="one of the two"
            )
    return found
