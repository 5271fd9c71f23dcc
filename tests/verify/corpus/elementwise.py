"""Elementwise functions: activations and their derivatives, right ones that are delicate and the usual mistakes."""

import math

import numpy as np

from .case import Case, wrong


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def vector(n, scale=1.0):
    return lambda rng: [scale * rng.normal(size=n)]


def softplus_sum(x):
    return np.sum(np.logaddexp(0, x))


def softplus_plain(x):
    return np.sum(np.log1p(np.exp(-abs(x))) + (x + abs(x)) / 2)


def gelu(x):
    return np.sum(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


def gelu_grad(x):
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


def gelu_without_the_cube(x):
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c


def silu_grad(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def elu(x):
    return np.sum(np.where(x > 0, x, np.expm1(np.minimum(x, 0))))


def elu_grad(x):
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


def huber(x):
    a = np.abs(x)
    return np.sum(np.where(a <= 1, 0.5 * x**2, a - 0.5))


def huber_grad(x):
    return np.clip(x, -1, 1)


def mish(x):
    return np.sum(x * np.tanh(np.log1p(np.exp(x))))


def mish_grad(x):
    t = np.tanh(np.log1p(np.exp(x)))
    return t + x * (1 - t**2) * sigmoid(x)


def python_loop(x):
    total = 0.0
    for value in x:
        total = total + value**3 / (1 + value**2)
    return total


def python_loop_grad(x):
    out = np.zeros(len(x))
    for k, v in enumerate(x):
        out[k] = (3 * v**2 * (1 + v**2) - 2 * v**4) / (1 + v**2) ** 2
    return out


def through_math(x):
    return sum(math.exp(-float(v)) * math.sin(3 * float(v)) for v in x)


def through_math_plain(x):
    return np.sum(np.exp(-x) * np.sin(3 * x))


def through_math_grad(x):
    return np.array([math.exp(-v) * (3 * math.cos(3 * v) - math.sin(3 * v)) for v in x])


def off_by_a_millionth(x):
    return np.cos(x) * (1 + 1e-6)


SIGMOID = Case("sigmoid", lambda x: np.sum(sigmoid(x)), vector(6), lambda x: sigmoid(x) * (1 - sigmoid(x)))
TANH = Case("tanh of an array, vjp", np.tanh, vector(7), vjp=lambda g, x: g * (1 - np.tanh(x) ** 2))
SOFTPLUS = Case("softplus by logaddexp", softplus_sum, vector(8, 20.0), sigmoid, plain=softplus_plain)
GELU = Case("gelu with tanh", gelu, vector(9), gelu_grad)
SILU = Case("silu", lambda x: np.sum(x * sigmoid(x)), vector(9), silu_grad)
ELU = Case("elu", elu, vector(12), elu_grad, plain=lambda x: np.sum(np.where(x > 0, x, np.exp(x) - 1)))
SINE = Case("sine", lambda x: np.sum(np.sin(x)), vector(5), np.cos)
MISH = Case("mish", mish, vector(6), mish_grad)
LOOP = Case("a Python loop", python_loop, vector(5), python_loop_grad)

RIGHT = (
    SIGMOID,
    TANH,
    SOFTPLUS,
    GELU,
    SILU,
    ELU,
    SINE,
    MISH,
    LOOP,
    Case("huber", huber, vector(10), huber_grad),
    Case("math functions on floats", through_math, vector(4), through_math_grad, plain=through_math_plain),
    Case("a number in place of an array", lambda x: x**3 - 2 * x, lambda _: [1.3], lambda x: 3 * x**2 - 2),
    Case(
        "cube by in-place products",
        lambda x: np.sum(x * x * x),
        vector(5),
        lambda x: np.multiply(np.multiply(x, 3, out=np.empty_like(x)), x),
    ),
)

WRONG = (
    wrong(SIGMOID, "sigmoid' at the output", lambda x: x * (1 - x), "activation", "x"),
    wrong(SIGMOID, "sigmoid' of the sigmoid", lambda x: sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x))),
          "activation", "x"),
    wrong(TANH, "tanh: 1 - x^2 for 1 - tanh^2", lambda g, x: g * (1 - x**2), "activation", "x"),
    wrong(TANH, "tanh: the square is missing", lambda g, x: g * (1 - np.tanh(x)), "activation", "x"),
    wrong(TANH, "tanh: the cotangent is ignored", lambda g, x: 1 - np.tanh(x) ** 2, "cotangent", "x"),
    wrong(GELU, "gelu: the cube's derivative is missing", gelu_without_the_cube, "term", "x"),
    wrong(SILU, "silu: only the gate", sigmoid, "term", "x"),
    wrong(SILU, "silu: only the product with sigmoid'", lambda x: x * sigmoid(x) * (1 - sigmoid(x)), "term", "x"),
    wrong(ELU, "elu: 1 for x < 0", np.ones_like, "branch", "x"),
    wrong(ELU, "elu: the branches are exchanged", lambda x: np.where(x > 0, np.exp(np.minimum(x, 0)), 1.0),
          "branch", "x"),
    wrong(SINE, "sine: the sign", lambda x: -np.cos(x), "sign", "x"),
    wrong(SINE, "sine: off by a millionth", off_by_a_millionth, "factor", "x"),
    wrong(SINE, "sine: in single precision", lambda x: np.cos(x.astype(np.float32)).astype(float), "precision", "x"),
    wrong(SOFTPLUS, "softplus: half of it", lambda x: sigmoid(x) / 2, "factor", "x"),
    wrong(MISH, "mish: without softplus's derivative", lambda x: np.tanh(np.log1p(np.exp(x)))
          + x * (1 - np.tanh(np.log1p(np.exp(x))) ** 2), "activation", "x"),
    wrong(LOOP, "a loop that leaves out the last entry",
          lambda x: np.append(python_loop_grad(x)[:-1], 0.0), "edge", "x"),
    wrong(LOOP, "a loop whose result is an index late", lambda x: np.roll(python_loop_grad(x), 1), "shift", "x"),
    wrong(LOOP, "a loop that fills from the end", lambda x: python_loop_grad(x)[::-1], "flip", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
