"""Run as a program, with NUMBA_ENABLE_CUDASIM=1: how kernels for CUDA are called, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda

import gradproof as gp
from gradproof.loading import load

Z = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)


def main() -> None:
    """Call kernels in the simulator; an assertion fails where something is not as it should be."""
    k = gp.kernel(gp.derive(load("softmax")), target="cuda")
    z, d_p = cuda.to_device(Z), cuda.to_device(Z[::-1].copy())
    found = k(z=z, d_p=d_p)
    np.testing.assert_allclose(found["p"].copy_to_host().sum(axis=1), 1, rtol=1e-6)
    into = cuda.device_array((3, 4), np.float32)
    again = k(z=z, d_p=d_p, out={"p": into}, stream=cuda.stream())
    assert again["p"] is into
    assert (into.copy_to_host() == found["p"].copy_to_host()).all()
    for given, error, words in (
        ({"z": Z}, TypeError, "z is a ndarray, expected an array on the device"),
        ({"z": cuda.to_device(Z.astype(float))}, TypeError, "z holds float64, expected float32"),
        ({"z": cuda.to_device(Z[0])}, ValueError, "expected 2 axes"),
        ({"z": cuda.to_device(Z)[:, ::2]}, ValueError, "z is not contiguous"),
        ({"d_p": cuda.to_device(Z[:2])}, ValueError, r"d_p has shape \(2, 4\), expected \(3, 4\)"),
        ({"out": {"q": into}}, ValueError, "out has 'q'"),
        ({"out": {"p": Z}}, TypeError, "expected an array on the device"),
        ({"threads": 2}, TypeError, "threads"),
    ):
        with pytest.raises(error, match=words):
            k(**{"z": z, "d_p": d_p, **given})
    step = gp.kernel(gp.derive(load("l2")), target="cuda", what="update")
    w = cuda.to_device(Z[0])
    new = step(w=w, lam=0.5, alpha=0.25, out={"w": w})
    assert new["w"] is w
    np.testing.assert_allclose(w.copy_to_host(), Z[0] * (1 - 0.25 * 0.5), rtol=1e-6)
    with pytest.raises(TypeError, match=r"lam is a .*, expected one number of the host"):
        step(w=w, lam=w, alpha=0.25)
    labels = gp.kernel(gp.derive(load("softmax_cross_entropy_labels")), target="cuda")
    wrong = labels(z=z, label=cuda.to_device(np.array([0, 1, 4])))
    assert np.isnan(wrong["L"].copy_to_host())
    assert np.isfinite(wrong["d_z"].copy_to_host()).all()
    _labels()


def _labels() -> None:
    """What labels place is added in the order of the terms; one that is no label is left out."""
    embedding = gp.kernel(gp.derive(load("embedding")), target="cuda", dtype="float64")
    label = np.array([2, 0, 2, 5, 2, 0, -1, 2, 2, 4, 2, 9, 0, 2, 2, 2, 0])
    d_x = np.random.default_rng(3).standard_normal((17, 3))
    expected = np.zeros((6, 3))
    for v, row in zip(label, d_x, strict=True):
        if 0 <= v < 6:
            expected[v] += row
    given = {"tok": cuda.to_device(label), "E": cuda.to_device(np.ones((6, 3))), "d_x": cuda.to_device(d_x)}
    found = [embedding(**given)["d_E"].copy_to_host() for _ in range(2)]
    assert found[0].tobytes() == found[1].tobytes() == expected.tobytes()


if __name__ == "__main__":
    main()
