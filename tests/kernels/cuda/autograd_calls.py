"""Run as a program with `torch` or `jax`, and NUMBA_ENABLE_CUDASIM=1: kernels for CUDA as functions of these libraries.

The simulator's arrays are the CPU's, so that the libraries' own tensors of the CPU stand for those of a device.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.compiled import Kernel
from gradproof.loading import load


def made(name: str, dtype: str = "float64") -> Kernel:
    """Return a kernel for CUDA."""
    return gp.kernel(gp.derive(load(name)), target="cuda", dtype=dtype)


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


def of_torch_in_half_precision() -> None:
    """Tensors in half precision, the loss and numbers in float32; to the tolerances that PyTorch has for the types."""
    import torch

    for dtype in (torch.float16, torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        random = np.random.default_rng(1)
        z, x, w, v = (torch.from_numpy(random.standard_normal(s)).to(dtype) for s in ((3, 4), (3, 4), (4,), (4,)))
        label = torch.tensor([0, 2, 1])
        other, z = z.float().requires_grad_(), z.requires_grad_()
        ours, theirs = made("softmax_cross_entropy_labels", name).torch()(z, label), torch.nn.functional.cross_entropy
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours, theirs(other, label))
        (2 * ours).backward()
        (2 * theirs(other, label)).backward()
        assert z.grad is not None
        torch.testing.assert_close(z.grad, other.grad.to(dtype))
        others = [t.float().requires_grad_() for t in (x, w, v)]
        found = made("layer_norm", name).torch()(1e-3, x.requires_grad_(), w.requires_grad_(), v.requires_grad_())
        plain = torch.nn.functional.layer_norm(others[0], (4,), others[1], others[2], 1e-3)
        torch.testing.assert_close(found, plain.to(dtype))
        found.backward(torch.ones_like(found))
        plain.backward(torch.ones_like(plain))
        few = 2 * torch.finfo(dtype).eps  # what the pass back reads of the pass before it was rounded
        for mine, wanted in zip((x, w, v), others, strict=True):
            torch.testing.assert_close(mine.grad, wanted.grad.to(dtype), rtol=few, atol=few)
        with pytest.raises(TypeError, match=f"x holds float32, expected {name}"):
            made("layer_norm", name).torch()(1e-3, x.detach().float(), w, v)


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


def of_jax_in_half_precision() -> None:
    """Arrays in half precision, the loss in float32; under jit and grad."""
    import jax
    from jax import numpy as jnp

    for dtype, unit in (("float16", 2.0**-11), ("bfloat16", 2.0**-8)):
        F = made("softmax_cross_entropy_labels", dtype).jax()
        z, label = jnp.asarray(np.random.default_rng(0).standard_normal((3, 4)), dtype), jnp.array([0, 2, 1], jnp.int32)

        def plain(z: jax.Array, label: jax.Array = label) -> jax.Array:
            return -jnp.take_along_axis(jax.nn.log_softmax(z), label[:, None], 1).mean()

        value, gradient = jax.jit(jax.value_and_grad(lambda z, F=F, label=label: 2 * F(z, label)))(z)
        assert (value.dtype, gradient.dtype) == (jnp.float32, z.dtype)
        wide = z.astype(jnp.float32)
        np.testing.assert_allclose(value, 2 * plain(wide), rtol=1e-6)
        expected = jax.grad(lambda z: 2 * plain(z))(wide)
        np.testing.assert_allclose(gradient.astype(jnp.float32), expected, rtol=4 * unit, atol=1e-6)


if __name__ == "__main__":
    {
        "torch": of_torch, "jax": of_jax,
        "torch_half": of_torch_in_half_precision, "jax_half": of_jax_in_half_precision,
    }[sys.argv[1]]()  # fmt: skip
