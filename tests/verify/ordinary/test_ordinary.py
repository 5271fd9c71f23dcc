import numpy as np
import pytest

from gradproof.verify.balls.traced import Untraceable

from .everything import CASES
from .run import exact, measured

RUN = [c for c in CASES if not c.lost]
LOST = [c for c in CASES if c.lost]


@pytest.mark.parametrize("case", RUN, ids=lambda c: c.name)
def test_it_runs_in_balls_and_is_differentiated(case):
    rows, value = exact(case)
    differences = measured(case)
    assert len(rows) == len(differences)
    assert value == pytest.approx(float(np.sum(case.f(*case.inputs))), rel=1e-9)
    for row, (difference, bar) in zip(rows, differences, strict=True):
        assert abs(float(row) - difference) <= bar
        assert row.rad() < 1e-30 * max(1.0, abs(float(row)))


@pytest.mark.parametrize("case", LOST, ids=lambda c: c.name)
def test_what_does_not_run_says_why(case):
    with pytest.raises(Untraceable, match=case.lost):
        exact(case)


def test_nine_in_ten_run():
    assert len(RUN) >= 0.9 * len(CASES)
    assert len({c.name for c in CASES}) == len(CASES)
