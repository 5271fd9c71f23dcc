"""Classes with caches, casts, checks, and the other ways of Python."""

import functools
import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from .case import case, labels, normal, positive
from .helpers import basis, check_array, lecun, one_hot, sigmoid


class Linear:
    def __init__(self, w, b):
        self.w, self.b, self.cache = w, b, None

    def forward(self, x):
        self.cache = x
        return x @ self.w + self.b

    def backward(self, d):
        self.dw = self.cache.T @ d
        self.db = d.sum(axis=0)
        return d @ self.w.T


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    __call__ = forward


class SoftmaxLoss:
    def __call__(self, z, y):
        z = z - np.max(z, axis=1, keepdims=True)
        self.p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
        return float(-np.mean(np.log(self.p[np.arange(len(y)), y])))


def network_of_classes(x, w1, b1, w2, b2, y):  # noqa: PLR0917
    h = Relu()(Linear(w1, b1).forward(x))
    return SoftmaxLoss()(Linear(w2, b2).forward(h), y)


def backward_pass(x, w, b):
    layer = Linear(w, b)
    out = layer.forward(x)
    layer.backward(2 * out)
    return layer.dw.sum() + np.sum(layer.db**2)


@dataclass
class Config:
    scale: float = 2.0
    power: int = 3


def with_config(x, config=None):
    config = config or Config()
    return config.scale * np.sum(np.abs(x) ** config.power)


def namespace(a, b):
    p = SimpleNamespace(a=a, b=b)
    return np.sum(p.a * p.b) / p.a.size


class Counter:
    calls = 0

    @classmethod
    def count(cls):
        cls.calls += 1

    @staticmethod
    def square(x):
        return np.zeros(x.shape) + x * x

    @property
    def offset(self):
        return np.float64(0.5)


def methods_of_all_kinds(x):
    c = Counter()
    c.count()
    return c.square(x).sum() * c.offset


class Stack:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        return functools.reduce(lambda h, layer: layer(h), self.layers, x)


def composed(x):
    return Stack(np.tanh, sigmoid, lambda h: h.sum())(x)


def cast_to_float(x):
    x = np.asarray(x, dtype=float)
    return np.sum(x.astype(np.float64) ** 2) + np.float64(x[0]) * float(x[1])


def checked(x):
    x = check_array(x)
    assert x.ndim == 2
    assert isinstance(x, np.ndarray)
    assert x.dtype == np.float64
    assert x.dtype.kind == "f"
    assert np.issubdtype(x.dtype, np.floating)
    return x.mean()


def checked_numbers(a, b):
    assert np.isscalar(a)
    assert isinstance(b, float)
    assert not isinstance(b, int)
    if not np.isfinite(a * b):
        raise ValueError("not finite")
    return a * b**2


def floor_eps(x):
    eps = np.finfo(x.dtype).eps
    return np.log(x + eps).sum() + np.sum(x / np.maximum(np.abs(x), eps))


def same_dtype(x):
    out = np.zeros(len(x), dtype=x.dtype)
    for i in range(len(x)):
        out[i] = x[i] * i
    return (out * np.ones(3, dtype=float)).sum()


def item_and_tolist(x):
    total = 0.0
    for v in x.tolist():
        total += v * v
    return total + x.sum().item() + x[0].item() ** 3


def lists(x):
    squares = [v**2 for v in x]
    products = [a * b for a, b in zip(x, x[1:], strict=False)]  # noqa: RUF007
    return sum(squares) + np.sum(squares) + np.mean(products) + max(squares)


def math_in_a_loop(x):
    total = 0.0
    for v in x:
        total += math.sin(v) * math.exp(-abs(v)) + math.pow(v, 2) + lecun(v) + math.sqrt(1 + v * v)
    return math.log(total**2 + 1)


def helper_modules(z, y):
    return -np.sum(one_hot(y, z.shape[1]) * np.log(sigmoid(z))) + np.sum(basis(3) @ z[:3, 0])


def printing(x, verbose=True):
    loss = np.sum(x**2)
    if verbose:
        print(f"loss {loss:.4f}")  # noqa: T201
        print("loss %.3f" % loss, loss)  # noqa: T201, UP031
    return loss


LOG = np.zeros(10)


def logging_into_a_plain_array(x):
    loss = np.sum(np.exp(x))
    LOG[0] = loss
    return loss


def early_stopping(x):
    w, history = x, []
    for _ in range(20):
        step = 0.3 * w
        history.append(float(np.abs(step).max()))
        if history[-1] < 0.3:
            break
        w = w - step
    return np.sum(w**3)


def clamp(v, lo, hi):
    return lo if v < lo else min(v, hi)


def python_numbers(x):
    return sum(clamp(v, -0.5, 0.5) for v in x) + abs(min(x)) + divmod(x[0], 0.7)[1] + x[1] % 0.4


def int_of(x):
    return x[int(abs(x[0])) % 3] * round(x[1]) + x[2]


def recursion(x):
    def total(v):
        return v[0] if len(v) == 1 else total(v[: len(v) // 2]) * total(v[len(v) // 2 :])

    return total(x)


def generator(x):
    def terms():
        for i, v in enumerate(x, start=1):
            yield v**i / math.factorial(i)

    return np.sum(np.fromiter(terms(), dtype=float))


def keyword_only(x, *, power=2):
    return (x**power).sum()


def imported_inside(x):
    import math as m

    import numpy  # noqa: ICN001

    out = numpy.zeros(3)
    out[:2] = x[:2]
    return m.exp(out[0]) + out.sum()


def global_constants(x):
    return np.sum(WEIGHTS * x + WEIGHTS[::-1] ** 2)


WEIGHTS = np.array([0.5, 2.0, -1.0])


def vectorised(x):
    f = np.vectorize(lambda v: v**2 if v > 0 else math.exp(v))
    return np.sum(f(x))


def matrix_of_blocks(a, b):
    M = np.block([[a, b], [b.T, np.eye(2)]])
    return np.linalg.det(M) + M[0, :].sum()


def try_and_fall_back(x):
    try:
        return np.sum(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        return np.sum(x)


def conditional_on_size(x):
    if x.shape[0] > 2 and len(x) % 2:
        return np.sum(x[::2])
    return np.prod(x)


def augmented(x):
    x = np.c_[x, np.ones(len(x))]
    y = np.r_[x[0], x[1]]
    return np.sum(np.hstack([x, x**2])) * y.prod() + np.vstack((x, x)).mean()


def string_keys(a, b):
    params = dict(zip(["a", "b"], [a, b], strict=True))
    return sum(np.sum(v**2) for k, v in sorted(params.items()) if k in ("a", "b"))


def total_of_any_shape(params):
    return sum(np.linalg.norm(p.ravel()) for p in np.array_split(params, 3))


CASES = (
    case(network_of_classes, normal(3, 4), normal(4, 5), normal(5), normal(5, 3), normal(3), labels(3, 3)),
    case(backward_pass, normal(3, 4), normal(4, 2), normal(2)),
    case(with_config, normal(4)),
    case(namespace, normal(3), normal(3)),
    case(methods_of_all_kinds, normal(3)),
    case(composed, normal(3)),
    case(cast_to_float, normal(3)),
    case(checked, normal(2, 3)),
    case(checked_numbers, 1.5, 0.7),
    case(floor_eps, positive(3)),
    case(same_dtype, normal(3)),
    case(item_and_tolist, normal(3)),
    case(lists, normal(4)),
    case(math_in_a_loop, normal(4)),
    case(helper_modules, normal(4, 3), labels(4, 3)),
    case(printing, normal(3)),
    case(logging_into_a_plain_array, normal(3)),
    case(early_stopping, normal(3)),
    case(python_numbers, normal(4)),
    case(int_of, normal(3, scale=2)),
    case(recursion, normal(4)),
    case(generator, normal(3)),
    case(functools.partial(keyword_only, power=3), normal(3), name="partial"),
    case(imported_inside, normal(3)),
    case(global_constants, normal(3)),
    case(vectorised, normal(4)),
    case(matrix_of_blocks, normal(2, 2), normal(2, 2)),
    case(try_and_fall_back, normal(3, 3)),
    case(conditional_on_size, normal(3)),
    case(augmented, normal(3, 2)),
    case(string_keys, normal(3), normal(2, 2)),
    case(total_of_any_shape, normal(7)),
)
