"""Random networks: their right gradients are right, and the judge says so; the planted mistakes are found."""

import numpy as np
import pytest

from .generated import JUDGING, cases, network
from .independent import gradient
from .judged import judge

TUNING_SEEDS = tuple(range(4))
JUDGING_SEEDS = tuple(range(JUDGING, JUDGING + 12))


@pytest.mark.parametrize("seed", range(10))
def test_a_network_s_own_gradient_is_right(seed):
    net, inputs = network(seed)
    weights = inputs(np.random.default_rng(seed))
    own = gradient(net.value, weights, range(len(weights)), None, "complex")
    for name, a, b in zip(net.names, own, net.gradient(*weights), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("seed", range(2))
def test_the_judge_on_a_few_networks(seed):
    for case in cases(seed):
        j = judge(case, seed)
        assert (j.fault, j.localised) in {("", None), ("", True)}, (case.name, j.report.reason)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*TUNING_SEEDS, *JUDGING_SEEDS])
def test_the_judge_on_networks(seed):
    for case in cases(seed):
        j = judge(case, seed)
        assert (j.fault, j.localised) in {("", None), ("", True)}, (case.name, j.report.reason)
