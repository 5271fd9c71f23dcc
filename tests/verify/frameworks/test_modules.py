"""Framework functions in a user's module are found, and judged with the inputs that it declares."""

import sys

import pytest

from gradproof.verify.modules.results import Request
from gradproof.verify.modules.work import Work

TORCH = """
import numpy as np
import torch

gradproof_inputs = {"x": torch.tensor([0.5, -1.0]), "w": np.array([1.0, 2.0])}

class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx, d):
        x, w = ctx.saved_tensors
        return d * w, d

class Exp(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, d):
        (y,) = ctx.saved_tensors
        return d * y

def loss(x):
    return (x**3).sum()

def loss_grad(x):
    return 2 * x**2
"""

JAX = """
import jax
import jax.numpy as jnp
import numpy as np

gradproof_inputs = {"x": np.array([0.5, -1.0]), "w": np.array([1.0, 2.0])}

@jax.custom_vjp
def scale(x, w):
    return x * w

scale.defvjp(lambda x, w: (x * w, (x, w)), lambda saved, d: (d * saved[1], d))

@jax.custom_jvp
def cube(x):
    return x**3

@cube.defjvp
def cube_rule(primals, tangents):
    return primals[0] ** 3, 3 * primals[0] ** 2 * tangents[0]

def loss(x, w):
    return jnp.sum(jnp.tanh(x * w))

@jax.jit
def loss_grad(x, w):
    d = 1 - jnp.tanh(x * w) ** 2
    return d * w, d * x

def energy(x):
    loss = jnp.sum(x**3)
    dx = 3 * x
    return loss, dx
"""


def verdicts(tmp_path, monkeypatch, text):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "framework_layer.py"
    path.write_text(text)
    work = Work(Request(str(path)))
    found = {pair.name: work.judged(pair) for pair in work.pairs()}
    assert {name: r.skipped for name, r in found.items() if r.skipped} == {}
    return {name: (r.verdict, tuple(r.report.wrong)) for name, r in found.items()}


def test_torch(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    assert verdicts(tmp_path, monkeypatch, TORCH) == {
        "Scale": ("wrong", ("w",)),
        "Exp": ("right", ()),
        "loss": ("wrong", ("x",)),
    }


def test_jax(tmp_path, monkeypatch):
    pytest.importorskip("jax")
    assert verdicts(tmp_path, monkeypatch, JAX) == {
        "scale": ("wrong", ("w",)),
        "cube": ("right", ()),
        "loss": ("right", ()),
        "energy": ("wrong", ("x",)),
    }
