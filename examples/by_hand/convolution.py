"""A convolution as numba kernels, with a loop that ends one step too early in its backward pass.

    gradproof verify examples/by_hand/convolution.py

Only the last entries are wrong: of the edge that the loop does not reach.
"""

import numpy as np
from numba import njit

RNG = np.random.default_rng(0)

gradproof_inputs = {"x": RNG.normal(size=9), "w": RNG.normal(size=3)}


@njit
def convolve(x, w):
    """Return y[t] = sum[k] x[t+k] w[k], as long as the window lies in x."""
    out = np.zeros(len(x) - len(w) + 1)
    for t in range(len(out)):
        for k in range(len(w)):
            out[t] += x[t + k] * w[k]
    return out


@njit
def convolve_backward(dout, x, w):
    """Return the gradients for x and w; the mistake: the outer loop leaves out the last output."""
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for t in range(len(dout) - 1):
        for k in range(len(w)):
            dx[t + k] += dout[t] * w[k]
            dw[k] += dout[t] * x[t + k]
    return dx, dw
