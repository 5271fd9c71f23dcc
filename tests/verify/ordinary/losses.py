"""Losses of regression and classification."""

import math

import numpy as np
from numpy import log, maximum

from .case import case, labels, normal, positive, share, signs


def mse(y, t):
    return np.mean((y - t) ** 2)


def rmse(y, t):
    return np.sqrt(((y - t) ** 2).mean())


def mae(y, t):
    return np.abs(y - t).mean()


def huber(y, t, delta=1.0):
    r = np.abs(y - t)
    return np.where(r <= delta, 0.5 * r**2, delta * (r - 0.5 * delta)).sum()


def huber_masks(y, t):
    r = y - t
    small = np.abs(r) < 1
    out = np.empty_like(r)
    out[small] = 0.5 * r[small] ** 2
    out[~small] = np.abs(r[~small]) - 0.5
    return out.mean()


def log_cosh(y, t):
    return np.sum(np.log(np.cosh(y - t)))


def quantile_loss(y, t, q=0.3):
    e = t - y
    return np.mean(np.maximum(q * e, (q - 1) * e))


def binary_cross_entropy(p, t):
    eps = 1e-12
    p = np.clip(p, eps, 1 - eps)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def bce_with_logits(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))))


def softmax_cross_entropy(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


def cross_entropy_one_hot(z, y):
    onehot = np.zeros_like(z)
    onehot[np.arange(z.shape[0]), y] = 1
    logp = z - np.log(np.sum(np.exp(z), axis=1))[:, None]
    return -np.sum(onehot * logp) / z.shape[0]


def cross_entropy_eye(z, y):
    t = np.eye(z.shape[1])[y]
    return -(t * (z - np.log(np.exp(z).sum(-1, keepdims=True)))).sum(-1).mean()


def label_smoothing(z, y, eps=0.1):
    k = z.shape[1]
    q = np.full(z.shape, eps / k)
    q[np.arange(len(y)), y] += 1 - eps
    m = np.max(z, axis=1, keepdims=True)
    logp = z - m - np.log(np.exp(z - m).sum(axis=1, keepdims=True))
    return -(q * logp).sum(axis=1).mean()


def svm_hinge(s, y):
    margins = np.maximum(0, s - s[np.arange(len(y)), y][:, np.newaxis] + 1)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y)


def hinge(w, X, y):
    return maximum(0, 1 - y * (X @ w)).mean() + 0.5 * 1e-2 * w.dot(w)


def squared_hinge(w, X, y):
    return np.square(np.maximum(0.0, 1.0 - y * X.dot(w))).sum()


def exponential_loss(w, X, y):
    return np.exp(-y * np.dot(X, w)).mean()


def logistic_loss(w, X, y):
    return np.logaddexp(0, -y * (X @ w)).sum() + 0.1 * np.linalg.norm(w) ** 2


def logistic_math(w, X, y):
    total = 0.0
    for i in range(X.shape[0]):
        z = 0.0
        for j in range(X.shape[1]):
            z += X[i, j] * w[j]
        total += math.log(1 + math.exp(-y[i] * z))
    return total / len(y)


def focal(z, t, gamma=2.0, alpha=0.25):
    p = 1 / (1 + np.exp(-z))
    pt = np.where(t == 1, p, 1 - p)
    a = np.where(t == 1, alpha, 1 - alpha)
    return np.mean(-a * (1 - pt) ** gamma * np.log(pt))


def kl_divergence(p, q):
    p, q = p / p.sum(), q / q.sum()
    return np.sum(p * np.log(p / q))


def jensen_shannon(p, q):
    p = p / np.sum(p)
    q = q / np.sum(q)
    m = (p + q) / 2
    return 0.5 * np.sum(p * np.log(p / m)) + 0.5 * np.sum(q * np.log(q / m))


def poisson_nll(r, k):
    return np.sum(np.exp(r) - k * r)


def gaussian_nll(mu, s, t):
    var = s**2
    return 0.5 * np.sum(np.log(2 * np.pi * var) + (t - mu) ** 2 / var)


def gamma_deviance(mu, y):
    return 2 * np.mean(-np.log(y / mu) + (y - mu) / mu)


def tweedie(mu, y, p=1.5):
    return 2 * np.mean(y ** (2 - p) / ((1 - p) * (2 - p)) - y * mu ** (1 - p) / (1 - p) + mu ** (2 - p) / (2 - p))


def dice(p, t):
    inter = (p * t).sum()
    return 1 - (2 * inter + 1) / (p.sum() + t.sum() + 1)


def tversky(p, t):
    tp, fp, fn = np.sum(p * t), np.sum(p * (1 - t)), np.sum((1 - p) * t)
    return 1 - tp / (tp + 0.3 * fp + 0.7 * fn)


def triplet(a, p, n, margin=0.5):
    d1 = np.sum((a - p) ** 2, axis=-1)
    d2 = np.sum((a - n) ** 2, axis=-1)
    return np.maximum(d1 - d2 + margin, 0).mean()


def contrastive(a, b, same):
    d = np.sqrt(np.sum((a - b) ** 2, axis=1) + 1e-9)
    return np.mean(same * d**2 + (1 - same) * np.clip(1.0 - d, 0, None) ** 2)


def info_nce(a, b, tau=0.2):
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    s = a @ b.T / tau
    return np.mean(np.log(np.exp(s).sum(axis=1)) - np.diag(s))


def cosine_loss(a, b):
    num = np.einsum("ij,ij->i", a, b)
    return (1 - num / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))).sum()


def ranking(s, y):
    total = 0
    for i in range(len(s)):
        for j in range(len(s)):
            if y[i] > y[j]:
                total += np.log1p(np.exp(-(s[i] - s[j])))
    return total


def listnet(s, y):
    ps = np.exp(s) / np.sum(np.exp(s))
    py = np.exp(y) / np.sum(np.exp(y))
    return -(py * log(ps)).sum()


def ridge(w, X, y):
    r = X @ w - y
    return 0.5 * r @ r + 0.1 * np.sum(w**2)


def lasso(w, X, y):
    return np.mean((np.dot(X, w) - y) ** 2) / 2 + 0.1 * np.sum(np.abs(w))


def elastic_net(w, X, y):
    return ((X @ w - y) ** 2).mean() + 0.3 * np.linalg.norm(w, 1) + 0.2 * np.linalg.norm(w, 2) ** 2


def group_lasso(W):
    return sum(np.linalg.norm(row) for row in W)


def total_variation(img):
    return np.abs(np.diff(img, axis=0)).sum() + np.abs(np.diff(img, axis=1)).sum()


def multi_task(a, b):
    return float(np.mean(a**2)) + float(np.std(b))


def psnr(a, b):
    return 10 * np.log10(1.0 / np.mean((a - b) ** 2))


def wing(y, t, w=2.0, e=0.5):
    c = w - w * np.log(1 + w / e)
    x = np.abs(y - t)
    return np.where(x < w, w * np.log(1 + x / e), x - c).mean()


def ctc_like(logits, path):
    alpha = np.full(len(path), -np.inf)
    logp = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    alpha[0] = logp[0, path[0]]
    for t in range(1, logits.shape[0]):
        new = np.full(len(path), -np.inf)
        for s in range(len(path)):
            stay = alpha[s]
            move = alpha[s - 1] if s > 0 else -np.inf
            if not np.isinf(stay) or not np.isinf(move):
                m = max(stay, move)
                new[s] = m + np.log(np.exp(stay - m) + np.exp(move - m)) + logp[t, path[s]]
        alpha = new
    return -alpha[-1]


CASES = (
    case(mse, normal(6), normal(6)),
    case(rmse, normal(6), normal(6)),
    case(mae, normal(6), normal(6)),
    case(huber, normal(8, scale=2), normal(8)),
    case(huber_masks, normal(8, scale=2), normal(8)),
    case(log_cosh, normal(5), normal(5)),
    case(quantile_loss, normal(6), normal(6)),
    case(binary_cross_entropy, share(6), share(6)),
    case(bce_with_logits, normal(6), share(6)),
    case(softmax_cross_entropy, normal(4, 3), labels(4, 3)),
    case(cross_entropy_one_hot, normal(4, 3), labels(4, 3)),
    case(cross_entropy_eye, normal(4, 3), labels(4, 3)),
    case(label_smoothing, normal(4, 3), labels(4, 3)),
    case(svm_hinge, normal(4, 3), labels(4, 3)),
    case(hinge, normal(3), normal(6, 3), signs(6)),
    case(squared_hinge, normal(3), normal(6, 3), signs(6)),
    case(exponential_loss, normal(3), normal(6, 3), signs(6)),
    case(logistic_loss, normal(3), normal(6, 3), signs(6)),
    case(logistic_math, normal(3), normal(6, 3), signs(6)),
    case(focal, normal(6), labels(6, 2)),
    case(kl_divergence, positive(5), positive(5)),
    case(jensen_shannon, positive(5), positive(5)),
    case(poisson_nll, normal(5), labels(5, 4)),
    case(gaussian_nll, normal(4), positive(4), normal(4)),
    case(gamma_deviance, positive(4), positive(4)),
    case(tweedie, positive(4), positive(4)),
    case(dice, share(6), labels(6, 2)),
    case(tversky, share(6), labels(6, 2)),
    case(triplet, normal(4, 3), normal(4, 3), normal(4, 3)),
    case(contrastive, normal(4, 3), normal(4, 3), labels(4, 2)),
    case(info_nce, normal(4, 3), normal(4, 3)),
    case(cosine_loss, normal(4, 3), normal(4, 3)),
    case(ranking, normal(5), labels(5, 3)),
    case(listnet, normal(4), normal(4)),
    case(ridge, normal(3), normal(5, 3), normal(5)),
    case(lasso, normal(3), normal(5, 3), normal(5)),
    case(elastic_net, normal(3), normal(5, 3), normal(5)),
    case(group_lasso, normal(4, 3)),
    case(total_variation, normal(4, 5)),
    case(multi_task, normal(4), normal(5)),
    case(psnr, normal(6), normal(6)),
    case(wing, normal(6, scale=2), normal(6)),
    case(ctc_like, normal(5, 3), np.array([0, 2, 1])),
)
