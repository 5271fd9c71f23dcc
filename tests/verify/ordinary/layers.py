"""Layers of networks, forward only, as course assignments and small libraries write them."""

import numpy as np

from .case import case, labels, normal


def affine(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return np.sum(out**2)


def two_layers(  # noqa: PLR0917
    x, w1, b1, w2, b2, y
):
    h = np.maximum(0, x @ w1 + b1)
    scores = h @ w2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logp[range(len(y)), y].mean()
    return loss + 0.5 * 1e-3 * (np.sum(w1 * w1) + np.sum(w2 * w2))


def parameters_in_a_dict(w1, w2, x):
    params = {"W1": w1, "W2": w2}
    cache = {"A0": x}
    for layer in range(1, 3):
        cache[f"Z{layer}"] = np.dot(params[f"W{layer}"], cache[f"A{layer - 1}"])
        cache[f"A{layer}"] = np.tanh(cache[f"Z{layer}"])
    return np.squeeze(np.sum(cache["A2"]))


def batchnorm(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(axis=0), x.var(axis=0)
    xhat = (x - mu) / np.sqrt(var + eps)
    return np.sum(np.sin(gamma * xhat + beta))


def batchnorm_running(x, gamma, beta):
    running = {"mean": np.zeros(x.shape[1]), "var": np.zeros(x.shape[1])}
    mu = np.mean(x, axis=0)
    var = np.var(x, axis=0)
    running["mean"] = 0.9 * running["mean"] + 0.1 * mu
    running["var"] = 0.9 * running["var"] + 0.1 * var
    return ((gamma * (x - mu) / np.sqrt(var + 1e-5) + beta) ** 3).sum() + running["mean"].sum() * running["var"].sum()


def layernorm(x, gamma, beta):
    mean = x.mean(axis=-1, keepdims=True)
    std = x.std(axis=-1, keepdims=True)
    return (np.tanh(gamma * (x - mean) / (std + 1e-6) + beta)).sum()


def rmsnorm(x, g):
    return np.sum(np.exp(x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6) * g))


def groupnorm(x, g=2):
    n, c, h, w = x.shape
    y = np.reshape(x, (n, g, c // g, h, w))
    m = y.mean(axis=(2, 3, 4), keepdims=True)
    v = y.var(axis=(2, 3, 4), keepdims=True)
    return (((y - m) / np.sqrt(v + 1e-5)).reshape(x.shape) ** 3).sum()


def dropout_fixed(x):
    rng = np.random.default_rng(0)
    mask = (rng.random(x.shape) < 0.8) / 0.8
    return np.sum((x * mask) ** 2)


def dropout_seeded(x):
    np.random.seed(1)  # noqa: NPY002
    keep = np.random.rand(*x.shape) > 0.3  # noqa: NPY002
    return (x * keep).sum() ** 2


def conv_naive(x, w, b):
    stride, pad = 1, 1
    n, _, h, wd = x.shape
    f, _, hh, ww = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    ho, wo = 1 + (h + 2 * pad - hh) // stride, 1 + (wd + 2 * pad - ww) // stride
    out = np.zeros((n, f, ho, wo))
    for i in range(n):
        for k in range(f):
            for r in range(ho):
                for c in range(wo):
                    out[i, k, r, c] = np.sum(xp[i, :, r : r + hh, c : c + ww] * w[k]) + b[k]
    return np.sum(np.tanh(out))


def im2col(x, w):
    c, h, wd = x.shape
    k = w.shape[-1]
    cols = np.zeros((c * k * k, (h - k + 1) * (wd - k + 1)))
    col = 0
    for i in range(h - k + 1):
        for j in range(wd - k + 1):
            cols[:, col] = x[:, i : i + k, j : j + k].ravel()
            col += 1
    return ((w.reshape(w.shape[0], -1) @ cols) ** 2).mean()


def conv_windows(x, w):
    v = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.sum(np.einsum("ijkl,kl->ij", v, w) ** 2)


def conv1d_np(x, w):
    return np.sum(np.convolve(x, w, mode="valid") ** 3)


def max_pool(x):
    n, c, h, w = x.shape
    return (x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5)) ** 2).sum()


def max_pool_naive(x):
    h, w = x.shape
    out = np.empty((h // 2, w // 2))
    for i in range(h // 2):
        for j in range(w // 2):
            out[i, j] = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return out.prod()


def avg_pool(x):
    return (x.reshape(2, 2, 2, 2).mean(axis=(1, 3)) ** 2).sum()


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x).sum() ** 2


def elu(x, alpha=1.3):
    y = x.copy()
    y[y < 0] = alpha * (np.exp(y[y < 0]) - 1)
    return (y * y).sum()


def selu(x):
    lam, alpha = 1.0507, 1.67326
    return lam * np.sum(np.where(x > 0, x, alpha * np.expm1(x)))


def gelu(x):
    return np.sum(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def swish(x, beta):
    return (x / (1 + np.exp(-beta * x))).sum()


def mish(x):
    return np.sum(x * np.tanh(np.log1p(np.exp(x))))


def softplus_stable(x):
    return np.sum(np.log1p(np.exp(-abs(x))) + np.maximum(x, 0))


def stable_sigmoid(x):
    out = np.zeros(x.shape, dtype=x.dtype)
    pos = x >= 0
    out[pos] = 1 / (1 + np.exp(-x[pos]))
    e = np.exp(x[~pos])
    out[~pos] = e / (1 + e)
    return np.sum(out**2)


def hard_tanh(x):
    return np.clip(x, -1, 1).sum() + x.clip(min=0).sum()


def prelu(x, a):
    return np.sum(np.maximum(x, 0) + a * np.minimum(x, 0))


def maxout(x, w):
    return np.einsum("bi,kij->bkj", x, w).max(axis=1).sum()


def glu(x):
    a, b = np.split(x, 2, axis=-1)
    return np.sum(a / (1 + np.exp(-b)))


def rnn(x, wx, wh, b):
    n, t, _ = x.shape
    h = np.zeros((n, wh.shape[0]))
    hs = np.empty((n, t, wh.shape[0]))
    for k in range(t):
        h = np.tanh(x[:, k] @ wx + h @ wh + b)
        hs[:, k, :] = h
    return np.sum(hs * hs)


def rnn_list(x, wx, wh):
    hs = {-1: np.zeros(wh.shape[0])}
    loss = 0
    for t in range(len(x)):
        hs[t] = np.tanh(np.dot(wx, x[t]) + np.dot(wh, hs[t - 1]))
        loss += np.sum(hs[t] ** 2)
    return loss


def lstm(x, w, u, b):
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    n = u.shape[0]
    h, c = np.zeros(n), np.zeros(n)
    for row in x:
        a = row @ w + h @ u + b
        i, f, o, g = a[:n], a[n : 2 * n], a[2 * n : 3 * n], a[3 * n :]
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h.sum()


def gru(x, w, u):
    n = u.shape[1]
    h = np.zeros(n)
    for t in range(x.shape[0]):
        z = 1 / (1 + np.exp(-(w[0] @ x[t] + u[0] @ h)))
        r = 1 / (1 + np.exp(-(w[1] @ x[t] + u[1] @ h)))
        hh = np.tanh(w[2] @ x[t] + u[2] @ (r * h))
        h = (1 - z) * h + z * hh
    return np.linalg.norm(h)


def embedding(table, idx):
    return np.sum(np.take(table, idx, axis=0).mean(axis=0) ** 2)


def embedding_backward(d, idx):
    out = np.zeros((5, d.shape[1]))
    np.add.at(out, idx, d)
    return np.sum(out**2)


def attention(q, k, v):
    s = q @ k.T / np.sqrt(q.shape[-1])
    s = s - s.max(axis=-1, keepdims=True)
    a = np.exp(s)
    a /= a.sum(axis=-1, keepdims=True)
    return np.sum((a @ v) ** 2)


def causal_attention(q, k, v):
    s = q @ k.T / np.sqrt(k.shape[1])
    mask = np.triu(np.ones((len(q), len(q)), dtype=bool), k=1)
    s[mask] = -1e9
    e = np.exp(s - np.max(s, axis=1, keepdims=True))
    return (e / e.sum(1, keepdims=True) @ v).sum()


def attention_minus_inf(q, k, v):
    s = q @ k.T
    s = np.where(np.tril(np.ones(s.shape)) == 1, s, -np.inf)
    p = np.exp(s - s.max(-1, keepdims=True))
    p = p / p.sum(-1, keepdims=True)
    return ((p @ v) ** 2).sum()


def multi_head(x, wq, wk, wv):
    t, d = x.shape
    heads = 2
    q, k, v = (np.transpose((x @ w).reshape(t, heads, d // heads), (1, 0, 2)) for w in (wq, wk, wv))
    s = np.matmul(q, k.swapaxes(-1, -2))
    p = np.exp(s) / np.exp(s).sum(-1, keepdims=True)
    return np.sum(np.moveaxis(p @ v, 0, 1).reshape(t, d) ** 2)


def attention_einsum(q, k):
    s = np.einsum("bhid,bhjd->bhij", q, k)
    return np.einsum("...ii->...", s).sum() + np.sum(np.tanh(s))


def rotary(x):
    t, d = x.shape
    freq = 1.0 / 10000 ** (np.arange(0, d, 2) / d)
    ang = np.outer(np.arange(t), freq)
    c, s = np.cos(ang), np.sin(ang)
    out = np.empty_like(x)
    out[:, 0::2] = x[:, 0::2] * c - x[:, 1::2] * s
    out[:, 1::2] = x[:, 0::2] * s + x[:, 1::2] * c
    return np.sum(out[0] * out[1])


def positional(x):
    pos = np.arange(x.shape[0])[:, None]
    pe = np.zeros((x.shape[0], x.shape[1]))
    pe[:, 0::2] = np.sin(pos)
    pe[:, 1::2] = np.cos(pos)
    return np.sum((x + pe) ** 2)


def residual(x, w):
    return np.sum(x + np.maximum(x @ w, 0))


def scaled_weights(x, w):
    return (x @ (w / np.linalg.norm(w, axis=0))).sum()


def autoencoder(x, w):
    z = 1 / (1 + np.exp(-(x @ w)))
    return np.mean(np.square(z @ w.T - x))


def vae(mu, logvar, x):
    eps = np.random.RandomState(3).randn(*mu.shape)
    z = mu + np.exp(0.5 * logvar) * eps
    return np.sum((z - x) ** 2) - 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))


def graph_convolution(h, w):
    a = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    a = a + np.eye(3)
    d = np.diag(1 / np.sqrt(a.sum(axis=1)))
    return np.maximum(d @ a @ d @ h @ w, 0).sum()


def gradient_penalty(w, x):
    h = np.tanh(x @ w)
    g = (1 - h**2) @ w.T
    return np.mean((np.sqrt((g**2).sum(1)) - 1) ** 2)


def straight_sum_of_layers(x, ws):
    for w in ws:
        x = np.tanh(x @ w)
    return x.sum()


def upsample(x):
    return np.sum(np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[1:-1] ** 2)


def global_pool(x, w):
    return float((x.mean((1, 2)) @ w).max())


def mixture_of_experts(x, g, w):
    gate = np.exp(x @ g)
    gate = gate / gate.sum(axis=1, keepdims=True)
    outs = np.stack([np.tanh(x @ e) for e in w], axis=1)
    return np.sum(gate[:, :, None] * outs)


def top_expert(x, g):
    s = x @ g
    top = np.argsort(-s, axis=1)[:, :2]
    return np.take_along_axis(s, top, axis=1).sum() + s[np.arange(len(x)), s.argmax(1)].prod()


CASES = (
    case(affine, normal(3, 2, 2), normal(4, 3), normal(3)),
    case(two_layers, normal(4, 3), normal(3, 5), normal(5), normal(5, 3), normal(3), labels(4, 3)),
    case(parameters_in_a_dict, normal(3, 4), normal(1, 3), normal(4, 2)),
    case(batchnorm, normal(5, 3), normal(3), normal(3)),
    case(batchnorm_running, normal(5, 3), normal(3), normal(3)),
    case(layernorm, normal(3, 4), normal(4), normal(4)),
    case(rmsnorm, normal(3, 4), normal(4)),
    case(groupnorm, normal(1, 4, 2, 2)),
    case(dropout_fixed, normal(3, 4)),
    case(dropout_seeded, normal(3, 4)),
    case(conv_naive, normal(1, 2, 4, 4), normal(2, 2, 3, 3), normal(2)),
    case(im2col, normal(2, 4, 4), normal(2, 2, 3, 3)),
    case(conv_windows, normal(5, 5), normal(3, 3)),
    case(conv1d_np, normal(7), normal(3)),
    case(max_pool, normal(1, 2, 4, 4)),
    case(max_pool_naive, normal(4, 4)),
    case(avg_pool, normal(4, 4)),
    case(leaky_relu, normal(6)),
    case(elu, normal(6)),
    case(selu, normal(6)),
    case(gelu, normal(6)),
    case(swish, normal(6), 1.3),
    case(mish, normal(6)),
    case(softplus_stable, normal(6)),
    case(stable_sigmoid, normal(6)),
    case(hard_tanh, normal(6)),
    case(prelu, normal(6), 0.2),
    case(maxout, normal(3, 4), normal(2, 4, 3)),
    case(glu, normal(3, 4)),
    case(rnn, normal(2, 3, 2), normal(2, 3), normal(3, 3), normal(3)),
    case(rnn_list, normal(3, 2), normal(3, 2), normal(3, 3)),
    case(lstm, normal(3, 2), normal(2, 8), normal(2, 8), normal(8)),
    case(gru, normal(3, 2), normal(3, 3, 2), normal(3, 3, 3)),
    case(embedding, normal(5, 3), labels(4, 5)),
    case(embedding_backward, normal(4, 3), np.array([0, 1, 1, 4])),
    case(attention, normal(3, 4), normal(3, 4), normal(3, 4)),
    case(causal_attention, normal(3, 4), normal(3, 4), normal(3, 4)),
    case(attention_minus_inf, normal(3, 4), normal(3, 4), normal(3, 4)),
    case(multi_head, normal(3, 4), normal(4, 4), normal(4, 4), normal(4, 4)),
    case(attention_einsum, normal(2, 2, 3, 2), normal(2, 2, 3, 2)),
    case(rotary, normal(3, 4)),
    case(positional, normal(3, 4)),
    case(residual, normal(3, 4), normal(4, 4)),
    case(scaled_weights, normal(3, 4), normal(4, 3)),
    case(autoencoder, normal(3, 4), normal(4, 2)),
    case(vae, normal(3), normal(3), normal(3)),
    case(graph_convolution, normal(3, 4), normal(4, 2)),
    case(gradient_penalty, normal(4, 3), normal(3, 4)),
    case(straight_sum_of_layers, normal(2, 3), normal(2, 3, 3)),
    case(upsample, normal(3, 3)),
    case(global_pool, normal(2, 3, 3), normal(2)),
    case(mixture_of_experts, normal(3, 4), normal(4, 2), normal(2, 4, 3)),
    case(top_expert, normal(3, 4), normal(4, 4)),
)
