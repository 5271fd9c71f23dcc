"""Mistakes in networks from public issue trackers, rebuilt from the facts told there, in code of our own."""

import numpy as np

from .case import Case, wrong
from .recurrent import LSTM, RNN, lstm_run, sigmoid, states


def normals(*shapes):
    return lambda rng: [rng.normal(size=s) for s in shapes]


# denizyuret/Knet.jl issue 288 (the scale is left out), mlpack/mlpack pull requests 1327 and 2474 (the mean's term is
# summed, not averaged), apache/mxnet issue 1053 and BVLC/caffe issue 3878 (a term that vanishes).
def batch_norm(x, gamma):
    c = x - np.mean(x, axis=0)
    return gamma * c / np.sqrt(np.mean(c**2, axis=0) + 1e-5)


def batch_norm_vjp(g, x, gamma, *, scale=True, averaged=True, vanishing=0.0):
    c = x - np.mean(x, axis=0)
    r = 1 / np.sqrt(np.mean(c**2, axis=0) + 1e-5)
    d = g * gamma if scale else g
    d_var = -0.5 * np.sum(d * c, axis=0) * r**3
    d_mean = -np.sum(d, axis=0) * r + vanishing * d_var * np.sum(-2 * c, axis=0) / len(x)
    return d * r + d_var * 2 * c / len(x) + d_mean / (len(x) if averaged else 1), np.sum(g * c * r, axis=0)


BN = Case("batch normalisation in three steps, vjp", batch_norm, lambda rng: [rng.normal(size=(5, 3)),
          rng.uniform(0.5, 2, 3)], vjp=batch_norm_vjp)  # fmt: skip


# 0809zheng/CS231n-assignment2019 issue 19: overlapping windows overwrite each other in max pooling's backward.
# riccardoandreoni0/CNN-from-scratch issue 1: the return stands in the loop, and only the first window is done.
def windows(x):
    return np.stack([np.max(x[k : k + 3]) for k in range(len(x) - 2)])


def windows_vjp(g, x, add=True, only=None):
    out = np.zeros_like(x)
    for k in range(len(g))[:only]:
        top = k + np.argmax(x[k : k + 3])
        out[top] = out[top] + g[k] if add else g[k]
    return out


POOLED = Case("overlapping max pooling, vjp", windows, normals((8,)), vjp=windows_vjp)


# CaptainE/RNN-LSTM-in-numpy issue 1: the forget gate's sigmoid for its derivative; the next state's gradients are not
# handed back. deeplearning4j/deeplearning4j issue 8838: the last cell's gradient is left out (it is in recurrent.py).
# hanbt/learn_dl issue 53: the forget gate's deltas are given to other gates' biases.
def lstm_forget_undifferentiated(x, W, b):
    return lstm_with(x, W, b, undifferentiated=True)


def lstm_nothing_handed_back(x, W, b):
    return lstm_with(x, W, b, back=0.0)


def lstm_deltas_of_another_gate(x, W, b):
    n = len(b) // 4
    found = lstm_with(x, W, b)
    f = found["b"][n : 2 * n]
    return {**found, "b": np.concatenate([f, f, f, found["b"][3 * n :]])}


def lstm_with(x, W, b, undifferentiated=False, back=1.0):
    h, c, tape = lstm_run(x, W, b)
    n = len(h)
    dW, db, dh, dc = np.zeros_like(W), np.zeros_like(b), np.ones(n), c
    for into, i, f, o, g, before, now in reversed(tape):
        t = np.tanh(now)
        dc = dc + dh * o * (1 - t**2)
        df = dc * before * (sigmoid(f) if undifferentiated else f * (1 - f))
        dz = np.concatenate([dc * g * i * (1 - i), df, dh * t * o * (1 - o), dc * i * (1 - g**2)])
        dW, db = dW + np.outer(into, dz), db + dz
        dh, dc = back * (W[len(into) - n :] @ dz), back * dc * f
    return {"W": dW, "b": db}


# ddbourgin/numpy-ml issue 42: forward adds one gate's bias to all, backward gives each gate's bias its own gradient.
def one_bias(x, Wf, Wo, bf, bo):
    return np.sum(sigmoid(x @ Wf + bo) * np.tanh(x @ Wo + bo) + 0 * bf)


def one_bias_grad(x, Wf, Wo, bf, bo, apart=False):
    s, t = sigmoid(x @ Wf + bo), np.tanh(x @ Wo + bo)
    ds, dt = t * s * (1 - s), s * (1 - t**2)
    return {"bf": ds.sum(0), "bo": dt.sum(0)} if apart else {"bf": 0 * bf, "bo": (ds + dt).sum(0)}


BIAS = Case("one bias for two gates", one_bias, normals((4, 3), (3, 2), (3, 2), (2,), (2,)), one_bias_grad,
            options={"wrt": ["bf", "bo"]})  # fmt: skip


# qixianbiao/RNN issue 2: each step's error is not handed on to the step before.
def rnn_not_handed_on(x, W, U, b):
    h = states(x, W, U, b)
    dz = h[-1] * (1 - h[-1] ** 2)
    return {"W": np.outer(x[-1], dz), "U": np.outer(h[-2], dz), "b": dz}


# flagos-ai/FlagGems issue 5392: layer norm's backward takes the first axis for the rows of an input of three axes.
def layer_norm(x):
    c = x - np.mean(x, axis=-1, keepdims=True)
    return c / np.sqrt(np.mean(c**2, axis=-1, keepdims=True) + 1e-5)


def layer_norm_vjp(g, x):
    c = x - np.mean(x, axis=-1, keepdims=True)
    r = 1 / np.sqrt(np.mean(c**2, axis=-1, keepdims=True) + 1e-5)
    h = c * r
    return r * (g - np.mean(g, axis=-1, keepdims=True) - h * np.mean(g * h, axis=-1, keepdims=True))


def layer_norm_in_two_axes(g, x):
    return layer_norm_vjp(g.reshape(len(x), -1), x.reshape(len(x), -1)).reshape(x.shape)


LAYER3 = Case("layer norm of three axes, vjp", layer_norm, normals((2, 3, 4)), vjp=layer_norm_vjp)

# jimfleming/differentiation issue 1 and deeplearning4j/nd4j issue 2424: a broadcast bias' gradient is not summed.
ROW = Case("a broadcast row, vjp", lambda a, b: np.tanh(a + b), normals((4, 4), (4,)), vjp=lambda g, a, b:
           (g * (1 - np.tanh(a + b) ** 2), np.sum(g * (1 - np.tanh(a + b) ** 2), axis=0)))  # fmt: skip

RIGHT = (BN, POOLED, BIAS, LAYER3, ROW,
         Case("batch normalisation with the term that vanishes, vjp", batch_norm, BN.inputs,
              vjp=lambda g, x, gamma: batch_norm_vjp(g, x, gamma, vanishing=1.0)))  # fmt: skip

WRONG = (
    wrong(BN, "Knet.jl 288: the scale is left out", lambda g, x, gamma: batch_norm_vjp(g, x, gamma, scale=False),
          "term-factor", "x"),
    wrong(BN, "mlpack 1327: the mean's term is summed", lambda g, x, gamma: batch_norm_vjp(g, x, gamma,
          averaged=False), "size", "x"),
    wrong(POOLED, "CS231n 19: windows overwrite each other", lambda g, x: windows_vjp(g, x, add=False),
          "duplicates", "x"),
    wrong(POOLED, "CNN-from-scratch 1: only the first window", lambda g, x: windows_vjp(g, x, only=1), "sum",
          "x"),
    wrong(LSTM, "RNN-LSTM-in-numpy 1: the forget gate's derivative", lstm_forget_undifferentiated, "activation", "W",
          "b"),
    wrong(LSTM, "RNN-LSTM-in-numpy 1: nothing is handed back", lstm_nothing_handed_back, "truncated", "W", "b"),
    wrong(LSTM, "learn_dl 53: another gate's deltas", lstm_deltas_of_another_gate, "block", "b"),
    wrong(BIAS, "numpy-ml 42: each bias its own gradient", lambda *a: one_bias_grad(*a, apart=True), "term",
          "bf", "bo"),
    wrong(RNN, "qixianbiao/RNN 2: nothing is handed on", rnn_not_handed_on, "truncated", "W", "U", "b"),
    wrong(LAYER3, "FlagGems 5392: the first axis for the rows", layer_norm_in_two_axes, "broadcast", "x"),
    wrong(ROW, "nd4j 2424: a broadcast row is not summed", lambda g, a, b: (g * (1 - np.tanh(a + b) ** 2),) * 2,
          "shape", "b"),
    wrong(ROW, "differentiation 1: a broadcast row is averaged", lambda g, a, b: (g * (1 - np.tanh(a + b) ** 2),
          np.mean(g * (1 - np.tanh(a + b) ** 2), axis=0)), "size", "b"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
