"""Two gradients written by hand with NumPy, judged: run `python examples/handwritten.py`."""

import numpy as np

import gradproof as gp


def loss(w, b, x, t):
    """Mean cross-entropy of a logistic regression; x: [m, n], t: [m], each 0 or 1."""
    z = x @ w + b
    return np.mean(np.log(1 + np.exp(z)) - t * z)


def gradient(w, b, x, t):
    """Return the gradients with respect to w and b."""
    error = 1 / (1 + np.exp(-(x @ w + b))) - t
    return x.T @ error / len(t), np.mean(error)


def gradient_with_a_slip(w, b, x, t):
    """Return nearly the same: the mean over the batch is forgotten in the second."""
    error = 1 / (1 + np.exp(-(x @ w + b))) - t
    return x.T @ error / len(t), np.sum(error)


def main():
    """Print both reports."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 3))
    point = (rng.normal(size=3), 0.1, x, (x[:, 0] > 0).astype(float))
    gp.assert_gradient(loss, gradient, point, wrt=["w", "b"])
    print(gp.check(loss, gradient, point, wrt=["w", "b"]))
    print()
    print(gp.check(loss, gradient_with_a_slip, point, wrt=["w", "b"]))


if __name__ == "__main__":
    main()
