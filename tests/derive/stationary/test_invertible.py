"""Maximum likelihood of a multivariate Gaussian: the mean behind a matrix, and the precision by its inverse."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import NotYet


def lines(name, *unknowns):
    solution = gp.solve(gp.load(name), for_=list(unknowns))
    return {u.name: [x.text for x in u.lines] for u in solution.unknowns}


def test_the_mean_given_the_covariance():
    assert lines("gaussian_multivariate", "mu")["mu"] == [
        "d_mu[j] = sum[i] z[i,j]",
        "sum[i] (x[i,j] - mu[j]) = 0",
        "mu[j] = 1/m * sum[i] x[i,j]",
    ]


def test_mean_and_precision():
    found = lines("gaussian_precision", "mu", "P")
    assert found["mu"][-1] == "mu[j] = 1/m * sum[i] x[i,j]"
    assert found["P"] == [
        "d_P[j,k] = (m*inv_P[j,k] - sum[i] e[i,j]*e[i,k])/2",
        "inv_P[j,d] = 1/m * sum[i] (x[i,d] - mu[d])*(x[i,j] - mu[j])",
        "1/m * sum[d] P[d,k]*sum[i] (x[i,d] - mu[d])*(x[i,j] - mu[j]) = [j == k]",
        "P = ((xᵀ − μ 1ᵀ) (x − 1 μᵀ)/m)⁻¹",
    ]


@pytest.mark.parametrize(("m", "n"), [(1, 1), (7, 3), (9, 2)])
def test_the_gradient_vanishes_there(m, n):
    """The lines are equations of the notation: they are evaluated as they stand."""
    found = lines("gaussian_precision", "mu", "P")
    system = gp.system(f"given x[m,n]\n{found['mu'][-1]}\nsolve P: {found['P'][2]}")
    x = np.random.default_rng(m).normal(size=(m, n))
    mu = gp.evaluate(gp.system(f"given x[m,n]\n{found['mu'][-1]}"), {"x": x})["mu"]
    np.testing.assert_allclose(mu, x.mean(axis=0), atol=1e-12)
    if m > n:
        values = gp.evaluate(system, {"x": x})
        gradients = gp.derive(gp.load("gaussian_precision")).evaluate({"x": x, **values})
        assert all(np.max(np.abs(g)) < 1e-9 for g in gradients.values())


def test_no_second_derivative_is_claimed_behind_a_matrix():
    (unknown,) = gp.solve(gp.load("gaussian_precision"), for_=["mu"]).unknowns
    assert (unknown.second, unknown.nature) == ((), ())


def test_a_matrix_of_which_nothing_is_known_stays():
    text = "given x[m,n], A[n,n]\nparam mu[n]\nL = sum[i,j,k] (x[i,j] - mu[j])*A[j,k]*(x[i,k] - mu[k])"
    (unknown,) = gp.solve(gp.system(text)).unknowns
    assert unknown.linear is not None


def test_the_covariance_itself_is_refused():
    with pytest.raises(NotYet, match="the stationary point for S"):
        gp.solve(gp.load("gaussian_multivariate"), for_=["S"])
