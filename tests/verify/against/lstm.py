"""A hand-written LSTM with its four gates in one matrix, and its backward pass with mistakes to be chosen."""

import numpy as np


def sigmoid(z):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))


def forward(x, W, b, h0, c0):
    """Return the hidden states, [T, N, H]; x: [T, N, D], W: [D + H, 4 H], gates in the order i, f, o, g."""
    h, c, out = h0, c0, []
    for t in range(len(x)):
        _, _, _, o, _, c = step(x[t], h, c, W, b)
        h = o * np.tanh(c)
        out.append(h)
    return np.array(out)


def step(x, h, c, W, b):
    """Return what a step keeps, the new cell state last."""
    xh, n = np.concatenate([x, h], axis=1), h.shape[1]
    a = xh @ W + b
    i, f, o, g = sigmoid(a[:, :n]), sigmoid(a[:, n : 2 * n]), sigmoid(a[:, 2 * n : 3 * n]), np.tanh(a[:, 3 * n :])
    return xh, i, f, o, g, f * c + i * g


def backward(dy, *arguments, truncated=False, tanh=True, forget=True):
    """Return the gradients of sum(dy * forward)."""
    x, W, b, h0, c0 = arguments
    h, c, kept = h0, c0, []
    for t in range(len(x)):
        before = c
        xh, i, f, o, g, c = step(x[t], h, c, W, b)
        h = o * np.tanh(c)
        kept.append((xh, i, f, o, g, before, c))
    dW, db, dx, dh, dc = np.zeros_like(W), np.zeros_like(b), np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        xh, i, f, o, g, before, c = kept[t]
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - np.tanh(c) ** 2 if tanh else 1)
        da = [dc * g * i * (1 - i), dc * before * f * (1 - f), dh * np.tanh(c) * o * (1 - o), dc * i * (1 - g**2)]
        da = np.concatenate(da, axis=1)
        dW += xh.T @ da
        db += da.sum(0)
        dxh = da @ W.T
        dx[t], dh = dxh[:, : x.shape[2]], dxh[:, x.shape[2] :]
        dh = np.zeros_like(dh) if truncated else dh
        dc = dc * f if forget else dc
    return dx, dW, db, dh, dc


def inputs(T=3, N=2, D=4, H=5):
    """Return arguments of `forward`."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=s) for s in ((T, N, D), (D + H, 4 * H), (4 * H,), (N, H), (N, H))]
