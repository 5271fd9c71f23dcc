"""`gradproof derive A --compare B`: are the two the same?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradproof.commands.outcome import RIGHT, UNDECIDED, WRONG
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import find, one_system
from gradproof.errors import InputError

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
    form = output.form(form, FORMATS)
    if form not in FORMATS:
        raise InputError(f"a comparison is not written as {form}", expected=f"one of {', '.join(FORMATS)}")
    with progress("reading") as doing:
        subjects = find(question.first), find(question.second, adjoints=True)
        first, second = (one_system(subject, question.of) for subject in subjects)
        doing("comparing")
        found = judge(first, second, of=question.of or None, rename=question.renamed, without=question.without)
    if form == "json":
        output.put(json.dumps(found.to_dict(), indent=2, ensure_ascii=output.ascii))
    else:
        names = (subjects[0].name, subjects[1].name)
        output.put(found.text(names if names[0] != names[1] else ("the first", "the second"), output.columns))
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
