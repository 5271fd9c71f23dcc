"""The judge on the corpus: a part of it always, all of it among the slow tests."""

import pytest

from .everything import CASES
from .judged import judge

#: Cases on which the judge does not do what it should, and why; one that no longer belongs here fails the test.
UNDECIDED: dict[str, str] = {
    "sine: in single precision": "the exact path and the differences of f are said to contradict each other",
}
NOT_LOCALISED: dict[str, str] = {}
#: At most this share may be undecided.
_UNDECIDED = 0.05


def verdict_of(case):
    """Empty if the verdict is as it should be, else what is wrong with it."""
    j = judge(case)
    return j.fault or ("not localised" if j.localised is False else "")


def expected(case):
    return "undecided" if case.name in UNDECIDED else "not localised" if case.name in NOT_LOCALISED else ""


@pytest.mark.parametrize("case", CASES[::6], ids=lambda c: c.name)
def test_a_part_of_the_corpus(case):
    assert verdict_of(case) == expected(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_corpus(case):
    assert verdict_of(case) == expected(case)


def test_few_are_undecided():
    assert len(UNDECIDED) <= _UNDECIDED * len(CASES)
    assert {*UNDECIDED, *NOT_LOCALISED} <= {c.name for c in CASES}
