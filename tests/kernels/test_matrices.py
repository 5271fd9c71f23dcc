"""Kernels of linear systems and log-determinants: against NumPy, at sizes from 0 on, alone and in batches."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import NotYet
from gradproof.kernels import Kernel, kernel

SOLVE = "given A[n,n], B[n,p]\nsolve Y: sum[j] A[i,j]*Y[j,k] = B[i,k]"
RECURRENT = """given A[n,n], b[n]
shape x[T,n]
start h[-1,j] = b[j]
solve x: sum[j] A[i,j]*x[t,j] = h[t-1,i]
h[t,j] = tanh(x[t,j])"""
LOGDET = "given A[n,n]\nl = logdet[i,j] A[i,j]"


def _matrix(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """A matrix whose rows must be exchanged on the way: its largest entries are not on the diagonal."""
    a = rng.uniform(-1, 1, shape)
    return a + 2 * np.roll(np.eye(shape[-1]), 1, axis=0) * shape[-1]


def _kernel(text: str, what: str, dtype: str = "float64") -> Kernel:
    system = gp.system(text)
    return kernel(system if what == "forward" else gp.derive(system), dtype=dtype, what=what)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
def test_linear_systems(dtype: str, tolerance: float) -> None:
    rng = np.random.default_rng(1)
    forward, backward = (_kernel(SOLVE, what, dtype) for what in ("forward", "backward"))
    for n, p in ((1, 1), (2, 3), (5, 0), (7, 2), (23, 4)):
        a, b, d_y = _matrix(rng, n, n).astype(dtype), rng.normal(size=(n, p)), rng.normal(size=(n, p))
        b, d_y = b.astype(dtype), d_y.astype(dtype)
        y = forward(A=a, B=b)["Y"]
        np.testing.assert_allclose(y, np.linalg.solve(a, b), rtol=tolerance, atol=tolerance)
        found = backward(A=a, B=b, Y=y, d_Y=d_y) if "B" in backward.inputs else backward(A=a, Y=y, d_Y=d_y)
        d_b = np.linalg.solve(a.T, d_y)
        np.testing.assert_allclose(found["d_B"], d_b, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(found["d_A"], -d_b @ y.T, rtol=10 * tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("n", [1, 2, 6, 31])
def test_log_determinants(n: int) -> None:
    a = _matrix(np.random.default_rng(n), n, n)
    found = _kernel(LOGDET, "fused")(A=a)
    np.testing.assert_allclose(found["l"], np.linalg.slogdet(a)[1], rtol=1e-12)
    np.testing.assert_allclose(found["d_A"], np.linalg.inv(a).T, rtol=1e-9, atol=1e-12)


def test_batches() -> None:
    text = """given A[s,n,n], B[s,n], w[s]
    solve Y: sum[j] A[b,i,j]*Y[b,j] + Y[b,i] = B[b,i]
    L = sum[b] w[b]*logdet[i,j] A[b,i,j] + sum[b,i] Y[b,i]**2""".replace("    ", "")
    rng = np.random.default_rng(5)
    given = {"A": _matrix(rng, 3, 4, 4), "B": rng.normal(size=(3, 4)), "w": rng.normal(size=3)}
    found, derivation = _kernel(text, "fused")(**given), gp.derive(gp.system(text))
    assert found["L"] == pytest.approx(float(gp.evaluate(derivation.system, given)["L"]))
    for name, gradient in derivation.evaluate(given).items():
        np.testing.assert_allclose(found[f"d_{name}"], gradient, rtol=1e-10, atol=1e-10)


def test_a_singular_matrix() -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert not np.isfinite(_kernel(SOLVE, "forward")(A=singular, B=np.ones((2, 1)))["Y"]).any()
    assert _kernel(LOGDET, "forward")(A=singular)["l"] == -np.inf


def test_the_inputs_are_left_as_they_are() -> None:
    a = _matrix(np.random.default_rng(2), 3, 3)
    kept = a.copy()
    _kernel(LOGDET, "fused")(A=a)
    np.testing.assert_array_equal(a, kept)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("given A[n,n], B[m,m], C[n,m]\nsolve X: sum[k] A[i,k]*X[k,j] + sum[k] X[i,k]*B[k,j] = C[i,j]", "several axes"),
        (RECURRENT, "inside a recurrence"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(NotYet, match=message):
        _kernel(text, "forward")
