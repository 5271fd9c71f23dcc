"""Softmax, layer and batch normalisation, attention, and convolution."""

import numpy as np

from .case import Case, wrong


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_vjp(g, z):
    p = softmax(z)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


def log_softmax(z):
    s = z - np.max(z, axis=-1, keepdims=True)
    return s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))


def log_softmax_vjp(g, z):
    return g - softmax(z) * np.sum(g, axis=-1, keepdims=True)


def standard(x, axis, eps=1e-5):
    mu = np.mean(x, axis=axis, keepdims=True)
    c = x - mu
    return c, 1 / np.sqrt(np.mean(c**2, axis=axis, keepdims=True) + eps)


def normalised(axis):
    def f(x, gamma, beta):
        c, r = standard(x, axis)
        return gamma * c * r + beta

    return f


def normalised_vjp(axis, mean_term=True, variance_term=True, scale=True, eps=1e-5):
    def vjp(g, x, gamma, beta):
        c, r = standard(x, axis, eps)
        h = c * r
        d = g * gamma if scale else g
        dx = d - mean_term * np.mean(d, axis=axis, keepdims=True)
        dx = dx - variance_term * h * np.mean(d * h, axis=axis, keepdims=True)
        return dx * r, np.sum(g * h, axis=0), np.sum(g, axis=0)

    return vjp


def rms(x, w):
    return w * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6)


def rms_vjp(g, x, w):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6)
    d = g * w
    return d * r - x * r**3 * np.mean(d * x, axis=-1, keepdims=True), np.sum(g * x * r, axis=0)


def attention(q, k, v):
    return softmax(q @ k.T / np.sqrt(q.shape[1])) @ v


def attention_vjp(g, q, k, v, scale=True, softmaxed=True, where_q="k"):
    s = np.sqrt(q.shape[1])
    p = softmax(q @ k.T / s)
    dp = g @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) if softmaxed else p * dp
    ds = ds / s if scale else ds
    return ds @ (k if where_q == "k" else q), ds.T @ q, p.T @ g


def causal(q, k, v):
    n = len(q)
    s = np.where(np.tri(n) > 0, q @ k.T / np.sqrt(q.shape[1]), -1e9)
    return softmax(s) @ v


def causal_vjp(g, q, k, v, masked=True):
    n = len(q)
    r = np.sqrt(q.shape[1])
    p = softmax(np.where(np.tri(n) > 0, q @ k.T / r, -1e9))
    dp = g @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) / r
    if not masked:
        full = softmax(q @ k.T / r)
        ds = full * (dp - np.sum(dp * full, axis=1, keepdims=True)) / r
    return ds @ k, ds.T @ q, p.T @ g


def conv(x, w):
    n = len(x) - len(w) + 1
    return sum(w[u] * x[u : u + n] for u in range(len(w)))


def conv_vjp(g, x, w):
    n = len(g)
    dx = np.zeros_like(x)
    for u in range(len(w)):
        dx[u : u + n] = dx[u : u + n] + w[u] * g
    return dx, np.stack([np.sum(g * x[u : u + n]) for u in range(len(w))])


def conv_flipped(g, x, w):
    return conv_vjp(g, x, w[::-1])[0], conv_vjp(g, x, w)[1]


def padded(x, w):
    return conv(np.concatenate([0 * x[:1], x, 0 * x[:1]]), w)


def padded_vjp(g, x, w, edges=True):
    zero = np.zeros(1)
    dx, dw = conv_vjp(g, np.concatenate([zero, x, zero]), w)
    dx = dx[1:-1].copy()
    if not edges:
        dx[0], dx[-1] = 0, 0
    return dx, dw


def padded_late(g, x, w):
    zero = np.zeros(1)
    dx, dw = conv_vjp(g, np.concatenate([zero, x, zero]), w)
    return dx[2:] if len(dx) == len(x) + 2 else dx, dw


def conv2d(x, w):
    h, v = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    return sum(w[a, b] * x[a : a + h, b : b + v] for a in range(w.shape[0]) for b in range(w.shape[1]))


def conv2d_vjp(g, x, w):
    h, v = g.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for a in range(w.shape[0]):
        for b in range(w.shape[1]):
            dx[a : a + h, b : b + v] += w[a, b] * g
            dw[a, b] = np.sum(g * x[a : a + h, b : b + v])
    return dx, dw


def grids(rng):
    return [rng.normal(size=(5, 6)), rng.normal(size=(3, 3))]


def rows(*shape):
    return lambda rng: [rng.normal(size=shape)]


def with_scale(rng, m=6, n=4):
    return [2 * rng.normal(size=(m, n)) + 1, rng.uniform(0.5, 2, n), rng.normal(size=n)]


def three(rng, n=4, d=3):
    return [rng.normal(size=(n, d)) for _ in range(3)]


def signal(rng):
    return [rng.normal(size=9), rng.normal(size=3)]


SOFTMAX = Case("softmax, vjp", softmax, rows(3, 5), vjp=softmax_vjp)
LOG_SOFTMAX = Case("log-softmax, vjp", log_softmax, rows(3, 5), vjp=log_softmax_vjp)
LAYER = Case("layer normalisation, vjp", normalised(1), with_scale, vjp=normalised_vjp(1))
BATCH = Case("batch normalisation, vjp", normalised(0), with_scale, vjp=normalised_vjp(0))
RMS = Case("RMS normalisation, vjp", rms, lambda rng: [rng.normal(size=(3, 5)), rng.normal(size=5)], vjp=rms_vjp)
ATTENTION = Case("attention, vjp", attention, three, vjp=attention_vjp)
CAUSAL = Case("causal attention, vjp", causal, three, vjp=causal_vjp)
CONV = Case("convolution, vjp", conv, signal, vjp=conv_vjp)
PADDED = Case("convolution with zero padding, vjp", padded, signal, vjp=padded_vjp)
CONV2D = Case("two-dimensional convolution, vjp", conv2d, grids, vjp=conv2d_vjp)

RIGHT = (SOFTMAX, LOG_SOFTMAX, LAYER, BATCH, RMS, ATTENTION, CAUSAL, CONV, PADDED, CONV2D)

WRONG = (
    wrong(SOFTMAX, "softmax: only the diagonal", lambda g, z: softmax(z) * (1 - softmax(z)) * g, "diagonal", "z"),
    wrong(SOFTMAX, "softmax: the sum over the wrong axis", lambda g, z:
          softmax(z) * (g - np.sum(g * softmax(z), axis=0, keepdims=True)), "broadcast", "z"),
    wrong(SOFTMAX, "softmax: the sum is a mean", lambda g, z:
          softmax(z) * (g - np.mean(g * softmax(z), axis=1, keepdims=True)), "size", "z"),
    wrong(LOG_SOFTMAX, "log-softmax: the cotangent is not summed", lambda g, z: g * (1 - softmax(z)), "diagonal",
          "z"),
    wrong(LAYER, "layer norm: the mean's term is missing", normalised_vjp(1, mean_term=False), "mean-term", "x"),
    wrong(LAYER, "layer norm: the variance's term is missing", normalised_vjp(1, variance_term=False),
          "variance-term", "x"),
    wrong(LAYER, "layer norm: the scale is missing", normalised_vjp(1, scale=False), "term-factor", "x"),
    wrong(LAYER, "layer norm: another epsilon", normalised_vjp(1, eps=1e-2), "epsilon", "x", "gamma"),
    wrong(BATCH, "batch norm: both statistics are held fixed", normalised_vjp(0, mean_term=False,
          variance_term=False), "mean-term/variance-term", "x"),
    wrong(BATCH, "batch norm: the variance's term is missing", normalised_vjp(0, variance_term=False),
          "variance-term", "x"),
    wrong(BATCH, "batch norm: statistics over the wrong axis", normalised_vjp(1), "broadcast", "x", "gamma"),
    wrong(BATCH, "batch norm: the scale is missing", normalised_vjp(0, scale=False), "term-factor", "x"),
    wrong(RMS, "RMS norm: the norm is held fixed", lambda g, x, w:
          (g * w / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6), rms_vjp(g, x, w)[1]), "variance-term",
          "x"),
    wrong(ATTENTION, "attention: 1/sqrt(d) is missing", lambda g, q, k, v: attention_vjp(g, q, k, v, scale=False),
          "size", "q", "k"),
    wrong(ATTENTION, "attention: softmax's subtraction is missing", lambda g, q, k, v:
          attention_vjp(g, q, k, v, softmaxed=False), "term", "q", "k"),
    wrong(ATTENTION, "attention: q for k", lambda g, q, k, v: attention_vjp(g, q, k, v, where_q="q"), "term-factor",
          "q"),
    wrong(CAUSAL, "causal attention: the mask is missing", lambda g, q, k, v:
          causal_vjp(g, q, k, v, masked=False), "mask", "q", "k"),
    wrong(CONV, "convolution: the kernel is not flipped back", conv_flipped, "flip", "x"),
    wrong(CONV, "convolution: the kernel's gradient is reversed", lambda g, x, w:
          (conv_vjp(g, x, w)[0], conv_vjp(g, x, w)[1][::-1]), "flip", "w"),
    wrong(PADDED, "padding: the edges are left out", lambda g, x, w: padded_vjp(g, x, w, edges=False), "edge", "x"),
    wrong(PADDED, "padding: cut off on one side only", padded_late, "shift", "x"),
    wrong(CONV2D, "convolution: the kernel's gradient is transposed", lambda g, x, w:
          (conv2d_vjp(g, x, w)[0], conv2d_vjp(g, x, w)[1].T), "transpose", "w"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
