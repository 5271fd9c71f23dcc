"""What is found in a module, and how it stands: each style right, and with a mistake."""

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("modules_support", Path(__file__).with_name("support.py"))
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

BY_NAME = """
def loss(z, target):
    return np.sum((z - target) ** 2)

def {name}(z, target):
    return {value}
"""

STYLES = [
    (BY_NAME.format(name="loss_grad", value="2 * (z - target), 2 * (target - z)"), "loss", ("z", "target"), "right"),
    (BY_NAME.format(name="grad_loss", value="2 * (z - target), 2 * (z - target)"), "loss", ("z", "target"), "wrong"),
    (BY_NAME.format(name="dloss", value="2 * (z - target)"), "loss", ("z",), "right"),
    (BY_NAME.format(name="d_loss", value="2 * (target - z)"), "loss", ("target",), "right"),
    (BY_NAME.format(name="loss_prime", value="z - target"), "loss", ("z",), "wrong"),
    (BY_NAME.format(name="backward_loss", value="{'dz': 2 * (z - target)}"), "loss", ("z",), "right"),
    (BY_NAME.format(name="loss_backward", value="{'target': 2 * (z - target)}"), "loss", ("target",), "wrong"),
    (BY_NAME.format(name="gradient", value="[2 * (z - target), None]"), "loss", ("z",), "right"),
    (
        """
        def affine_forward(x, w, b):
            out = x @ w + b
            cache = (x, w, b)
            return out, cache

        def affine_backward(dout, cache):
            x, w, b = cache
            dx, dw, db = dout @ w.T, x.T @ dout, dout.sum(axis=0)
            return dx, dw, db
        """,
        "affine",
        ("x", "w", "b"),
        "right",
    ),
    (
        """
        def affine_forward(x, w, b):
            return x @ w + b, (x, w, b)

        def affine_backward(dout, memory):
            x, w, b = memory
            db = dout.mean(axis=0)
            dw = x.T @ dout
            return db, dw
        """,
        "affine",
        ("b", "w"),
        "wrong",
    ),
    (
        """
        def step_forward(x, w):
            a = np.tanh(x @ w)
            s = np.sin(x)
            return a, s, (x, w, a)

        def step_backward(da, ds, cache):
            x, w, a = cache
            dz = da * (1 - a**2)
            return dz @ w.T + ds * np.cos(x), x.T @ dz
        """,
        "step",
        ("x", "w"),
        "right",
    ),
    (
        """
        def norm(x, eps=1e-5):
            return x / np.sqrt(np.sum(x**2) + eps)

        def norm_backward(dout, x, eps=1e-5):
            r = np.sqrt(np.sum(x**2) + eps)
            return dout / r - x * np.sum(dout * x) / r**3
        """,
        "norm",
        ("x",),
        "right",
    ),
    (
        """
        def nll(params, x, y):
            s = x @ params["W"] + params["b"]
            s = s - s.max(axis=1, keepdims=True)
            return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])

        def nll_grad(params, x, y):
            s = x @ params["W"] + params["b"]
            p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
            p[np.arange(len(y)), y] -= 1
            grads = {"dW": x.T @ p / len(y), "db": p.mean(axis=0), "dS": p}
            return grads
        """,
        "nll",
        ("W", "b"),
        "right",
    ),
    (
        """
        def softmax_loss(w, x, y):
            s = x @ w
            p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[np.arange(len(y)), y]))
            p[np.arange(len(y)), y] -= 1
            dw = x.T @ p
            return loss, dw
        """,
        "softmax_loss",
        ("w",),
        "wrong",
    ),
    (
        """
        def tanh(z):
            return np.tanh(z)

        def tanh_derivative(z):
            return 1 - np.tanh(z) ** 2
        """,
        "tanh",
        ("z",),
        "right",
    ),
    (
        """
        def softmax(z):
            return np.exp(z) / np.exp(z).sum()

        def softmax_jac(z):
            p = softmax(z)
            return np.diag(p) - np.outer(p, p)

        def softmax_grad(z):
            p = softmax(z)
            return np.diag(p) - np.outer(p, p)
        """,
        "softmax_grad",
        ("z",),
        "right",
    ),
    (
        """
        class Layer:
            def __init__(self):
                self.params = {"W": np.ones((4, 3)) / 7, "c": np.zeros(3)}
                self.grads = {}

            def forward(self, x):
                self.x = x
                return np.tanh(x @ self.params["W"] + self.params["c"])

            def backward(self, dout):
                d = dout * (1 - self.forward(self.x) ** 2)
                self.grads["W"] = self.x.T @ d
                self.grads["c"] = d.sum(axis=0)
                return d @ self.params["W"].T
        """,
        "Layer",
        ("x", "W", "c"),
        "right",
    ),
    (
        """
        class Affine:
            def __init__(self):
                self.params = [np.ones((4, 3)) / 7, np.zeros(3)]
                self.grads = [np.zeros((4, 3)), np.zeros(3)]

            def forward(self, x):
                W, b = self.params
                self.x = x
                return x @ W + b

            def backward(self, dout):
                self.grads[0][...] = self.x.T @ dout
                self.grads[1][...] = dout.mean(axis=0)
                return dout @ self.params[0].T
        """,
        "Affine",
        ("x", "params[0]", "params[1]"),
        "wrong",
    ),
    (
        """
        class Lazy:
            def __init__(self):
                self.is_initialized, self.parameters, self.gradients = False, {"W": None}, {}
                self.X = []

            def forward(self, x):
                if not self.is_initialized:
                    self.parameters["W"] = np.full((x.shape[1], 2), 0.3)
                    self.gradients["W"] = np.zeros((x.shape[1], 2))
                    self.is_initialized = True
                self.X.append(x)
                return np.tanh(x @ self.parameters["W"])

            def flush_gradients(self):
                self.X = []
                self.gradients["W"] = np.zeros_like(self.parameters["W"])

            def backward(self, dLdY):
                d = dLdY * (1 - np.tanh(self.X[0] @ self.parameters["W"]) ** 2)
                self.gradients["W"] += self.X[0].T @ d
                return d @ self.parameters["W"].T
        """,
        "Lazy",
        ("x", "W"),
        "right",
    ),
    (
        """
        def both(z, eps):
            return eps * np.sum(z**2)

        def both_grad(z, eps):
            return np.append(2 * eps * z, np.sum(z**2))
        """,
        "both",
        ("z", "eps"),
        "right",
    ),
    (
        """
        def squares(y):
            return np.sum(y**2)

        def squares_grad(y):
            return 2 * y
        """,
        "squares",
        ("y",),
        "right",
    ),
    (
        """
        def huber(z, target, delta=1.0):
            r = z - target
            return np.mean(np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))

        def huber_grad(z, target, delta=1.0):
            r = z - target
            return np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / len(r)
        """,
        "huber",
        ("z",),
        "right",
    ),
    (
        """
        def scaled(z, error=3.0):
            return error * np.sum(z**2)

        def scaled_grad(z, error):
            return 2 * error * z
        """,
        "scaled",
        ("z",),
        "right",
    ),
    (
        """
        def difference(z, target):
            return np.sum((z - target) ** 3)

        def difference_grad(the_targets, z):
            return 3 * (z - the_targets) ** 2
        """,
        "difference",
        ("z",),
        "right",
    ),
    (
        """
        def line(x, w, b):
            return np.sum((x @ w + b) ** 2)

        def line_grad(x, w, b):
            r = 2 * (x @ w + b)
            return x.T @ r, r.sum(axis=0), r @ w.T
        """,
        "line",
        ("w", "b", "x"),
        "right",
    ),
    (
        """
        cost = lambda z: np.sum(z**2)
        cost_grad = lambda z: 2 * z
        alias = cost
        """,
        "cost",
        ("z",),
        "right",
    ),
    (
        """
        class Dense:
            def __init__(self, n=4):
                self.weights, self.biases = np.ones((n, 3)) / 7, np.zeros((1, 3))

            def forward(self, x):
                self.inputs = x
                self.output = x @ self.weights + self.biases

            def backward(self, dvalues):
                self.dweights = self.inputs.T @ dvalues
                self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
                self.dinputs = dvalues @ self.weights.T
        """,
        "Dense",
        ("x", "weights", "biases"),
        "right",
    ),
    (
        """
        class Sine:
            def fn(self, z):
                return np.sin(z)

            def grad(self, z):
                return -np.cos(z)
        """,
        "Sine",
        ("z",),
        "wrong",
    ),
    (
        """
        class Squares:
            def forward(self, z, target):
                self.r = z - target
                return np.sum(self.r**2)

            def backward(self, dout=1):
                return 2 * self.r
        """,
        "Squares",
        ("z",),
        "right",
    ),
    (
        """
        from abc import ABC, abstractmethod

        class Base(ABC):
            @abstractmethod
            def forward(self, x): ...
            @abstractmethod
            def backward(self, dout): ...

        class Half(Base):
            def forward(self, x):
                return x / 2

            def backward(self, dout):
                return dout / 2
        """,
        "Half",
        ("x",),
        "right",
    ),
    (
        """
        class Net:
            def __init__(self):
                self.params = {"W": np.ones((4, 3)) / 7, "c": np.zeros(3)}

            def loss(self, x, y=None):
                s = x @ self.params["W"] + self.params["c"]
                if y is None:
                    return s
                p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
                loss = -np.mean(np.log(p[np.arange(len(y)), y]))
                p[np.arange(len(y)), y] -= 1
                grads = {"W": x.T @ p / len(y), "c": p.sum(axis=0)}
                return loss, grads
        """,
        "Net",
        ("W", "c"),
        "wrong",
    ),
    (
        """
        import gradproof as gp

        def energy(q):
            return np.sum(q**3)

        @gp.gradient_of(energy, inputs=lambda: {"q": np.array([1.0, 2.0])})
        def force(q):
            return -3 * q**2
        """,
        "energy",
        ("q",),
        "wrong",
    ),
    (
        """
        import gradproof as gp

        def scores(q, w):
            return q * w

        @gp.gradient_of(scores, inputs=(np.ones(3), np.arange(3.0)), kind="vjp", wrt="w")
        def pull(v, q, w):
            return v * q
        """,
        "scores",
        ("w",),
        "right",
    ),
]


@pytest.mark.parametrize("style", STYLES, ids=[f"{s[1]}-{k}" for k, s in enumerate(STYLES)])
def test_each_style_is_found_and_judged(tmp_path, monkeypatch, style):
    text, name, wrt, verdict = style
    result = support.judged(support.work_on(tmp_path, monkeypatch, text))[name]
    assert result.skipped == ""
    assert (result.verdict, result.wrt) == (verdict, wrt)
    assert result.report.strength == "certified"


def test_a_derivative_of_the_output_is_told_as_such(tmp_path, monkeypatch):
    text = """
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def sigmoid_prime(a):
        return a * (1 - a)

    def wrong_sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def wrong_sigmoid_prime(a):
        return a * (1 + a)
    """
    found = support.judged(support.work_on(tmp_path, monkeypatch, text))
    assert found["sigmoid"].verdict == "right"
    assert "taken as a function of the output" in found["sigmoid"].report.notes[1]
    assert found["wrong_sigmoid"].verdict == "wrong"


SKIPPED = [
    ("def f(q):\n    return q\ndef f_grad(q):\n    return q", "no inputs are known for q"),
    (
        "def p(z):\n    return z / z.sum()\ndef p_prime(z):\n    return 1 / z.sum() - z / z.sum() ** 2",
        "the function is not elementwise",
    ),
    ("def loss(x):\n    return x.sum()\ndef d_loss(real, fake):\n    return 1.0", "one array of shape ()"),
    ("def f(x):\n    return x.sum()\ndef f_grad(x):\n    pass", "its gradient returns None"),
    ("def loss_backward(x):\n    return x", "no function stands beside it"),
    ("def loss(x, w):\n    return x.sum()\ndef loss_grad(x, w):\n    return 1.0", "one array of shape ()"),
    (
        """
        class A:
            def __init__(self, n):
                self.n = n
            def forward(self, x):
                return x
            def backward(self, dout):
                return dout
        """,
        "no inputs are known for init: n",
    ),
]


@pytest.mark.parametrize(("text", "reason"), SKIPPED, ids=[str(k) for k in range(len(SKIPPED))])
def test_what_cannot_be_judged_is_skipped_with_the_reason(tmp_path, monkeypatch, text, reason):
    (result,) = support.judged(support.work_on(tmp_path, monkeypatch, text)).values()
    assert (result.verdict, result.report) == ("skipped", None)
    assert reason in result.skipped


def test_what_the_code_raises_is_told_with_its_line(tmp_path, monkeypatch):
    text = "def f(x):\n    return x.sum()\ndef f_grad(x):\n    return x @ x"
    (result,) = support.judged(support.work_on(tmp_path, monkeypatch, text)).values()
    assert result.verdict == "undecided"
    assert "the code raised ValueError: matmul" in result.report.reason
    assert "return x @ x" in result.report.reason


def test_names_that_are_no_pair_are_left_alone(tmp_path, monkeypatch):
    text = """
    def dense(x):
        return x

    def data(x):
        return x

    def test_loss_grad(x):
        pass

    from math import exp, expm1 as exp_grad
    """
    assert support.work_on(tmp_path, monkeypatch, text).pairs() == []


def test_a_declared_instance_is_used(tmp_path, monkeypatch):
    text = """
    class Scale:
        def __init__(self, s):
            self.s = np.array(s)

        def forward(self, x):
            self.x = x
            return x * self.s

        def backward(self, dout):
            self.ds = np.sum(dout * self.x)
            return dout * self.s

    gradproof_inputs["Scale"] = {"self": Scale(3.0)}
    """
    result = support.judged(support.work_on(tmp_path, monkeypatch, text))["Scale"]
    assert (result.verdict, result.wrt) == ("right", ("x", "s"))
    made = text.replace('{"self": Scale(3.0)}', '{"init": {"s": 2.0}}')
    assert support.judged(support.work_on(tmp_path, monkeypatch, made))["Scale"].verdict == "right"
