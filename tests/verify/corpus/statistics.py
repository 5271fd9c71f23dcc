"""Likelihoods, special functions, physics, and mistakes that show at other points only."""

import math

import numpy as np

from .case import Case, wrong


def poisson(w, X, y):
    eta = X @ w
    return np.sum(np.exp(eta) - y * eta)


def poisson_grad(w, X, y):
    return X.T @ (np.exp(X @ w) - y)


def counts(rng):
    return [0.3 * rng.normal(size=3), rng.normal(size=(7, 3)), rng.poisson(2.0, 7).astype(float)]


def normal_nll(mu, log_sigma, x):
    return np.sum(0.5 * ((x - mu) * np.exp(-log_sigma)) ** 2 + log_sigma)


def normal_nll_grad(mu, log_sigma, x):
    u = (x - mu) * np.exp(-log_sigma)
    return -np.sum(u) * np.exp(-log_sigma), np.sum(1 - u**2)


def sample(rng):
    return [0.3, -0.2, rng.normal(size=6)]


def cox(beta, X):
    eta = X @ beta
    return -sum(eta[k] - np.log(np.sum(np.exp(eta[k:]))) for k in range(len(eta)))


def cox_grad(beta, X, at_risk=True):
    e = np.exp(X @ beta)
    total = np.zeros_like(beta)
    for k in range(len(e)):
        start = k if at_risk else 0
        total = total - (X[k] - (e[start:] @ X[start:]) / np.sum(e[start:]))
    return total


def elastic(w, X, y):
    return np.mean((X @ w - y) ** 2) + 0.3 * np.sum(np.abs(w)) + 0.2 * np.sum(w**2)


def elastic_grad(w, X, y, l1=0.3):
    return 2 / len(y) * X.T @ (X @ w - y) + l1 * np.sign(w) + 0.4 * w


def observations(rng):
    return [rng.normal(size=4), rng.normal(size=(6, 4)), rng.normal(size=6)]


def gp_evidence(log_l, log_s, x, y):
    K = np.exp(-0.5 * ((x[:, None] - x) / np.exp(log_l)) ** 2) + np.exp(2 * log_s) * np.eye(len(x))
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.linalg.slogdet(K)[1]


def gp_evidence_complex(log_l, log_s, x, y):
    K = np.exp(-0.5 * ((x[:, None] - x) / np.exp(log_l)) ** 2) + np.exp(2 * log_s) * np.eye(len(x))
    return 0.5 * np.sum(y * np.linalg.solve(K, y)) + 0.5 * np.log(np.linalg.det(K))


def gp_grad(log_l, log_s, x, y, half=0.5):
    s = ((x[:, None] - x) / np.exp(log_l)) ** 2
    E = np.exp(-0.5 * s)
    K = E + np.exp(2 * log_s) * np.eye(len(x))
    i = np.linalg.inv(K)
    a = i @ y
    A = half * (i - np.outer(a, a))
    return np.sum(A * E * s), np.sum(np.diag(A)) * 2 * np.exp(2 * log_s)


def evidence_inputs(rng):
    return [0.1, -0.5, rng.normal(size=5), rng.normal(size=5)]


def kepler(e, m):
    big = m
    for _ in range(40):
        big = big - (big - e * np.sin(big) - m) / (1 - e * np.cos(big))
    return np.sum(big)


def kepler_grad(e, m):
    big = m
    for _ in range(40):
        big = big - (big - e * np.sin(big) - m) / (1 - e * np.cos(big))
    return np.sum(np.sin(big) / (1 - e * np.cos(big))), 1 / (1 - e * np.cos(big))


def spring(x0, v0, k):
    x, v, total = x0, v0, 0.0
    for _ in range(12):
        v = v - 0.1 * k * x
        x = x + 0.1 * v
        total = total + x**2
    return total


def spring_grad(x0, v0, k, through_v=True):
    xs, vs = [x0], [v0]
    for _ in range(12):
        vs.append(vs[-1] - 0.1 * k * xs[-1])
        xs.append(xs[-1] + 0.1 * vs[-1])
    dx = dv = dk = 0.0
    for t in range(12, 0, -1):
        dx = dx + 2 * xs[t]
        dv = (dv if through_v else 0.0) + 0.1 * dx
        dk = dk - 0.1 * dv * xs[t - 1]
        dx = dx - 0.1 * k * dv
    return dx, dv, dk


def pairwise(x):
    d = x[:, None] - x
    return 0.5 * np.sum(d**2 / (1 + d**2))


def pairwise_grad(x):
    d = x[:, None] - x
    return np.sum(2 * d / (1 + d**2) ** 2, axis=1)


def branches(x):
    return np.sum(np.where(x > 0, x**2, -3 * x))


def branches_grad(x):
    return np.where(x > 0, 2 * x, -3.0)


def positive(n=5):
    return lambda rng: [rng.uniform(0.5, 2, n)]


def mostly_positive(rng):
    return [np.array([0.7, 1.2, -0.4, 2.0])]


def entropy(p):
    return -np.sum(p * np.log(p))


def simplex(rng):
    p = rng.uniform(0.5, 1.5, 4)
    return [p / np.sum(p)]


def log_gamma(x):
    return sum(math.lgamma(v) for v in x)


def digamma(x):
    total = np.zeros_like(x)
    for k, v in enumerate(x):
        shifted, t = v, 0.0
        while shifted < 12:
            t -= 1 / shifted
            shifted += 1
        r = 1 / shifted**2
        tail = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
        total[k] = t + math.log(shifted) - 0.5 / shifted - tail
    return total


POISSON = Case("Poisson regression", poisson, counts, poisson_grad, options={"wrt": ["w"]})
NORMAL = Case("a normal likelihood", normal_nll, sample, normal_nll_grad, options={"wrt": ["mu", "log_sigma"]})
COX = Case("Cox's partial likelihood", cox, lambda rng: [0.5 * rng.normal(size=3), rng.normal(size=(6, 3))], cox_grad,
           options={"wrt": ["beta"]})  # fmt: skip
ELASTIC = Case("an elastic net", elastic, observations, elastic_grad, options={"wrt": ["w"]})
EVIDENCE = Case("a Gaussian process' evidence", gp_evidence, evidence_inputs, gp_grad, path="complex",
                plain=gp_evidence_complex, options={"wrt": ["log_l", "log_s"]})  # fmt: skip
KEPLER = Case("Kepler's equation", kepler, lambda rng: [0.4, rng.uniform(0.3, 2.5, 4)], kepler_grad)
SPRING = Case("a spring, twelve steps", spring, lambda _: [1.0, 0.5, 2.0], spring_grad)
PAIRWISE = Case("pairwise distances", pairwise, lambda rng: [rng.normal(size=6)], pairwise_grad)
BRANCHES = Case("two branches, both visited", branches, mostly_positive, branches_grad)
ENTROPY = Case("an entropy", entropy, simplex, lambda p: -np.log(p) - 1)
GAMMA = Case("log-gamma by math", log_gamma, positive(), digamma, path="floats")

RIGHT = (
    POISSON,
    NORMAL,
    COX,
    ELASTIC,
    EVIDENCE,
    KEPLER,
    SPRING,
    PAIRWISE,
    BRANCHES,
    ENTROPY,
    GAMMA,
    Case("right for x > 0, where it is meant", lambda x: np.sum(np.sqrt(np.abs(x)) * np.abs(x)), positive(),
         lambda x: 1.5 * np.sqrt(x)),
    Case("a power with a real exponent", lambda x: np.sum(x**2.5), positive(), lambda x: 2.5 * x**1.5),
    Case("logarithms of positive numbers", lambda x: np.sum(np.log(x) ** 2), positive(), lambda x: 2 * np.log(x) / x),
)  # fmt: skip

WRONG = (
    wrong(POISSON, "Poisson: the exponential is left out", lambda w, X, y: X.T @ (X @ w - y), "activation", "w"),
    wrong(POISSON, "Poisson: averaged", lambda w, X, y: poisson_grad(w, X, y) / len(y), "size", "w"),
    wrong(NORMAL, "normal: by sigma for log sigma", lambda mu, log_sigma, x: (normal_nll_grad(mu, log_sigma, x)[0],
          normal_nll_grad(mu, log_sigma, x)[1] * np.exp(-log_sigma)), "activation", "log_sigma"),
    wrong(NORMAL, "normal: the normaliser is left out", lambda mu, log_sigma, x: (normal_nll_grad(mu, log_sigma, x)[0],
          normal_nll_grad(mu, log_sigma, x)[1] - len(x)), "constant", "log_sigma"),
    wrong(COX, "Cox: everybody is at risk", lambda beta, X: cox_grad(beta, X, at_risk=False), "sum", "beta"),
    wrong(ELASTIC, "elastic net: the L1 term is left out", lambda w, X, y: elastic_grad(w, X, y, l1=0),
          "regulariser", "w"),
    wrong(EVIDENCE, "evidence: a half is missing", lambda *a: gp_grad(*a, half=1.0), "factor", "log_l", "log_s"),
    wrong(KEPLER, "Kepler: the iteration is held fixed", lambda e, m: (kepler_grad(e, m)[0], np.ones_like(m)),
          "activation", "m"),
    wrong(SPRING, "a spring: the velocity's path is cut", lambda *a: spring_grad(*a, through_v=False), "truncated",
          "x0", "v0", "k"),
    wrong(PAIRWISE, "pairwise: each pair once", lambda x: pairwise_grad(x) / 2, "factor", "x"),
    wrong(PAIRWISE, "pairwise: the quotient's square is missing", lambda x: np.sum(2 * (x[:, None] - x)
          / (1 + (x[:, None] - x) ** 2), axis=1), "term-factor", "x"),
    wrong(BRANCHES, "two branches: the sign of the second", lambda x: np.where(x > 0, 2 * x, 3.0), "sign", "x"),
    wrong(ENTROPY, "entropy: the 1 is left out", lambda p: -np.log(p), "constant", "p"),
    wrong(GAMMA, "log-gamma: log x for digamma", np.log, "activation", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
