"""Losses over a batch: cross-entropies, squared errors, regularisers, contrastive and ranking losses."""

import numpy as np

from .case import Case, wrong


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def one_hot(labels, n):
    return np.eye(n)[labels]


def logits(rng, m=4, n=5):
    return [2 * rng.normal(size=(m, n)), rng.integers(0, n, m)]


def cross_entropy(z, y):
    top = np.max(z, axis=1, keepdims=True)
    s = z - top
    return -np.mean(s[np.arange(len(y)), y] - np.log(np.sum(np.exp(s), axis=1)))


def cross_entropy_grad(z, y):
    return (softmax(z) - one_hot(y, z.shape[1])) / len(y)


def cross_entropy_in_place(z, y):
    p = softmax(z)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


def regression(rng, m=6, n=4):
    return [rng.normal(size=(m, n)), rng.normal(size=n), rng.normal(size=m)]


def ridge(X, w, y):
    return np.mean((X @ w - y) ** 2) + 0.1 * np.sum(w**2)


def ridge_grad(X, w, y):
    r = X @ w - y
    m = len(y)
    return 2 / m * np.outer(r, w), 2 / m * X.T @ r + 0.2 * w, -2 / m * r


def ridge_times(k, c):
    def gradient(X, w, y):
        g = list(ridge_grad(X, w, y))
        g[k] = c * g[k]
        return tuple(g)

    return gradient


def ridge_without_decay(X, w, y):
    r = X @ w - y
    m = len(y)
    return 2 / m * np.outer(r, w), 2 / m * X.T @ r, -2 / m * r


def ridge_half_decay(X, w, y):
    a, b, c = ridge_without_decay(X, w, y)
    return a, b + 0.1 * w, c


def binary(rng, n=8):
    return [3 * rng.normal(size=n), rng.integers(0, 2, n).astype(float)]


def binary_cross_entropy(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def binary_cross_entropy_grad(z, y):
    return (1 / (1 + np.exp(-z)) - y) / len(z)


def kl(rng, n=5):
    return [rng.normal(size=n), 0.5 * rng.normal(size=n)]


def gaussian_kl(mu, logvar):
    return 0.5 * np.sum(mu**2 + np.exp(logvar) - 1 - logvar)


def gaussian_kl_grad(mu, logvar):
    return mu, 0.5 * (np.exp(logvar) - 1)


def triplets(rng, n=4):
    return [rng.normal(size=(3, n)), rng.normal(size=(3, n)), 2 + rng.normal(size=(3, n))]


def triplet(a, p, q):
    d = np.sum((a - p) ** 2, 1) - np.sum((a - q) ** 2, 1) + 30.0
    return np.sum(np.maximum(d, 0))


def triplet_grad(a, p, q):
    d = np.sum((a - p) ** 2, 1) - np.sum((a - q) ** 2, 1) + 30.0
    on = (d > 0)[:, None]
    return 2 * (q - p) * on, -2 * (a - p) * on, 2 * (a - q) * on


def triplet_anchor_once(a, p, q):
    _, dp, dq = triplet_grad(a, p, q)
    return -dp, dp, dq


def info_nce(x):
    n = x / np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    s = n @ n.T / 0.5
    e = np.exp(s) * (1 - np.eye(len(x)))
    return -np.mean(np.diag(s, 1)) + np.mean(np.log(np.sum(e, axis=1)))


def info_nce_grad(x, both=True, norm=True):
    m = len(x)
    length = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    n = x / length
    s = n @ n.T / 0.5
    e = np.exp(s) * (1 - np.eye(m))
    ds = e / np.sum(e, axis=1, keepdims=True) / m - np.eye(m, k=1) / (m - 1)
    dn = (ds @ n + ds.T @ n) / 0.5 if both else ds @ n / 0.5
    return (dn - n * np.sum(n * dn, axis=1, keepdims=True)) / length if norm else dn / length


def focal(rng, n=6):
    return [rng.normal(size=n), rng.integers(0, 2, n).astype(float)]


def focal_loss(z, y):
    p = 1 / (1 + np.exp(-z))
    pt = p * y + (1 - p) * (1 - y)
    return -np.sum((1 - pt) ** 2 * np.log(pt))


def focal_grad(z, y, modulated=True):
    p = 1 / (1 + np.exp(-z))
    pt = p * y + (1 - p) * (1 - y)
    dpt = p * (1 - p) * (2 * y - 1)
    through = 2 * (1 - pt) * np.log(pt) if modulated else 0.0
    return (through - (1 - pt) ** 2 / pt) * dpt


def log_cosh_grad(x, y):
    d = np.tanh(x - y)
    return d, -d


def pair(n=6):
    return lambda rng: [rng.normal(size=n), rng.normal(size=n)]


CE = Case("cross-entropy of logits", cross_entropy, logits, cross_entropy_grad)
RIDGE = Case("ridge, all three inputs", ridge, regression, ridge_grad)
BCE = Case("binary cross-entropy of logits", binary_cross_entropy, binary, binary_cross_entropy_grad,
           options={"wrt": ["z"]})  # fmt: skip
KL = Case("KL of a Gaussian", gaussian_kl, kl, gaussian_kl_grad)
TRIPLET = Case("triplet loss", triplet, triplets, triplet_grad)
NCE = Case("contrastive loss with cosines", info_nce, lambda rng: [rng.normal(size=(5, 3))], info_nce_grad)
FOCAL = Case("focal loss", focal_loss, focal, focal_grad, options={"wrt": ["z"]})
COSH = Case("log cosh", lambda x, y: np.sum(np.log(np.cosh(x - y))), pair(), log_cosh_grad)

RIGHT = (
    CE,
    Case("cross-entropy, gradient in place", cross_entropy, logits, cross_entropy_in_place),
    RIDGE,
    Case("ridge, a dict", ridge, regression, lambda X, w, y: dict(zip("Xwy", ridge_grad(X, w, y), strict=True))),
    BCE,
    KL,
    TRIPLET,
    NCE,
    FOCAL,
    COSH,
)

WRONG = (
    wrong(CE, "cross-entropy without 1/m", lambda z, y: softmax(z) - one_hot(y, z.shape[1]), "size", "z"),
    wrong(CE, "cross-entropy: softmax over the wrong axis",
          lambda z, y: (softmax(z.T).T - one_hot(y, z.shape[1])) / len(y), "broadcast", "z"),
    wrong(CE, "cross-entropy: the labels are not subtracted", lambda z, y: softmax(z) / len(y), "term", "z"),
    wrong(CE, "cross-entropy: only the diagonal of softmax's Jacobian", lambda z, y:
          (softmax(z) - 1) * one_hot(y, z.shape[1]) / len(y), "diagonal", "z"),
    wrong(RIDGE, "ridge: the factor 2 for w", ridge_times(1, 0.5), "factor", "w"),
    wrong(RIDGE, "ridge: the sign for y", ridge_times(2, -1), "sign", "y"),
    wrong(RIDGE, "ridge: no gradient for X", ridge_times(0, 0), "detached", "X"),
    wrong(RIDGE, "ridge: without the decay", ridge_without_decay, "regulariser", "w"),
    wrong(RIDGE, "ridge: half of the decay", ridge_half_decay, "regulariser", "w"),
    wrong(BCE, "binary cross-entropy: a sum for the mean", lambda z, y: 1 / (1 + np.exp(-z)) - y, "size", "z"),
    wrong(BCE, "binary cross-entropy: multiplied by sigmoid'", lambda z, y: binary_cross_entropy_grad(z, y)
          / (1 + np.exp(-z)) / (1 + np.exp(z)), "activation", "z"),
    wrong(KL, "KL: the constant is missing", lambda mu, logvar: (mu, 0.5 * np.exp(logvar)), "constant",
          "logvar"),
    wrong(KL, "KL: the gradients are exchanged", lambda mu, logvar: gaussian_kl_grad(mu, logvar)[::-1], "swapped",
          "mu", "logvar"),
    wrong(TRIPLET, "triplet: the anchor's second use is missing", triplet_anchor_once, "term", "a"),
    wrong(NCE, "contrastive: one of the two uses", lambda x: info_nce_grad(x, both=False),
          "term", "x"),
    wrong(NCE, "contrastive: the norm is held fixed", lambda x: info_nce_grad(x, norm=False), "variance-term",
          "x"),
    wrong(FOCAL, "focal: the modulating factor is held fixed", lambda z, y: focal_grad(z, y, modulated=False),
          "term",
          "z"),
    wrong(COSH, "log cosh: tanh is missing", lambda x, y: (x - y, y - x), "activation", "x", "y"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
