"""Threads that share what a sum of products goes over keep a part of it: they clear it, and parts are added up once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import gradproof as gp

HEADS = "given X[B, T, D]\nparam W[H, D, E]\nQ[b,h,t,e] = sum[d] X[b,t,d]*W[h,d,e]\nY[b,h,t,e] = tanh(Q[b,h,t,e])"


@cache
def _kernel() -> Any:
    return gp.kernel(gp.derive(gp.system(HEADS)), dtype="float32")


def _inputs(batch: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    shapes = {"X": (batch, 5, 4), "W": (2, 4, 3), "d_Y": (batch, 2, 5, 3)}
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("batch", [0, 3])
def test_nothing_counts_that_stood_in_the_memory_of_parts(
    threads: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    k, given = _kernel(), _inputs(batch)
    assert "join_products(d_W_part, d_W)" in k.source
    monkeypatch.setattr(k.module, "empty", lambda shape, kind: np.full(shape, np.nan, kind))
    found = k(**given, threads=threads)["d_W"]
    q = np.einsum("btd,hde->bhte", given["X"].astype(float), given["W"])
    expected = np.einsum("btd,bhte->hde", given["X"], given["d_Y"] * (1 - np.tanh(q) ** 2))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_parts_are_added_into_an_array_of_any_strides() -> None:
    k, given = _kernel(), _inputs(3)
    turned = np.zeros((3, 4, 2), np.float32).T
    k(**given, out={"d_W": turned}, threads=2)
    np.testing.assert_array_equal(turned, k(**given, threads=2)["d_W"])
