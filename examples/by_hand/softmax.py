"""A softmax classifier with its gradients, once right and once with the sum over the wrong axis.

    gradproof verify examples/by_hand/softmax.py

Shapes do not help here: with the wrong axis everything still fits. `gradproof_inputs` says where to try it.
"""

import numpy as np

RNG = np.random.default_rng(0)

gradproof_inputs = {
    "scores": RNG.normal(size=(6, 4)),
    "labels": np.array([0, 3, 1, 2, 2, 0]),
}


def cross_entropy(scores, labels):
    """Return the mean cross-entropy of the softmax of each row; scores: [m, C], labels: [m]."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def cross_entropy_grad(scores, labels):
    """Return the gradient for the scores: right."""
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


def softmax_forward(scores):
    """Return the softmax of each row, and the same as the cache."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p, p


def softmax_backward(dout, cache):
    """Return the gradient for the scores; the mistake: it sums over the examples, not over the classes."""
    p = cache
    return p * (dout - np.sum(dout * p, axis=0, keepdims=True))
