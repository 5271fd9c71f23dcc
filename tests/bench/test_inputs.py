"""Inputs of a kernel: seeded, of the right shapes, and by recipe."""

import numpy as np

from gradproof import catalogue
from gradproof.bench.case import Case
from gradproof.bench.inputs import inputs_of

CROSS_ENTROPY = Case("softmax_cross_entropy", catalogue.read("softmax_cross_entropy"), {"m": 4, "C": 3}, wrt=("z",))


def test_the_same_seed_gives_the_same_and_another_gives_others():
    from dataclasses import replace

    first, again, other = (inputs_of(replace(CROSS_ENTROPY, seed=s)) for s in (1, 1, 2))
    assert all(np.array_equal(first[n], again[n]) for n in first)
    assert not np.array_equal(first["z"], other["z"])


def test_shapes_types_and_recipes():
    from dataclasses import replace

    found = inputs_of(replace(CROSS_ENTROPY, recipe={"y": "one-hot", "z": 100.0}))
    assert {n: (a.shape, a.dtype) for n, a in found.items()} == dict.fromkeys(("z", "y"), ((4, 3), np.float32))
    assert np.array_equal(np.sort(found["y"]), [[0, 0, 1]] * 4)
    assert np.abs(found["z"]).max() > 10
    rows = inputs_of(replace(CROSS_ENTROPY, recipe={"y": "probabilities"}))["y"]
    assert np.allclose(rows.sum(1), 1)
    assert (inputs_of(replace(CROSS_ENTROPY, recipe={"y": "squares"}))["y"] >= 0).all()
    far = inputs_of(replace(CROSS_ENTROPY, recipe={"z": "far"}))["z"]
    assert np.abs(far).min() >= 8
    assert (far > 0).any()
    assert (far < 0).any()


def test_integers_stay_in_their_range_and_scalars_have_their_usual_values():
    labels = Case("x", "given label[m] in C, z[m, C], eps\nL = sum[i] z[i,label[i]]*eps", {"m": 50, "C": 3}, "float64")
    found = inputs_of(labels)
    assert set(found["label"].tolist()) == {0, 1, 2}
    assert found["eps"] == 1e-5
