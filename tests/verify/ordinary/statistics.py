"""Likelihoods, moments, kernels and information, as statisticians write them."""

import math

import numpy as np

from .case import case, definite, labels, normal, positive, share


def normal_loglik(mu, s, x):
    return np.sum(-0.5 * math.log(2 * math.pi) - np.log(s) - (x - mu) ** 2 / (2 * s**2))


def mvn_inv(mu, S, x):
    d = x - mu
    return 0.5 * d @ np.linalg.inv(S) @ d + 0.5 * np.log(np.linalg.det(S)) + len(x) / 2 * np.log(2 * np.pi)


def mvn_chol(mu, S, x):
    L = np.linalg.cholesky(S)
    z = np.linalg.solve(L, x - mu)
    return 0.5 * (z @ z) + np.log(np.diag(L)).sum()


def mvn_slogdet(S, X):
    sign, logdet = np.linalg.slogdet(S)
    assert sign > 0
    return len(X) * logdet + np.trace(np.linalg.solve(S, X.T @ X))


def gp_marginal(X, y, ls, noise):
    d2 = ((X[:, None, :] - X[None, :, :]) ** 2).sum(-1)
    K = np.exp(-0.5 * d2 / ls**2) + noise * np.eye(len(X))
    try:
        L = np.linalg.cholesky(K)
    except np.linalg.LinAlgError:
        L = np.linalg.cholesky(K + 1e-6 * np.eye(len(X)))
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diagonal(L)))


def rbf_loops(X, gamma):
    n = X.shape[0]
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            K[i, j] = K[j, i] = math.exp(-gamma * np.sum((X[i] - X[j]) ** 2))
    return K.sum() + np.linalg.norm(K, "fro")


def mixture(mu, logs, logits, x):
    w = np.exp(logits - logits.max())
    w = w / w.sum()
    p = np.exp(-0.5 * ((x[:, None] - mu) / np.exp(logs)) ** 2) / np.exp(logs) / np.sqrt(2 * np.pi)
    return -np.log(p @ w).sum()


def mixture_logsumexp(mu, x):
    a = -0.5 * (x[:, None] - mu[None]) ** 2
    m = np.amax(a, axis=1)
    return -np.sum(m + np.log(np.sum(np.exp(a - m[:, None]), 1)))


def moments(x):
    m = x.mean()
    s = x.std(ddof=1)
    skew = np.mean(((x - m) / s) ** 3)
    return skew + np.mean((x - m) ** 4) / s**4 - 3


def correlation(x, y):
    xm, ym = x - x.mean(), y - y.mean()
    return (xm * ym).sum() / np.sqrt((xm**2).sum() * (ym**2).sum())


def covariance_norm(X):
    return np.linalg.norm(np.cov(X, rowvar=False)) + np.corrcoef(X.T)[0, 1]


def weighted(x, w):
    return np.average(x, weights=w) ** 2 + np.average(x[:, None] * x, axis=0, weights=w).sum()


def median_and_quantiles(x):
    return np.median(x) ** 2 + np.percentile(x, 30) * np.quantile(x, 0.75)


def trimmed(x):
    s = np.sort(x)
    return s[1:-1].mean() + s[::-1][0]


def mad(x):
    return np.median(np.abs(x - np.median(x))) * 1.4826 + np.ptp(x)


def entropy(p):
    p = p / p.sum()
    return -(p[p > 0] * np.log2(p[p > 0])).sum()


def mutual_information(P):
    P = P / P.sum()
    px, py = P.sum(1, keepdims=True), P.sum(0, keepdims=True)
    return np.sum(P * np.log(P / (px * py)))


def gini(p):
    p = p / np.sum(p)
    return 1 - np.dot(p, p)


def kde(x, h):
    u = (x[:, None] - x[None, :]) / h
    return np.log(np.exp(-0.5 * u * u).mean(axis=1)).sum() - len(x) * np.log(h)


def mmd(x, y):
    def k(a, b):
        return np.exp(-((a[:, None] - b[None]) ** 2).sum(-1)).mean()

    return k(x, x) + k(y, y) - 2 * k(x, y)


def logit_link(b, X, y):
    eta = X @ b
    p = 1.0 / (1.0 + np.exp(-eta))
    return -np.sum(np.where(y == 1, np.log(p), np.log1p(-p)))


def ordinal(b, cuts, x, y):
    cdf = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    edges = np.concatenate(([-np.inf], np.sort(cuts), [np.inf]))
    total = 0.0
    for xi, yi in zip(x, y, strict=True):
        hi = 1.0 if np.isposinf(edges[yi + 1]) else cdf(edges[yi + 1] - b * xi)
        lo = 0.0 if np.isneginf(edges[yi]) else cdf(edges[yi] - b * xi)
        total -= np.log(hi - lo)
    return total


def cox(b, X, t, event):
    order = np.argsort(-t)
    eta = (X @ b)[order]
    risk = np.log(np.cumsum(np.exp(eta)))
    return -np.sum((eta - risk) * event[order])


def hmm_forward(logA, logB, obs):
    A = np.exp(logA) / np.exp(logA).sum(axis=1, keepdims=True)
    B = np.exp(logB) / np.exp(logB).sum(axis=1, keepdims=True)
    alpha = np.full(A.shape[0], 1.0 / A.shape[0]) * B[:, obs[0]]
    ll = 0.0
    for o in obs[1:]:
        c = alpha.sum()
        ll += np.log(c)
        alpha = (alpha / c) @ A * B[:, o]
    return -(ll + np.log(alpha.sum()))


def kalman(q, r, y):
    m, p, ll = 0.0, 1.0, 0.0
    for obs in y:
        p = p + q
        s = p + r
        k = p / s
        ll += -0.5 * (np.log(2 * np.pi * s) + (obs - m) ** 2 / s)
        m = m + k * (obs - m)
        p = (1 - k) * p
    return ll


def arma(phi, theta, y):
    e = np.zeros(len(y))
    for t in range(1, len(y)):
        e[t] = y[t] - phi * y[t - 1] - theta * e[t - 1]
    return (e**2).sum()


def garch(omega, alpha, beta, r):
    s2 = np.empty(r.shape[0])
    s2[0] = np.var(r)
    for t in range(1, len(r)):
        s2[t] = omega + alpha * r[t - 1] ** 2 + beta * s2[t - 1]
    return 0.5 * np.sum(np.log(s2) + r**2 / s2)


def autocorrelation(x):
    z = x - x.mean()
    return np.correlate(z, z, mode="full")[len(x) - 1 :][1:].sum() / np.sum(z**2)


def exponential_smoothing(a, x):
    level = x[0]
    sse = 0
    for v in x[1:]:
        sse += (v - level) ** 2
        level = a * v + (1 - a) * level
    return sse


def softmax_regression_hessian_trace(W, X):
    P = np.exp(X @ W)
    P /= P.sum(1)[:, None]
    return sum(np.trace(np.diag(p) - np.outer(p, p)) for p in P)


def wasserstein_1d(x, y):
    return np.mean(np.abs(np.sort(x) - np.sort(y)))


def sinkhorn(x, y):
    C = (x[:, None] - y[None, :]) ** 2
    K = np.exp(-C / 0.5)
    u = np.ones(len(x))
    for _ in range(4):
        v = (1 / len(y)) / (K.T @ u)
        u = (1 / len(x)) / (K @ v)
    return np.sum(u[:, None] * K * v * C)


def ppca(W, s2, X):
    C = W @ W.T + s2 * np.eye(W.shape[0])
    S = X.T @ X / len(X)
    return np.linalg.slogdet(C)[1] + np.trace(np.linalg.inv(C) @ S)


def matrix_factorisation(U, V, R):
    mask = ~np.isnan(R)
    E = np.where(mask, R, 0) - U @ V.T
    return np.sum(E[mask] ** 2) + 0.1 * (np.sum(U**2) + np.sum(V**2))


def tsne(Y, P):
    n = len(Y)
    num = 1 / (1 + np.sum((Y[:, None] - Y[None]) ** 2, 2))
    num[range(n), range(n)] = 0.0
    Q = np.maximum(num / np.sum(num), 1e-12)
    off = ~np.eye(n, dtype=bool)
    return np.sum(P[off] * np.log(P[off] / Q[off]))


def calibration(p, y):
    bins = np.digitize(p, np.linspace(0, 1, 4))
    total = 0.0
    for b in np.unique(bins):
        inside = bins == b
        total += inside.mean() * (p[inside].mean() - y[inside].mean()) ** 2
    return total


def groups(x, g):
    sums = np.bincount(g, weights=x, minlength=3)
    counts = np.bincount(g, minlength=3)
    return np.sum((sums / np.maximum(counts, 1)) ** 2)


def with_missing(x):
    x = np.where(np.arange(len(x)) == 1, np.nan, x)
    return np.nanmean(x) ** 2 + np.nanstd(x) + np.nansum(x) * np.nanmax(x)


def standardise(X):
    Z = (X - np.mean(X, axis=0)) / np.std(X, axis=0)
    return np.sum(Z[0] ** 3)


RATINGS = np.array([[1.0, np.nan, 3.0], [np.nan, 2.0, 0.5]])

CASES = (
    case(normal_loglik, 0.3, 1.2, normal(5)),
    case(mvn_inv, normal(3), definite(3), normal(3)),
    case(mvn_chol, normal(3), definite(3), normal(3)),
    case(mvn_slogdet, definite(3), normal(4, 3)),
    case(gp_marginal, normal(4, 2), normal(4), 0.9, 0.3),
    case(rbf_loops, normal(3, 2), 0.4),
    case(mixture, normal(3), normal(3), normal(3), normal(4)),
    case(mixture_logsumexp, normal(3), normal(4)),
    case(moments, normal(6)),
    case(correlation, normal(5), normal(5)),
    case(covariance_norm, normal(5, 3)),
    case(weighted, normal(4), positive(4)),
    case(median_and_quantiles, normal(7)),
    case(trimmed, normal(6)),
    case(mad, normal(5)),
    case(entropy, positive(4)),
    case(mutual_information, positive(3, 3)),
    case(gini, positive(4)),
    case(kde, normal(4), 0.6),
    case(mmd, normal(3, 2), normal(4, 2)),
    case(logit_link, normal(3), normal(5, 3), labels(5, 2)),
    case(ordinal, 0.7, np.array([-0.5, 0.6]), normal(4), labels(4, 3)),
    case(cox, normal(2), normal(5, 2), np.array([3.0, 1.0, 2.0, 5.0, 4.0]), labels(5, 2)),
    case(hmm_forward, normal(2, 2), normal(2, 3), labels(5, 3)),
    case(kalman, 0.4, 0.8, normal(5)),
    case(arma, 0.5, 0.3, normal(6)),
    case(garch, 0.2, 0.3, 0.4, normal(6)),
    case(autocorrelation, normal(5)),
    case(exponential_smoothing, 0.3, normal(5)),
    case(softmax_regression_hessian_trace, normal(3, 3), normal(4, 3)),
    case(wasserstein_1d, normal(5), normal(5)),
    case(sinkhorn, normal(3), normal(4)),
    case(ppca, normal(3, 2), 0.7, normal(5, 3)),
    case(matrix_factorisation, normal(2, 2), normal(3, 2), RATINGS),
    case(tsne, normal(4, 2), positive(4, 4)),
    case(calibration, share(6), labels(6, 2)),
    case(groups, normal(6), labels(6, 3)),
    case(with_missing, normal(5)),
    case(standardise, normal(5, 2)),
)
