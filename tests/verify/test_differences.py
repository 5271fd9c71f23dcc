import math

import numpy as np
import pytest

from gradproof.verify.judge.differences import judge_slope, ladder
from gradproof.verify.judge.noise import noise_of


def judged(f, claimed, x=1.0, **changed):
    options = {"first": 0.125, "least": 1e-13, "sigma": 1e-16 * abs(f(x)), "slack": 1e-13, "floor": 1e-6}
    return judge_slope(lambda t: f(x + t), f(x), claimed, **{**options, **changed})


SMOOTH = {
    "sin": (math.sin, math.cos(1.0)),
    "exp": (math.exp, math.e),
    "steep": (lambda x: math.exp(20 * x), 20 * math.exp(20)),
    "cube": (lambda x: x**3, 3.0),
    "tiny": (lambda x: 1e-12 * math.sin(x), 1e-12 * math.cos(1.0)),
    "huge": (lambda x: 1e30 * math.sin(x), 1e30 * math.cos(1.0)),
    "log": (math.log, 1.0),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_bar_covers_the_error(name):
    f, true = SMOOTH[name]
    windows = ladder(lambda t: f(1 + t), f(1.0), 0.125, 1e-13, 0.0)
    best = min((w for w in windows if w.smooth), key=lambda w: w.bar)
    assert abs(best.value - true) <= 3 * best.bar
    assert best.bar <= 1e-8 * abs(true)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("factor", [1.0, 1.001, -1.0, 2.0])
def test_right_and_wrong_slopes_are_told_apart(name, factor):
    f, true = SMOOTH[name]
    slope = judged(f, factor * true, slack=1e-13 * abs(true), floor=1e-6 * abs(true))
    assert slope.status == ("right" if factor == 1 else "wrong")


@pytest.mark.parametrize(("claimed", "status"), [(-1.0, "kink"), (0.0, "kink"), (0.7, "kink"), (3.0, "wrong")])
def test_at_a_kink_any_slope_between_the_two_is_right(claimed, status):
    assert judged(abs, claimed, x=0.0).status == status


def test_a_jump_is_not_judged():
    assert judged(lambda x: float(x > 1), 0.0).status == "unknown"


def test_a_constant_has_the_slope_zero():
    assert judged(lambda x: 5.0, 0.0).status == "right"
    assert judged(lambda x: 5.0, 1.0).status == "wrong"


def test_noise_is_no_mistake():
    rng = np.random.default_rng(0)
    f = lambda x: math.sin(x) + 1e-4 * rng.standard_normal()  # noqa: E731
    sigma = noise_of(lambda t: f(1 + t), f(1.0), 1.0)
    assert 2e-5 < sigma < 1e-3
    assert judged(f, math.cos(1.0) * 1.01, sigma=sigma).status != "wrong"


def test_rounding_noise_is_found():
    sigma = noise_of(lambda t: (1e8 + math.sin(1 + t)) - 1e8, math.sin(1.0), 1.0)
    assert sigma > 1e-10


def test_nan_on_one_side_is_no_verdict():
    assert judged(lambda x: math.sqrt(x - 1) if x >= 1 else math.nan, 0.0).status == "unknown"
