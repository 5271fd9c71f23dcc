"""Functions of scipy.special and scipy.linalg, by differences."""

import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Problem

special = pytest.importorskip("scipy.special")
linalg = pytest.importorskip("scipy.linalg")

P = np.array([0.15, 0.4, 0.85])
Q = np.array([0.3, 0.25, 0.6])
N = 3
X = np.array([-1.4, 0.3, 2.2])

OF_ONE = {
    "expit": (special.expit, X),
    "logit": (special.logit, P),
    "log_expit": (special.log_expit, X),
    "erf": (special.erf, X),
    "erfc": (special.erfc, X),
    "erfinv": (special.erfinv, P),
    "erfcinv": (special.erfcinv, P),
    "gammaln": (special.gammaln, P),
    "loggamma": (special.loggamma, P),
    "gamma": (special.gamma, X),
    "rgamma": (special.rgamma, X),
    "psi": (special.psi, P),
    "digamma": (special.digamma, X),
    "polygamma": (lambda x: special.polygamma(2, x), P),
    "logsumexp": (special.logsumexp, X),
    "logsumexp along an axis": (lambda x: special.logsumexp(np.outer(x, x), axis=1, keepdims=True), X),
    "softmax": (lambda x: special.softmax(x) ** 2, X),
    "softmax along an axis": (lambda x: special.softmax(np.outer(x, x), axis=0) ** 2, X),
    "log_softmax": (special.log_softmax, X),
    "entr": (special.entr, P),
    "ndtr": (special.ndtr, X),
    "log_ndtr": (special.log_ndtr, X),
    "ndtri": (special.ndtri, P),
    "i0": (special.i0, X),
    "i1": (special.i1, X),
    "i0e": (special.i0e, X),
    "i1e": (special.i1e, X),
    "j0, j1": (lambda x: special.j0(x) * special.j1(x), X),
    "k0, k1": (lambda x: special.k0(x) * special.k1(x), P),
    "k0e, k1e": (lambda x: special.k0e(x) * special.k1e(x), P),
    "y0, y1": (lambda x: special.y0(x) * special.y1(x), P),
    "exprel": (special.exprel, X),
    "cosm1": (special.cosm1, X),
    "expm1, log1p": (lambda x: special.expm1(x) * special.log1p(np.exp(x)), X),
    "cbrt": (special.cbrt, X),
    "exp2, exp10": (lambda x: special.exp2(x) * special.exp10(x), X),
    "huber": (lambda x: special.huber(1.0, x), X),
    "pseudo_huber": (lambda x: special.pseudo_huber(1.3, x), X),
    "of a number": (lambda x: special.expit(x[0]) + special.logsumexp([x[1], x[2]]), X),
}
M = np.array([[2.0, 0.3, -0.4], [0.5, 1.5, 0.2], [0.1, -0.6, 1.8]])
LINEAR = {
    "solve": lambda x: linalg.solve(x, x[0]),
    "solve, positive definite": lambda x: linalg.solve(x @ x.T, x, assume_a="pos"),
    "inv, det": lambda x: linalg.inv(x) * linalg.det(x),
    "norm": lambda x: linalg.norm(x) * linalg.norm(x[0], 1),
    "cholesky": lambda x: linalg.cholesky(x @ x.T) + linalg.cholesky(x @ x.T, lower=True),
    "solve_triangular": lambda x: linalg.solve_triangular(x, x[0]),
    "solve_triangular, lower": lambda x: linalg.solve_triangular(x, x[1], trans=1, lower=True),
    "cho_solve": lambda x: linalg.cho_solve(linalg.cho_factor(x @ x.T), x),
}
OF_TWO = {
    "xlogy": special.xlogy,
    "xlog1py": special.xlog1py,
    "rel_entr": special.rel_entr,
    "kl_div": special.kl_div,
    "betaln": special.betaln,
    "beta": special.beta,
    "boxcox": special.boxcox,
    "inv_boxcox": special.inv_boxcox,
}


def check(f, *inputs):
    problem = Problem(f, lambda *a: a, list(inputs))
    found = exact_slopes(problem, problem.inputs, np.ones(np.shape(f(*inputs))), None)
    assert not found.events
    assert found.value == pytest.approx(np.sum(f(*inputs)), rel=1e-9)
    flat = np.concatenate(inputs)
    for k, row in enumerate(found.rows):
        moved = [flat + t * 1e-4 * (np.arange(len(flat)) == k) for t in STEPS]
        values = [float(np.sum(f(*np.split(m, len(inputs))))) for m in moved]
        slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / 12e-4
        assert float(row) == pytest.approx(slope, rel=1e-6, abs=1e-8)


STEPS = (-2, -1, 1, 2)


@pytest.mark.parametrize("name", OF_ONE)
def test_a_function_of_one(name):
    check(*OF_ONE[name])


@pytest.mark.parametrize("name", OF_TWO)
def test_a_function_of_two(name):
    check(OF_TWO[name], P, Q)


@pytest.mark.parametrize("name", LINEAR)
def test_linear_algebra(name):
    check(lambda flat: LINEAR[name](flat.reshape(3, 3)), M.reshape(-1))


def test_decompositions_are_refused_by_name():
    problem = Problem(lambda x: linalg.expm(x).sum(), lambda x: x, [M])
    with pytest.raises(Untraceable, match=r"scipy\.linalg\.expm is not run in balls"):
        exact_slopes(problem, problem.inputs, None, None)


def test_xlogy_at_0():
    weights, at = np.array([0.0, 2.0, 1.0]), np.array([0.0, 1.0, 2.0])
    problem = Problem(lambda y: np.sum(special.xlogy(weights, y)), lambda y: y, [at])
    assert [float(r) for r in exact_slopes(problem, problem.inputs, None, None).rows] == [0.0, 2.0, 0.5]


def test_what_is_not_known_is_refused_by_name():
    problem = Problem(lambda x: np.sum(special.jv(0.5, x)), lambda x: x, [P])
    with pytest.raises(Untraceable, match=r"np\.jv has no counterpart"):
        exact_slopes(problem, problem.inputs, None, None)
