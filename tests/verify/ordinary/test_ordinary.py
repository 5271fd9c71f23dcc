import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_gradient, exact_slopes
from gradproof.verify.balls.traced import LooseTrace, Untraceable

from .everything import CASES
from .gradients import PAIRS
from .run import exact, measured, problem_of

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


@pytest.mark.parametrize(("case", "gradient"), PAIRS, ids=lambda x: getattr(x, "name", ""))
def test_gradients_run_in_balls_beside_their_functions(case, gradient):
    problem = problem_of(case, gradient)
    found = exact_slopes(problem, problem.inputs, None, None, kind=LooseTrace)
    claims = exact_gradient(problem, problem.inputs, None, kind=LooseTrace)
    assert not found.events
    flat = [c for g in claims for c in g.reshape(-1).tolist()]
    for row, claim in zip(found.rows, flat, strict=True):
        assert row.overlaps(claim)
        assert claim.rad() < 1e-12 * max(1.0, abs(float(row)))
