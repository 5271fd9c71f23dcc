"""The judge on the corpus: a part of it always, all of it among the slow tests."""

import pytest

from .everything import BY_NAME, CASES
from .judged import judge
from .known import FAULTS, UNNAMED

#: At most this share may be undecided.
_UNDECIDED = 0.05
#: At least this share of the mistakes is named.
_NAMED = 0.8
#: Seconds are spent on these: they are among the slow tests only.
_LONG = ("hundred thousand", "ten thousand")


def verdict_of(j):
    """Empty if the verdict is as it should be, else what is wrong with it."""
    return j.fault or ("not localised" if j.localised is False else "")


#: The last one drew floats into an array of objects, and ended Python.
QUICK = [
    *(c for c in CASES[::8] if not any(text in c.name for text in _LONG)),
    BY_NAME["dropout: the mask is forgotten"],
]


@pytest.mark.parametrize("case", QUICK, ids=lambda c: c.name)
def test_a_part_of_the_corpus(case):
    assert verdict_of(judge(case)) == FAULTS.get(case.name, "")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_corpus(case):
    j = judge(case)
    assert verdict_of(j) == FAULTS.get(case.name, "")
    assert (j.diagnosed is False) == (case.name in UNNAMED), j.kinds


def test_what_is_known_of_the_corpus():
    assert list(FAULTS.values()).count("undecided") <= _UNDECIDED * len(CASES)
    assert not {"missed", "false alarm"} & set(FAULTS.values())
    assert {*FAULTS, *UNNAMED} <= set(BY_NAME)
    assert len(UNNAMED) <= (1 - _NAMED) * sum(not c.right for c in CASES)
