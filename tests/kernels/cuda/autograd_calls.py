"""Run as a program with `torch` or `jax`, and NUMBA_ENABLE_CUDASIM=1: kernels for CUDA as functions of these libraries.

The simulator's arrays are the CPU's, so that the libraries' own tensors of the CPU stand for those of a device.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.generate import Kernel
from gradproof.loading import load


def made(name: str, **options: object) -> Kernel:
    """Return a kernel for CUDA in float64."""
    return gp.kernel(gp.derive(load(name)), target="cuda", dtype="float64", **options)  # type: ignore[arg-type]


def of_torch() -> None:
    """First and second derivatives, saved states, labels and numbers."""
    import torch

    def drawn(*shapes: tuple[int, ...]) -> list[torch.Tensor]:
        random = np.random.default_rng(0)
        return [torch.from_numpy(random.standard_normal(s)) for s in shapes]

    def same(ours: torch.Tensor, theirs: torch.Tensor) -> None:
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)

    F, label = made("softmax_cross_entropy_labels").torch(), torch.tensor([0, 2])
    (z,), (other,) = drawn((2, 3)), drawn((2, 3))
    z.requires_grad_()
    other.requires_grad_()
    ours, theirs = F(z, label), torch.nn.functional.cross_entropy(other, label)
    same(ours, theirs)
    (first,) = torch.autograd.grad(ours, z, create_graph=True)
    (expected,) = torch.autograd.grad(theirs, other, create_graph=True)
    same(first, expected)
    same(torch.autograd.grad((first**2).sum(), z)[0], torch.autograd.grad((expected**2).sum(), other)[0])
    G, (x, scale, shift) = made("layer_norm").torch(), drawn((2, 3), (3,), (3,))
    out = G(1e-3, x.requires_grad_(), scale.requires_grad_(), shift)
    same(out, torch.nn.functional.layer_norm(x, (3,), scale, shift, 1e-3))
    out.sum().backward()  # a cotangent of one number, expanded
    x_grad, scale_grad = x.grad, scale.grad
    x.grad = scale.grad = None
    torch.nn.functional.layer_norm(x, (3,), scale, shift, 1e-3).sum().backward()
    same(x_grad, x.grad)
    same(scale_grad, scale.grad)
    with pytest.raises(TypeError, match=r"x is on meta, and the kernel runs on the CPU, in numba's simulator"):
        G(1e-3, torch.zeros((2, 2), device="meta"), scale, shift)


def of_jax() -> None:
    """Values, gradients, jit and vmap: JAX hands its own buffers to the kernels."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    F = made("softmax_cross_entropy_labels").jax()
    z, label = jnp.asarray(np.random.default_rng(0).standard_normal((3, 4))), jnp.array([0, 2, 1], jnp.int32)

    def plain(z: jax.Array) -> jax.Array:
        return -jnp.take_along_axis(jax.nn.log_softmax(z), label[:, None], 1).mean()

    for ours, theirs in ((F, plain), (jax.jit(F), plain)):
        np.testing.assert_allclose(ours(z, label), theirs(z), rtol=1e-12)
    gradient = jax.jit(jax.grad(lambda z: F(z, label)))
    np.testing.assert_allclose(gradient(z), jax.grad(plain)(z), rtol=1e-12, atol=1e-15)
    second = jax.grad(lambda z: (jax.grad(lambda z: F(z, label))(z) ** 2).sum())
    np.testing.assert_allclose(second(z), jax.grad(lambda z: (jax.grad(plain)(z) ** 2).sum())(z), rtol=1e-9, atol=1e-14)
    G = made("layer_norm").jax()
    x = jnp.asarray(np.random.default_rng(1).standard_normal((2, 3, 4)))
    many = jax.vmap(lambda x: G(1e-3, x, jnp.ones(4), jnp.zeros(4)))(x)
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    np.testing.assert_allclose(many, (x - mean) / jnp.sqrt(var + 1e-3), rtol=1e-9, atol=1e-12)


if __name__ == "__main__":
    {"torch": of_torch, "jax": of_jax}[sys.argv[1]]()
