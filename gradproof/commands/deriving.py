"""Which of its works `gradproof derive` is asked for: to derive, to compare, to judge a claim, or to solve."""

from __future__ import annotations

from typing import Any

from gradproof.commands import choices
from gradproof.commands.choices import names
from gradproof.commands.compare import Question, claim, compare, renamings
from gradproof.commands.derive import derive
from gradproof.commands.output import Output
from gradproof.commands.solve import solve
from gradproof.commands.work import Request
from gradproof.errors import InputError

#: Options that say which derivative is wanted.
_FORMS = ("order", "jvp", "hvp", "jacobian", "gauss_newton", "through_time")


def deriving(subject: str, options: dict[str, Any], output: Output) -> int:
    """Do what the options ask for, and return the exit status."""
    form = options["format"]
    of, wrt, without = (names(options[name], f"--{name}") for name in ("of", "wrt", "without"))
    if options["compare"] is not None:
        return _compared(subject, of, without, options, output)
    if options["claim"] is not None:
        return claim(subject, options["claim"], Request(of, wrt, without), form, output)
    if options["solve"]:
        return solve(subject, Request(of, names(options["solve"], "--solve"), without), form, output)
    if options["through_time"] and (of or wrt):
        raise InputError("--through-time says itself what is derived", expected="no --of and no --wrt")
    shown = (options["detail"], options["kinks"], options["shapes"], options["memory"])
    wanted = choices.form_of(**{name: options[name] for name in _FORMS})
    through = options["through_time"] or options["gauss_newton"] or ""
    return derive(subject, Request(of, wrt, without, *shown, wanted, through), form, output)


def _compared(
    subject: str, of: tuple[str, ...], without: tuple[str, ...], options: dict[str, Any], output: Output
) -> int:
    renamed = renamings(names(options["rename"], "--rename"))
    return compare(Question(subject, options["compare"], of, renamed, without), options["format"], output)
