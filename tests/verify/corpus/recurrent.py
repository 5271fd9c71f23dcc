"""Recurrent networks, gates, and running sums: gradients through time."""

import numpy as np

from .case import Case, wrong


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def states(x, W, U, b):
    h = [np.zeros(len(b))]
    for row in x:
        h.append(np.tanh(row @ W + h[-1] @ U + b))
    return h


def rnn(x, W, U, b):
    return 0.5 * np.sum(states(x, W, U, b)[-1] ** 2)


def rnn_grad(x, W, U, b, reach=None, derivative=True, transposed=True):
    h = states(x, W, U, b)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    d = h[-1]
    for back, t in enumerate(range(len(x) - 1, -1, -1)):
        if reach is not None and back >= reach:
            break
        dz = d * (1 - h[t + 1] ** 2) if derivative else d
        dW = dW + np.outer(x[t], dz)
        dU = dU + np.outer(h[t], dz)
        db = db + dz
        d = dz @ (U.T if transposed else U)
    return {"W": dW, "U": dU, "b": db}


def rnn_off_by_one(x, W, U, b):
    h = states(x, W, U, b)
    found = rnn_grad(x, W, U, b)
    d, dU = h[-1], np.zeros_like(U)
    for t in range(len(x) - 1, -1, -1):
        dz = d * (1 - h[t + 1] ** 2)
        dU = dU + np.outer(h[t + 1], dz)
        d = dz @ U.T
    return {**found, "U": dU}


def sequence(rng, steps=4, d=3, n=3):
    return [rng.normal(size=(steps, d)), *(0.7 * rng.normal(size=s) for s in ((d, n), (n, n), (n,)))]


def lstm_run(x, W, b):
    n = len(b) // 4
    h = c = np.zeros(n)
    tape = []
    for row in x:
        into = np.concatenate([row, h])
        z = into @ W + b
        i, f, o, g = sigmoid(z[:n]), sigmoid(z[n : 2 * n]), sigmoid(z[2 * n : 3 * n]), np.tanh(z[3 * n :])
        before, c = c, f * c + i * g
        h = o * np.tanh(c)
        tape.append((into, i, f, o, g, before, c))
    return h, c, tape


def lstm(x, W, b):
    h, c, _ = lstm_run(x, W, b)
    return np.sum(h) + 0.5 * np.sum(c**2)


def lstm_grad(x, W, b, cell=True, last_cell=True, forget="c", through_h=True, output=True):
    h, c, tape = lstm_run(x, W, b)
    n = len(h)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    dh, dc = np.ones(n), c if last_cell else np.zeros(n)
    for into, i, f, o, g, before, now in reversed(tape):
        t = np.tanh(now)
        dc = dc + dh * o * (1 - t**2)
        of_f = dc * {"c": before, "g": g}[forget]
        dz = np.concatenate(
            [dc * g * i * (1 - i), of_f * f * (1 - f), output * dh * t * o * (1 - o), dc * i * (1 - g**2)]
        )
        dW, db = dW + np.outer(into, dz), db + dz
        dh = W[len(into) - n :] @ dz if through_h else np.zeros(n)
        dc = dc * f if cell else np.zeros(n)
    return {"W": dW, "b": db}


def lstm_inputs(rng, steps=4, d=2, n=3):
    return [rng.normal(size=(steps, d)), 0.8 * rng.normal(size=(d + n, 4 * n)), rng.normal(size=4 * n)]


def gru(h, x, U, R):
    z, c = sigmoid(x @ U + h @ R), np.tanh(x + h)
    return np.sum(((1 - z) * h + z * c) ** 2)


def gru_grad(h, x, U, R, gate=True, carry=True):
    z, c = sigmoid(x @ U + h @ R), np.tanh(x + h)
    d = 2 * ((1 - z) * h + z * c)
    dz = d * (c - h) * z * (1 - z) if gate else 0 * d
    dc = d * z * (1 - c**2)
    dh = dc + dz @ R.T + (d * (1 - z) if carry else 0)
    return dh, dc + dz @ U.T, np.outer(x, dz), np.outer(h, dz)


def gru_inputs(rng, n=4):
    return [rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, n)), rng.normal(size=(n, n))]


def leaky_sums(x, a):
    s, total = 0.0, 0.0
    for value in x:
        s = a * s + value
        total = total + s**2
    return total


def leaky_sums_grad(x, a, through=True):
    s = [0.0]
    for value in x:
        s.append(a * s[-1] + value)
    dx, da, carry = np.zeros(len(x)), 0.0, 0.0
    for t in range(len(x), 0, -1):
        carry = 2 * s[t] + (a * carry if through else 0)
        dx[t - 1] = carry
        da += carry * s[t - 1]
    return dx, da


def cumulated(x):
    return np.sum(np.cumsum(x) ** 2)


def cumulated_plain(x):
    return sum(np.sum(x[: k + 1]) ** 2 for k in range(len(x)))


def cumulated_grad(x):
    return 2 * np.cumsum(np.cumsum(x)[::-1])[::-1]


def products(x):
    return np.sum(np.cumprod(x))


def products_plain(x):
    return sum(np.prod(x[: k + 1]) for k in range(len(x)))


def products_grad(x):
    p = np.cumprod(x)
    return np.cumsum(p[::-1])[::-1] / x


OPTIONS = {"wrt": ["W", "U", "b"]}
RNN = Case("a recurrent network", rnn, sequence, rnn_grad, options=OPTIONS)
LSTM = Case("an LSTM", lstm, lstm_inputs, lstm_grad, options={"wrt": ["W", "b"]})
GRU = Case("a gated step", gru, gru_inputs, gru_grad)
LEAKY = Case("a leaky sum in a loop", leaky_sums, lambda rng: [rng.normal(size=6), 0.9], leaky_sums_grad)
SUMS = Case("cumulated sums", cumulated, lambda rng: [rng.normal(size=7)], cumulated_grad, plain=cumulated_plain)
PRODUCTS = Case("cumulated products", products, lambda rng: [rng.normal(size=5)], products_grad,
                plain=products_plain)  # fmt: skip

RIGHT = (RNN, LSTM, GRU, LEAKY, SUMS, PRODUCTS)

WRONG = (
    wrong(RNN, "RNN: only the last step", lambda *a: rnn_grad(*a, reach=1), "truncated", "W", "U", "b"),
    wrong(RNN, "RNN: the last two steps", lambda *a: rnn_grad(*a, reach=2), "truncated", "W", "U", "b"),
    wrong(RNN, "RNN: tanh' is missing", lambda *a: rnn_grad(*a, derivative=False), "activation",
          "W", "U", "b"),
    wrong(RNN, "RNN: U is not transposed", lambda *a: rnn_grad(*a, transposed=False), "transposed-use", "W",
          "U", "b"),
    wrong(RNN, "RNN: the state an index late", rnn_off_by_one, "shift", "U"),
    wrong(LSTM, "LSTM: the cell's path is cut", lambda *a: lstm_grad(*a, cell=False), "truncated", "W", "b"),
    wrong(LSTM, "LSTM: the state's path is cut", lambda *a: lstm_grad(*a, through_h=False), "truncated", "W", "b"),
    wrong(LSTM, "LSTM: the last cell is left out", lambda *a: lstm_grad(*a, last_cell=False), "term", "W", "b"),
    wrong(LSTM, "LSTM: the forget gate takes the candidate", lambda *a: lstm_grad(*a, forget="g"),
          "term-factor", "W", "b"),
    wrong(LSTM, "LSTM: the output gate is left out", lambda *a: lstm_grad(*a, output=False), "term", "W", "b"),
    wrong(GRU, "gated step: the gate is held fixed", lambda *a: gru_grad(*a, gate=False), "path", "h",
          "x", "U",
          "R"),
    wrong(GRU, "gated step: the carried state is left out", lambda *a: gru_grad(*a, carry=False),
          "term", "h"),
    wrong(LEAKY, "leaky sum: only the present", lambda x, a: leaky_sums_grad(x, a, through=False), "truncated", "x",
          "a"),
    wrong(SUMS, "cumulated sums: not reversed", lambda x: 2 * np.cumsum(np.cumsum(x)), "sum", "x"),
    wrong(SUMS, "cumulated sums: as if of squares", lambda x: 2 * np.cumsum(x)[::-1], "sum", "x"),
    wrong(PRODUCTS, "cumulated products: x itself left in", lambda x: products_grad(x) * x, "activation",
          "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
