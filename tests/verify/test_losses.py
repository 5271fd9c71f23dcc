"""Losses as people write them: the right gradient is called right, and the same with one usual mistake wrong."""

import numpy as np
import pytest

import gradproof as gp

RNG = np.random.default_rng(7)
M, N, K = 6, 4, 3
X, T = RNG.normal(size=(M, N)), RNG.normal(size=M)
Z, LABELS = RNG.normal(size=(M, K)), RNG.integers(0, K, M)
HOT, WEIGHTS = np.eye(K)[LABELS], RNG.random(K) + 0.5
UP, MASK = RNG.normal(size=(M, N)), (RNG.random((M, N)) > 0.4) / 0.6
A, B, V = (RNG.normal(size=(5, 4)) for _ in range(3))
STEPS, TARGETS = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 3))
IDS = np.array([0, 2, 2, 5, 1, 2])


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def weighted_cross_entropy(z):
    return -np.sum(WEIGHTS[LABELS] * np.log(softmax(z)[np.arange(M), LABELS])) / WEIGHTS[LABELS].sum()


def weighted_cross_entropy_gradient(z, mistake=False):
    total = M if mistake else WEIGHTS[LABELS].sum()
    return WEIGHTS[LABELS][:, None] * (softmax(z) - HOT) / total


def hinge(z):
    margins = np.maximum(0, z - z[np.arange(M), LABELS][:, None] + 1)
    margins[np.arange(M), LABELS] = 0
    return margins.sum() / M


def hinge_gradient(z, mistake=False):
    g = (z - z[np.arange(M), LABELS][:, None] + 1 > 0) * 1.0
    if not mistake:
        g[np.arange(M), LABELS] = 0
    g[np.arange(M), LABELS] = -g.sum(axis=1)
    return g / M


def batch_norm(x, gamma):
    return np.sum(UP * gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5))


def batch_norm_gradient(x, gamma, mistake=False):
    scale = 1 / np.sqrt(x.var(axis=0) + 1e-5)
    h, d = (x - x.mean(axis=0)) * scale, UP * gamma
    through_variance = 0 if mistake else h * (d * h).mean(axis=0)
    return scale * (d - d.mean(axis=0) - through_variance), (UP * h).sum(axis=0)


def layer_norm(x):
    return np.sum(UP * (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True))


def layer_norm_gradient(x, mistake=False):
    s = x.std(axis=1, keepdims=True)
    h = (x - x.mean(axis=1, keepdims=True)) / s
    mean = UP.mean(axis=0 if mistake else 1, keepdims=True)
    return (UP - mean - h * (UP * h).mean(axis=1, keepdims=True)) / s


def dropout(x):
    return np.sum(UP * np.tanh(x * MASK))


def dropout_gradient(x, mistake=False):
    return UP * (1 - np.tanh(x * MASK) ** 2) * (1 if mistake else MASK)


def info_nce(a, b):
    scores = a @ b.T / 0.5
    scores = scores - scores.max(axis=1, keepdims=True)
    return -np.mean(np.diag(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))))


def info_nce_gradient(a, b, mistake=False):
    g = (softmax(a @ b.T / 0.5) - np.eye(5)) / 5 / 0.5
    return g @ b, (g if mistake else g.T) @ a


def attention(q, k, v):
    scores = np.where(np.tril(np.ones((5, 5))) > 0, q @ k.T / 2, -1e9)
    return np.sum(A * (softmax(scores) @ v))


def attention_gradient(q, k, v, mistake=False):
    causal = np.tril(np.ones((5, 5)))
    p = softmax(np.where(causal > 0, q @ k.T / 2, -1e9))
    dp = A @ v.T
    ds = p * (dp - (0 if mistake else (dp * p).sum(axis=1, keepdims=True))) * causal / 2
    return ds @ k, ds.T @ q, p.T @ A


def correlation(x):
    c, t = x - x.mean(), T - T.mean()
    return -np.sum(c * t) / np.sqrt(np.sum(c**2) * np.sum(t**2))


def correlation_gradient(x, mistake=False):
    c, t = x - x.mean(), T - T.mean()
    size = np.sqrt(np.sum(c**2) * np.sum(t**2))
    return -((T if mistake else t) - np.sum(c * t) * c / np.sum(c**2)) / size


def convolution(x, w):
    total = 0.0
    for i in range(4):
        for j in range(4):
            total += np.tanh((x[i : i + 2, j : j + 2] * w).sum())
    return total


def convolution_gradient(x, w, mistake=False):
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(4):
        for j in range(4):
            g = 1 - np.tanh((x[i : i + 2, j : j + 2] * w).sum()) ** 2
            dw += g * x[i : i + 2, j : j + 2]
            dx[i : i + 2, j : j + 2] = g * w + (0 if mistake else dx[i : i + 2, j : j + 2])
    return dx, dw


def recurrent(w, u, b):
    h, total = np.zeros(3), 0.0
    for t in range(5):
        h = np.tanh(STEPS[t] @ w + h @ u + b)
        total = total + ((h - TARGETS[t]) ** 2).sum()
    return total


def recurrent_gradient(w, u, b, mistake=False):
    states = [np.zeros(3)]
    for t in range(5):
        states.append(np.tanh(STEPS[t] @ w + states[-1] @ u + b))
    dw, du, db, later = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b), np.zeros(3)
    for t in reversed(range(5)):
        da = (2 * (states[t + 1] - TARGETS[t]) + later) * (1 - states[t + 1] ** 2)
        dw += np.outer(STEPS[t], da)
        du += np.outer(states[t + 1 if mistake else t], da)
        db += da
        later = da @ u.T
    return dw, du, db


def embedding(e):
    return np.sum(UP[:, :3] * e[IDS] ** 2)


def embedding_gradient(e, mistake=False):
    g, rows = np.zeros_like(e), 2 * UP[:, :3] * e[IDS]
    if mistake:
        g[IDS] += rows
    else:
        np.add.at(g, IDS, rows)
    return g


def einsum(a, b):
    return np.einsum("ij,jk,ik->", a, X[:4], b)


def einsum_gradient(a, b, mistake=False):
    return b @ (X[:4] if mistake else X[:4].T), a @ X[:4]


#: By name: the loss, its gradient (with `mistake`, a wrong one), the inputs.
LOSSES = {
    "weighted cross-entropy, divided by m": (weighted_cross_entropy, weighted_cross_entropy_gradient, [Z]),
    "hinge, right class not left out": (hinge, hinge_gradient, [Z]),
    "batch norm, not through the variance": (batch_norm, batch_norm_gradient, [X, X[0]]),
    "layer norm, wrong axis": (layer_norm, layer_norm_gradient, [X]),
    "dropout, without its mask": (dropout, dropout_gradient, [X]),
    "InfoNCE, not transposed": (info_nce, info_nce_gradient, [A, B]),
    "attention, softmax without its sum": (attention, attention_gradient, [B, V, A]),
    "correlation, labels not centred": (correlation, correlation_gradient, [X[:, 0]]),
    "convolution, windows overwritten": (convolution, convolution_gradient, [RNG.normal(size=(5, 5)), A[:2, :2]]),
    "recurrent, a step late": (recurrent, recurrent_gradient, [A[:2, :3], B[:3, :3] / 2, V[0, :3]]),
    "embedding, repeated rows": (embedding, embedding_gradient, [RNG.normal(size=(6, 3))]),
    "einsum, not transposed": (einsum, einsum_gradient, [A[:3], B[:3]]),
}


def in_float32(gradient):
    """The same, computed in float64 and returned in float32."""

    def rounded(*inputs):
        found = gradient(*inputs)
        arrays = found if isinstance(found, tuple) else (found,)
        return tuple(np.asarray(g, dtype=np.float32) for g in arrays)

    return rounded


@pytest.mark.parametrize("name", LOSSES)
def test_a_usual_mistake_is_told_from_the_right_gradient(name):
    f, gradient, inputs = LOSSES[name]
    assert gp.check(f, gradient, inputs).verdict == "right"
    assert gp.check(f, lambda *a: gradient(*a, mistake=True), inputs).verdict == "wrong"


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("name", [n for n in LOSSES if "recurrent" not in n and "convolution" not in n])
def test_the_rounding_of_a_gradient_in_float32_is_no_mistake(name, exact):
    f, gradient, inputs = LOSSES[name]
    report = gp.check(f, in_float32(gradient), inputs, exact=exact)
    assert report.verdict == "right"
    assert "the gradient is computed in float32: it is judged to the rounding of that type" in report.notes
    wrong = in_float32(lambda *a: gradient(*a, mistake=True))
    assert gp.check(f, wrong, inputs, exact=exact).verdict == "wrong"


def test_a_cast_of_balls_to_float32_is_no_mistake():
    report = gp.check(
        lambda z: -np.mean(np.log(softmax(z)[np.arange(M), LABELS])),
        lambda z: ((softmax(z) - HOT) / M).astype(np.float32),
        [Z.astype(np.float32)],
    )
    assert report.verdict == "right"
