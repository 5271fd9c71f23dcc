"""Functions with their gradients written by hand, as course assignments and small libraries have them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, case, definite, labels, normal, positive, share, signs


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def linear(w, X, y):
    return np.mean((X @ w - y) ** 2)


def linear_grad(w, X, y):
    return 2 / len(y) * X.T @ (X @ w - y)


def linear_loops_grad(w, X, y):
    g = np.zeros_like(w)
    for i in range(X.shape[0]):
        e = 0.0
        for j in range(len(w)):
            e += X[i, j] * w[j]
        for j in range(len(w)):
            g[j] += 2 * (e - y[i]) * X[i, j]
    return g / X.shape[0]


def logistic(w, X, y):
    return -np.mean(y * np.log(sigmoid(X @ w)) + (1 - y) * np.log(1 - sigmoid(X @ w)))


def logistic_grad(w, X, y):
    return X.T.dot(sigmoid(X.dot(w)) - y) / y.size


def logistic_math_grad(w, X, y):
    g = [0.0] * len(w)
    for row, t in zip(X, y, strict=True):
        p = 1 / (1 + math.exp(-sum(a * b for a, b in zip(row, w, strict=True))))
        for j, a in enumerate(row):
            g[j] += (p - t) * a / len(y)
    return np.array(g)


def softmax_loss(W, X, y):
    s = X.dot(W)
    s -= np.max(s, axis=1, keepdims=True)
    p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)
    return np.sum(-np.log(p[np.arange(len(y)), y])) / len(y) + 0.05 * np.sum(W * W)


def softmax_loss_grad(W, X, y):
    s = X.dot(W)
    s -= np.max(s, axis=1, keepdims=True)
    p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)
    p[range(len(y)), y] -= 1
    return X.T.dot(p) / len(y) + 0.1 * W


def softmax_naive_grad(W, X, y):
    dW = np.zeros(W.shape)
    for i in range(X.shape[0]):
        s = X[i].dot(W)
        s -= s.max()
        e = np.exp(s)
        for k in range(W.shape[1]):
            dW[:, k] += (e[k] / np.sum(e) - (k == y[i])) * X[i]
    dW /= X.shape[0]
    dW += 0.1 * W
    return dW


def svm(W, X, y):
    s = X @ W
    m = np.maximum(0, s - s[np.arange(len(y)), y][:, None] + 1)
    m[np.arange(len(y)), y] = 0
    return m.sum() / len(y)


def svm_grad(W, X, y):
    s = X @ W
    m = np.maximum(0, s - s[np.arange(len(y)), y][:, None] + 1)
    m[np.arange(len(y)), y] = 0
    mask = np.zeros(m.shape)
    mask[m > 0] = 1
    mask[np.arange(len(y)), y] = -np.sum(mask, axis=1)
    return np.dot(X.T, mask) / len(y)


def hinge(w, X, y):
    return np.maximum(0, 1 - y * (X @ w)).sum()


def hinge_grad(w, X, y):
    active = (y * (X @ w) < 1).astype(float)
    return -(X * (y * active)[:, None]).sum(axis=0)


def batchnorm(x, gamma, beta):
    xhat = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    return np.sum((gamma * xhat + beta) ** 3)


def batchnorm_grad(x, gamma, beta):
    n = x.shape[0]
    mu = x.mean(axis=0)
    std = np.sqrt(x.var(axis=0) + 1e-5)
    xhat = (x - mu) / std
    d = 3 * (gamma * xhat + beta) ** 2
    dxhat = d * gamma
    dx = (n * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (n * std)
    return dx, np.sum(d * xhat, axis=0), np.sum(d, axis=0)


def two_layers(W1, b1, W2, b2):
    h = np.tanh(DATA @ W1 + b1)
    return 0.5 * np.sum((h @ W2 + b2 - TARGET) ** 2)


def two_layers_grad(W1, b1, W2, b2):
    grads = {}
    h = np.tanh(DATA @ W1 + b1)
    d = h @ W2 + b2 - TARGET
    grads["W2"], grads["b2"] = h.T @ d, d.sum(axis=0)
    dh = d @ W2.T * (1 - h**2)
    grads["W1"], grads["b1"] = DATA.T @ dh, np.sum(dh, axis=0)
    return grads


def conv(x, w):
    return np.sum(np.array([x[i : i + 3] @ w for i in range(len(x) - 2)]) ** 2)


def conv_grad(x, w):
    out = np.array([x[i : i + 3] @ w for i in range(len(x) - 2)])
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(len(out)):
        dx[i : i + 3] += 2 * out[i] * w
        dw += 2 * out[i] * x[i : i + 3]
    return dx, dw


def max_pool(x):
    return np.sum(x.reshape(2, 2, 2, 2).max(axis=(1, 3)) ** 2)


def max_pool_grad(x):
    d = np.zeros_like(x)
    for i in range(0, 4, 2):
        for j in range(0, 4, 2):
            window = x[i : i + 2, j : j + 2]
            a, b = np.unravel_index(np.argmax(window), window.shape)
            d[i + a, j + b] = 2 * window[a, b]
    return d


def rnn(wx, wh, h0):
    h = h0
    for x in SERIES:
        h = np.tanh(x @ wx + h @ wh)
    return np.sum(h**2)


def rnn_grad(wx, wh, h0):
    hs = [h0]
    for x in SERIES:
        hs.append(np.tanh(x @ wx + hs[-1] @ wh))
    dwx, dwh, dh = np.zeros_like(wx), np.zeros_like(wh), 2 * hs[-1]
    for t in reversed(range(len(SERIES))):
        dz = dh * (1 - hs[t + 1] ** 2)
        dwx += np.outer(SERIES[t], dz)
        dwh += np.outer(hs[t], dz)
        dh = wh @ dz
    return dwx, dwh, dh


def attention(q, k, v):
    p = np.exp(q @ k.T)
    return np.sum((p / p.sum(1, keepdims=True) @ v) ** 2)


def attention_grad(q, k, v):
    p = np.exp(q @ k.T)
    p /= p.sum(axis=1, keepdims=True)
    do = 2 * (p @ v)
    dp = do @ v.T
    ds = p * (dp - np.einsum("ij,ij->i", dp, p)[:, None])
    return ds @ k, ds.T @ q, p.T @ do


def embedding(table, idx):
    return np.sum(table[idx].mean(axis=0) ** 2)


def embedding_grad(table, idx):
    d = np.zeros(table.shape)
    np.add.at(d, idx, 2 * table[idx].mean(axis=0) / len(idx))
    return d, None


def mahalanobis(S, x):
    return x @ np.linalg.inv(S) @ x + np.log(np.linalg.det(S))


def mahalanobis_grad(S, x):
    a = np.linalg.solve(S, x)
    return -np.outer(np.linalg.solve(S.T, x), a) + np.linalg.inv(S).T, a + np.linalg.solve(S.T, x)


def focal(p, t):
    pt = np.where(t == 1, p, 1 - p)
    return np.mean(-((1 - pt) ** 2) * np.log(pt))


def focal_grad(p, t):
    pt = np.where(t == 1, p, 1 - p)
    d = 2 * (1 - pt) * np.log(pt) - (1 - pt) ** 2 / pt
    return np.where(t == 1, d, -d) / p.size


def huber(r, delta=0.8):
    a = np.abs(r)
    return np.sum(np.where(a < delta, 0.5 * r**2, delta * (a - delta / 2)))


def huber_grad(r, delta=0.8):
    g = r.copy()
    g[r > delta] = delta
    g[r < -delta] = -delta
    return g


def cosine(a, b):
    return 1 - np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def cosine_grad(a, b):
    na, nb = np.linalg.norm(a), np.linalg.norm(b)
    c = a @ b / (na * nb)
    return -(b / (na * nb) - c * a / na**2), -(a / (na * nb) - c * b / nb**2)


def rosenbrock(x):
    return sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_grad(x):
    g = np.zeros_like(x)
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    return g


def lennard_jones(X):
    e = 0
    for i in range(len(X)):
        for j in range(i):
            s = 1 / np.sum((X[i] - X[j]) ** 2) ** 3
            e += 4 * (s**2 - s)
    return e


def forces(X):
    F = np.zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[0]):
            if i != j:
                d = X[i] - X[j]
                r2 = float(d @ d)
                F[i] += 4 * (-12 / r2**7 + 6 / r2**4) * d
    return F


def poisson(b, X, k):
    return np.sum(np.exp(X @ b) - k * (X @ b))


def poisson_grad(b, X, k):
    return ((np.exp(X.dot(b)) - k)[:, np.newaxis] * X).sum(0)


def variance(x):
    return np.var(x, ddof=1)


def variance_grad(x):
    return 2.0 * (x - np.mean(x)) / (x.size - 1)


def leaky(x):
    return np.sum(np.where(x > 0, x, 0.1 * x) ** 2)


class Leaky:
    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x):
        self.x = x
        return np.maximum(x, self.slope * x)

    def backward(self, d):
        dx = np.ones_like(self.x)
        dx[self.x < 0] = self.slope
        return d * dx


def leaky_grad(x):
    layer = Leaky()
    return layer.backward(2 * layer.forward(x))


DATA = np.random.default_rng(1).normal(size=(4, 3))
TARGET = np.random.default_rng(2).normal(size=(4, 2))
SERIES = np.random.default_rng(3).normal(size=(4, 2))

#: A case, and the gradient of its function.
PAIRS: tuple[tuple[Case, Callable[..., Any]], ...] = (
    (case(linear, normal(3), normal(5, 3), normal(5)), linear_grad),
    (case(linear, normal(3), normal(5, 3), normal(5), name="linear by loops"), linear_loops_grad),
    (case(logistic, normal(3), normal(5, 3), labels(5, 2)), logistic_grad),
    (case(logistic, normal(3), normal(5, 3), labels(5, 2), name="logistic by math"), logistic_math_grad),
    (case(softmax_loss, normal(3, 4), normal(5, 3), labels(5, 4)), softmax_loss_grad),
    (case(softmax_loss, normal(3, 4), normal(5, 3), labels(5, 4), name="softmax by loops"), softmax_naive_grad),
    (case(softmax_loss, np.zeros((3, 4)), normal(5, 3), labels(5, 4), name="softmax at 0"), softmax_loss_grad),
    (case(svm, normal(3, 4), normal(5, 3), labels(5, 4)), svm_grad),
    (case(hinge, normal(3), normal(5, 3), signs(5)), hinge_grad),
    (case(batchnorm, normal(5, 3), normal(3), normal(3)), batchnorm_grad),
    (case(two_layers, normal(3, 5), normal(5), normal(5, 2), normal(2)), two_layers_grad),
    (case(conv, normal(7), normal(3)), conv_grad),
    (case(max_pool, normal(4, 4)), max_pool_grad),
    (case(rnn, normal(2, 3), normal(3, 3), normal(3)), rnn_grad),
    (case(attention, normal(3, 2), normal(4, 2), normal(4, 2)), attention_grad),
    (case(embedding, normal(5, 3), labels(6, 5)), embedding_grad),
    (case(mahalanobis, definite(3), normal(3)), mahalanobis_grad),
    (case(focal, share(5), labels(5, 2)), focal_grad),
    (case(huber, normal(8)), huber_grad),
    (case(cosine, normal(4), normal(4)), cosine_grad),
    (case(rosenbrock, normal(4)), rosenbrock_grad),
    (case(lennard_jones, np.array([[0.0, 0, 0], [1.25, 0, 0.125], [0.25, 1.5, 0]])), forces),
    (case(poisson, normal(3), normal(4, 3), labels(4, 5)), poisson_grad),
    (case(variance, positive(5)), variance_grad),
    (case(leaky, normal(5)), leaky_grad),
)
