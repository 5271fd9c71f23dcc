"""nan, infinities, masks of -inf, ties, denormal and huge inputs: kernels do what the equations say, entry by entry."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

import gradproof as gp

from .support import assert_close, reference
from .test_threads import CASES, derivation, inputs

#: In the others a condition makes zeros that are multiplied: there a nan may come out of a product.
ALIKE = ("softmax_cross_entropy", "layer_norm", "batch_norm", "mlp", "lstm", "attention", "max_pool2d", "embedding")
_KINDS = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


def _agree(name: str, given: dict[str, object], note: str, ulps: float = 20) -> None:
    d = derivation(name)
    k = gp.kernel(d, dtype="float32")
    expected = reference(d.joint, given)
    found = k(**{n: v for n, v in given.items() if n in k.unit.parameters}, threads=2)
    for output, value in found.items():
        assert_close(value, expected[output], "float32", f"{output} of {name} where {note}", ulps=ulps)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALIKE)
def test_one_entry_that_is_no_finite_number_goes_where_the_equations_lead_it(name: str) -> None:
    base = inputs(
        derivation(name), {n: min(size, 9) if name != "max_pool2d" else size for n, size in CASES[name].items()}
    )
    arrays = [n for n, v in base.items() if np.ndim(v) and np.asarray(v).dtype.kind == "f"]
    for n, (kind, value) in zip(arrays, cycle(_KINDS.items()), strict=False):
        array = np.array(base[n])
        array.reshape(-1)[array.size // 2] = value
        _agree(name, base | {n: array}, f"an entry of {n} is {kind}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["max_pool2d", "softmax_cross_entropy"])
def test_ties_are_broken_as_the_equations_say(name: str) -> None:
    base = inputs(derivation(name), CASES[name])
    whole = {n: np.sign(np.round(v)) if np.ndim(v) and np.asarray(v).dtype.kind == "f" else v for n, v in base.items()}
    _agree(name, whole, "entries are -1, 0 or 1")


def test_a_mask_of_minus_infinity_hides_what_it_covers_and_a_row_of_nothing_else_is_nan():
    random = np.random.default_rng(1)
    z, y = random.normal(size=(6, 37)).astype(np.float32), np.zeros((6, 37), np.float32)
    hidden = random.random(z.shape) < 0.5
    hidden[5] = True
    d_z = gp.kernel(derivation("softmax_cross_entropy"), dtype="float32")(z=np.where(hidden, -np.inf, z), y=y)["d_z"]
    p = np.where(hidden, 0, np.exp(z, dtype=float))[:5]
    np.testing.assert_allclose(d_z[:5], p / p.sum(-1, keepdims=True) / 6, rtol=1e-6)
    assert (d_z[:5][hidden[:5]] == 0).all()
    assert np.isnan(d_z[5]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_denormal_inputs_are_not_flushed(dtype: str) -> None:
    z = np.arange(-40, 40).astype(dtype) * np.finfo(dtype).smallest_subnormal
    found = gp.kernel(derivation("tanh"), dtype=dtype)(z=z, d_a=np.ones_like(z))
    assert np.array_equal(found["a"], z)
    assert (found["d_z"] == 1).all()


def test_huge_logits_neither_overflow_nor_lose_the_gradient():
    k = gp.kernel(derivation("softmax_cross_entropy"), dtype="float32")
    z = np.array([[1e38, -1e38, 0], [1e30, 1e30, -1e30]], np.float32)
    y = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    found = k(z=z, y=y)
    np.testing.assert_allclose(found["L"], np.log(2) / 2, rtol=1e-6)
    np.testing.assert_array_equal(found["d_z"], [[0, 0, 0], [0.25, -0.25, 0]])


@pytest.mark.parametrize("offset", [1e3, 1e5])
def test_what_is_added_to_all_logits_costs_the_loss_no_digits(offset: float):
    random = np.random.default_rng(3)
    z, y = (random.normal(size=(9, 33)) + offset).astype(np.float32), np.eye(33, dtype=np.float32)[:9]
    w = z.astype(float) - offset
    exact = np.mean(np.log(np.exp(w).sum(-1)) - w[range(9), range(9)])
    found = gp.kernel(derivation("softmax_cross_entropy"), dtype="float32")(z=z, y=y)
    assert abs(found["L"] - exact) < 1e-6


def test_a_sum_of_nothing_is_zero_whatever_its_factors_are() -> None:
    """Without rows, the batch norm's mean is nan, and a factor of each term of d_gamma; there is no term."""
    nothing, ones = np.zeros((0, 3), np.float32), np.ones(3, np.float32)
    made = gp.kernel(derivation("batch_norm"), dtype="float32")
    with np.errstate(all="ignore"):
        found = made(eps=1e-5, x=nothing, gamma=ones, beta=ones, d_y=nothing)
    np.testing.assert_array_equal(found["d_gamma"], 0)
