"""The judge on the corpus: a part of it always, all of it among the slow tests."""

import pytest

from .everything import BY_NAME, CASES
from .judged import judge

#: Cases on which the judge does not do what it should, and why; one that no longer belongs here fails the test.
MISSED: dict[str, str] = {}
UNDECIDED: dict[str, str] = {}
NOT_LOCALISED: dict[str, str] = {}
KNOWN = {"missed": MISSED, "undecided": UNDECIDED, "not localised": NOT_LOCALISED}
#: At most this share may be undecided.
_UNDECIDED = 0.05
#: Seconds are spent on these: they are among the slow tests only.
_LONG = ("hundred thousand", "ten thousand")


def verdict_of(case):
    """Empty if the verdict is as it should be, else what is wrong with it."""
    j = judge(case)
    return j.fault or ("not localised" if j.localised is False else "")


def expected(case):
    return next((fault for fault, names in KNOWN.items() if case.name in names), "")


#: The last one drew floats into an array of objects, and ended Python.
QUICK = [
    *(c for c in CASES[::8] if not any(text in c.name for text in _LONG)),
    BY_NAME["dropout: the mask is forgotten"],
]


@pytest.mark.parametrize("case", QUICK, ids=lambda c: c.name)
def test_a_part_of_the_corpus(case):
    assert verdict_of(case) == expected(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_corpus(case):
    assert verdict_of(case) == expected(case)


def test_few_are_undecided():
    assert len(UNDECIDED) <= _UNDECIDED * len(CASES)
    assert {name for names in KNOWN.values() for name in names} <= {c.name for c in CASES}
