"""A kernel over a list of arrays of any shape: the steps of an optimiser."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp


def test_every_group_is_stepped_in_its_own_shape() -> None:
    k = gp.kernel(gp.system("given w[n], g[n], alpha\nv[i] = w[i] - alpha*g[i]"), dtype="float64")
    random = np.random.default_rng(0)
    groups = [{"w": random.normal(size=s), "g": random.normal(size=s)} for s in ((3, 4), (5,), (2, 0), (1, 2, 3))]
    into = np.empty((3, 4))
    groups[0]["out"] = {"v": into}
    found = k.each(groups, alpha=0.5)
    for group, result in zip(groups, found, strict=True):
        np.testing.assert_array_equal(result["v"], group["w"] - 0.5 * group["g"])
    assert np.shares_memory(found[0]["v"], into)


def test_groups_that_do_not_fit_are_refused() -> None:
    k = gp.kernel(gp.system("given w[n], g[n]\nv[i] = w[i] - g[i]"), dtype="float64")
    with pytest.raises(ValueError, match=r"have the shapes \(2, 3\), \(3, 2\)"):
        k.each([{"w": np.ones((2, 3)), "g": np.ones((3, 2))}])
    with pytest.raises(ValueError, match="not contiguous"):
        k.each([{"w": np.ones((2, 3)), "g": np.ones((2, 3)), "out": {"v": np.empty((3, 2)).T}}])
