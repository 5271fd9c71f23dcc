"""Every statement of the table is judged as it should be; none that is right is called wrong, and none the reverse."""

from __future__ import annotations

import pytest

from gradproof.derive.latex import read_page
from gradproof.verify.claims import Judged, judge_claims

from .statements import ALL, Statement


def judged(text: str) -> Judged:
    """Return the verdicts on the last claim of a page."""
    return judge_claims(read_page(text, "page.md").claims)[-1]


def said(one: Judged) -> str:
    """Return all that is said of a claim."""
    return " ".join(" ".join((s.reason, *s.causes, s.correct, s.notation, *s.notes)) for s in one.steps)


@pytest.mark.parametrize("case", ALL, ids=lambda s: f"{s.page}: {s.latex}")
def test_statement(case: Statement) -> None:
    page = read_page(case.text(), "page.md")
    if not page.claims:
        assert case.verdict == "undecided"
        error = page.entries[-1].error
        assert error is not None
        assert error.where is not None
        assert error.where.line == case.text().rstrip().count("\n") + 1
        return
    one = judged(case.text())
    assert one.verdict == case.verdict, said(one)
    assert case.says in said(one)
    for step in one.steps:
        if step.verdict == "wrong":
            assert step.values is not None
            assert step.values.expected != step.values.claimed
            assert step.correct
        if step.verdict == "undecided":
            assert step.reason
            assert step.place is not None


@pytest.mark.slow
@pytest.mark.parametrize("case", [s for s in ALL if s.verdict == "wrong"], ids=lambda s: f"{s.page}: {s.latex}")
def test_the_correct_line_is_right(case: Statement) -> None:
    """What is printed as the correct line, put in place of the wrong one, is judged right."""
    step = judged(case.text()).steps[0]
    begin, end = case.latex.split("=", 1)[0], step.correct
    mended = Statement(case.page, f"{begin} = {end}", "right")
    one = judged(mended.text())
    assert one.verdict == "right", (mended.latex, said(one))
