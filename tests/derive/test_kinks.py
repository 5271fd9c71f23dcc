"""The convention at kinks is data: what each library takes, printed with the answer, and computed."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.notation import format_equation
from gradproof.verify.exact import check_derivation

#: equation of y over z, the point z, and the derivative there as PyTorch and as JAX take it.
AT_THE_KINK = [
    ("relu(z)", 0.0, 0.0, 0.0),
    ("max(0, z)", 0.0, 0.0, 0.5),
    ("max(z, 1)", 1.0, 0.5, 0.5),
    ("min(z, 1)", 1.0, 0.5, 0.5),
    ("abs(z)", 0.0, 0.0, 1.0),
    ("sign(z)", 0.0, 0.0, 0.0),
    ("clip(z, -1, 1)", 1.0, 1.0, 0.5),
    ("clip(z, -1, 1)", -1.0, 1.0, 0.5),
]


@pytest.mark.parametrize(("right", "z", "torch", "jax"), AT_THE_KINK)
def test_the_value_taken_at_the_kink(right: str, z: float, torch: float, jax: float) -> None:
    system = gp.system(f"given z\ny = {right}")
    for kinks, expected in (("torch", torch), ("jax", jax)):
        assert gp.derive(system, kinks=kinks).evaluate({"z": z})["z"] == expected


def test_ties_of_a_maximum() -> None:
    """PyTorch sends all to the first position, JAX an equal share to each."""
    system, ties = gp.system("given x[n]\ny = max[i] x[i]"), np.array([1.0, 3.0, 2.0, 3.0])
    assert gp.derive(system, kinks="torch").evaluate({"x": ties})["x"].tolist() == [0, 1, 0, 0]
    assert gp.derive(system, kinks="jax").evaluate({"x": ties})["x"].tolist() == [0, 0.5, 0, 0.5]


@pytest.mark.parametrize("kinks", ["torch", "jax"])
@pytest.mark.parametrize(
    "text",
    [
        "given z[n], w[n]\ny[i] = max(z[i], w[i])*abs(z[i]) - min(z[i], 2*w[i])*relu(w[i])",
        "given z[n], lo[n], hi[n]\ny[i] = clip(z[i], lo[i], hi[i])",
        "given z[n]\ny[i] = clip(z[i]/6 + 1/2, 0, 1)",
        "given x[m,n], w[n]\ny[i] = max[j] x[i,j]*w[j]",
        "given x[m,n]\ny = sum[i] min[j] x[i,j]**2",
    ],
)
def test_beside_the_kinks_every_convention_is_right(text: str, kinks: str) -> None:
    derivation = gp.derive(gp.system(text), kinks=kinks)
    assert derivation.kinks
    assert [c.verdict for c in check_derivation(derivation)] == ["right"] * len(derivation.wrt)


@pytest.mark.parametrize("kinks", ["torch", "jax"])
def test_kernels_obey_the_convention(kinks: str) -> None:
    derivation = gp.derive(gp.system("given z[n]\ny[i] = clip(z[i], -1, 1) + abs(z[i]) + max(0, z[i])"), kinks=kinks)
    inputs = {"z": np.array([-1.0, 0.0, 1.0, 2.0]), "d_y": np.array([1.0, 2.0, 3.0, 4.0])}
    found = gp.kernel(derivation, dtype="float64")(**inputs)
    assert np.array_equal(found["d_z"], derivation.evaluate(inputs)["z"])


def test_the_convention_is_told_with_the_answer() -> None:
    system = gp.system("given z[n]\ny[i] = clip(z[i], -1, 1)")
    (torch,), (jax,) = (gp.derive(system, kinks=k).kinks for k in ("torch", "jax"))
    assert (torch.where, torch.taken, torch.source) == (
        "z[i] = -1 or z[i] = 1",
        "1 for the argument, 0 for the limit",
        "as PyTorch does",
    )
    assert (jax.taken, jax.source) == ("1/2 for the argument, 1/2 for the limit", "as JAX does")


def test_hard_functions_read_as_one_chain() -> None:
    tanh, sigmoid = (gp.system(f"given z[n]\na[i] = {e}") for e in ("clip(z[i], -1, 1)", "clip(z[i]/6 + 1/2, 0, 1)"))
    assert str(gp.derive(tanh).gradients["z"]) == "d_z[i] = [-1 <= z[i] <= 1]*d_a[i]"
    assert str(gp.derive(sigmoid).gradients["z"]) == "d_z[i] = [0 <= z[i]/6 + 1/2 <= 1]*d_a[i]/6"


def test_equal_shares_are_counted_where_the_value_is_the_maximum() -> None:
    """Max pooling as JAX does it: the window's maximum is the saved output, not computed again."""
    d = gp.derive(gp.load("max_pool2d"), kinks="jax")
    assert format_equation(d.gradients["x"], d.system) == (
        "d_x[n,c,h,w] = sum[i, j, 0 <= h-s*i < k, 0 <= w-s*j < k, x[n,c,h,w] == y[n,c,i,j]] "
        "d_y[n,c,i,j]/sum[u<k, v<k, x[n,c,s*i+u,s*j+v] == y[n,c,i,j]] 1"
    )
