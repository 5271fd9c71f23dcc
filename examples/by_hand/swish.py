"""Two torch Functions: swish with a term missing in its backward, and a right one.

    gradproof verify examples/by_hand/swish.py

It needs PyTorch in the environment. The inputs are float32: the Functions are judged in float64, and what float32 makes
of them is looked at behind that.
"""

import torch

gradproof_inputs = {
    "x": torch.tensor([[0.5, -1.5, 3.0], [2.0, -0.25, 1.0]]),
    "beta": torch.tensor(1.5),
}


class Swish(torch.autograd.Function):
    """x * sigmoid(x)."""

    @staticmethod
    def forward(ctx, x):
        """Return it, elementwise."""
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, d_out):
        """Return the gradient for x; the mistake: the product rule has a second term, s."""
        x, s = ctx.saved_tensors
        return d_out * x * s * (1 - s)


class SwishBeta(torch.autograd.Function):
    """x * sigmoid(beta * x)."""

    @staticmethod
    def forward(ctx, x, beta):
        """Return it, elementwise; beta is one number."""
        s = torch.sigmoid(beta * x)
        ctx.save_for_backward(x, beta, s)
        return x * s

    @staticmethod
    def backward(ctx, d_out):
        """Return the gradients for x and beta: right."""
        x, beta, s = ctx.saved_tensors
        d_s = d_out * x * s * (1 - s)
        return d_out * s + d_s * beta, (d_s * x).sum()
