"""An LSTM in NumPy with its backward pass through time, and one mistake in it.

    gradproof verify examples/by_hand/lstm.py
    gradproof verify examples/by_hand/lstm.py --against lstm

The cell's gradient goes back to the step before through the forget gate. That factor is missing: what comes from the
last step is right, what comes from the others is not, and training goes on, only worse. No inputs are declared: the
docstring states the shapes, and arrays of these are made. Set against the catalogue's lstm, the mistake is named.
"""

import numpy as np


def sigmoid(z):
    """Return the logistic function, elementwise."""
    return 1 / (1 + np.exp(-z))


def lstm_forward(x, h0, c0, U, W, b):
    """Return the hidden states, [T, m, H], and what the backward pass needs.

    Args:
        x: inputs, [T, m, D].
        h0: first hidden state, [m, H].
        c0: first cell state, [m, H].
        U: weights of the input, [D, 4*H].
        W: weights of the hidden state, [H, 4*H].
        b: bias, [4*H].
    """
    hidden, steps = [], []
    h, c = h0, c0
    for x_t in x:
        i, f, o, g = np.split(x_t @ U + h @ W + b, 4, axis=1)
        i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
        before, c_before = h, c
        c = f * c_before + i * g
        h = o * np.tanh(c)
        hidden.append(h)
        steps.append((x_t, before, c_before, c, i, f, o, g))
    out = np.stack(hidden)
    cache = (steps, U, W)
    return out, cache


def lstm_backward(dout, cache):
    """Return the gradients for all inputs; dout: [T, m, H]."""
    steps, U, W = cache
    dU, dW, db, dx = np.zeros_like(U), np.zeros_like(W), np.zeros(U.shape[1]), []
    dh_next = dc_next = np.zeros_like(dout[0])
    for (x_t, h, c_before, c, i, f, o, g), dout_t in zip(reversed(steps), dout[::-1], strict=True):
        dh = dout_t + dh_next
        dc = dc_next + dh * o * (1 - np.tanh(c) ** 2)
        pieces = (
            dc * g * i * (1 - i),
            dc * c_before * f * (1 - f),
            dh * np.tanh(c) * o * (1 - o),
            dc * i * (1 - g**2),
        )
        dz = np.concatenate(pieces, axis=1)
        dU, dW, db = dU + x_t.T @ dz, dW + h.T @ dz, db + dz.sum(axis=0)
        dx.append(dz @ U.T)
        dh_next = dz @ W.T
        dc_next = dc  # the mistake: it should be dc * f
    dx, dh0, dc0 = np.stack(dx[::-1]), dh_next, dc_next
    return dx, dh0, dc0, dU, dW, db
