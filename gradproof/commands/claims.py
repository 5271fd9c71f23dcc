"""The claims of a page: rows for the table, and a report for each that is wrong or undecided."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from gradproof.commands.grid import plain, styled
from gradproof.commands.judge import Judged, Line
from gradproof.commands.output import Output
from gradproof.commands.progress import Report
from gradproof.commands.work import Piece

if TYPE_CHECKING:
    from gradproof.commands.subject import Subject
    from gradproof.verify.claims import Judged as Claimed
    from gradproof.verify.claims import Values, Verdict

CLAIM = "claim"
_STYLES = {"wrong": "bold red", "undecided": "yellow"}
_INDENT = "    "
#: A report's inputs are shown in so many characters, else with four digits each.
_ROOM = 300


def judge_claims(subject: Subject, seed: int, doing: Report) -> tuple[Claimed, ...]:
    """Return the verdicts on what a page claims; () for what is no page."""
    from gradproof.verify.claims import judge_claims as judged

    return () if subject.page is None else judged(subject.page.claims, seed=seed, doing=doing)


def as_rows(claimed: tuple[Claimed, ...]) -> list[Judged]:
    """Return the claims as groups of the table: what the chain begins with, and a row for each equals sign."""
    return [_group(one) for one in claimed if one.steps]


def _group(one: Claimed) -> Judged:
    piece = Piece(one.steps[0].left, None, f"line {one.line}", kind=CLAIM)
    return Judged(piece, tuple(_line(step) for step in one.steps))


def _line(step: Verdict) -> Line:
    return Line(CLAIM, f"= {step.right}", step.strength, "", None, step.verdict, "", step.to_dict())


def notes_on(claimed: tuple[Claimed, ...]) -> list[str]:
    """Return what a reader should know of how the right ones were read; the others have reports of their own."""
    steps = [step for one in claimed for step in one.steps if step.verdict in ("right", "condition")]
    named = [f"line {one.line}: gives a name to a derivative." for one in claimed if not one.steps]
    said = [(step.line, [*step.notes, *([step.reason] if step.reason else [])]) for step in steps]
    return [*named, *(f"line {line}: {'; '.join(notes)}." for line, notes in said if notes)]


def reports(claimed: tuple[Claimed, ...], form: str, output: Output) -> list[str]:
    """Return a report for each equals sign that is wrong or undecided."""
    return [_report(one, k, form, output) for one in claimed for k, s in enumerate(one.steps) if s.verdict in _STYLES]


def _report(one: Claimed, number: int, form: str, output: Output) -> str:
    step = one.steps[number]
    lines = [(f"  {_heading(one, number)}", _STYLES[step.verdict]), *_place(step)]
    for paragraph in _paragraphs(step):
        lines += [(text, "") for text in _wrapped(paragraph, output)]
    lines += [(text, "") for text in _values(step, output)]
    lines += [(text, "green") for text in _correct(step)]
    lines += [(text, "dim") for text in _wrapped(_judged_by(step), output)]
    return "\n".join(styled(plain(text, output), style, form) for text, style in lines)


def _heading(one: Claimed, number: int) -> str:
    step = one.steps[number]
    if step.verdict == "undecided":
        return f"line {step.line}: undecided"
    first = next(k for k, s in enumerate(one.steps) if s.verdict == "wrong")
    if number > first:
        return f"line {step.line}: wrong: it does not follow from the line before it"
    if len(one.steps) == 1:
        return f"line {step.line}: wrong"
    return f"line {step.line}: wrong: the first line of the chain from line {one.line} that does not follow"


def _place(step: Verdict) -> list[tuple[str, str]]:
    if step.place is None:
        return []
    return [(f"{_INDENT}{line.removeprefix('    ')}", "") for line in step.place.show().splitlines()]


def _paragraphs(step: Verdict) -> list[str]:
    said = [_sentence(step.reason)] if step.verdict == "undecided" and step.reason else []
    said += [_sentence(cause) for cause in step.causes]
    said += [f"- {reading}: {verdict}" for reading, verdict in step.readings]
    return [*said, *map(_sentence, step.notes)]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def _wrapped(text: str, output: Output) -> list[str]:
    width = min(output.columns, 100)
    return wrap(text, width, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ", break_on_hyphens=False)


def _values(step: Verdict, output: Output) -> list[str]:
    found = step.values
    if found is None:
        return []
    sizes = ", ".join(f"{n} = {v}" for n, v in sorted(found.sizes.items()))
    where = ", ".join(x for x in (sizes, f"at {found.entry}, counted from 0" if found.entry else "") if x)
    lines = [f"{_INDENT}Counterexample{', ' + where if where else ''}:"]
    names = ("true", "claimed") if step.derived else ("left side", "right side")
    room = max(map(len, names))
    pairs = zip(names, (found.expected, found.claimed), strict=True)
    lines += [f"{_INDENT}  {name.ljust(room)}  {value}" for name, value in pairs]
    lines += _wrapped(_inputs(found), output)
    if found.agreeing:
        lines += _wrapped(f"The two agree at {found.agreeing} of the {found.tried} points tried.", output)
    return lines


def _inputs(found: Values) -> str:
    whole = "; ".join(f"{n} = {v}" for n, v in found.inputs.items())
    if len(whole) <= _ROOM:
        return f"with {whole}" if whole else ""
    short = "; ".join(f"{n} = {_short(v)}" for n, v in found.inputs.items())
    return f"with {short} (four digits; --format json has all)"


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _correct(step: Verdict) -> list[str]:
    if not step.correct:
        return []
    return [f"{_INDENT}Correct: {step.begins}= {step.correct}", f"{_INDENT}In notation: {step.notation}"]


def _judged_by(step: Verdict) -> str:
    if not step.used:
        return ""
    return f"Judged by {', '.join(f'{name} (line {line})' for name, line in step.used)}."
