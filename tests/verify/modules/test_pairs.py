"""What is found in a module, and how it stands: each style right, and with a mistake."""

import importlib.util
from pathlib import Path

import pytest

from tests.verify.modules.classes import CLASSES
from tests.verify.modules.functions import FUNCTIONS

_spec = importlib.util.spec_from_file_location("modules_support", Path(__file__).with_name("support.py"))
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

STYLES = [*FUNCTIONS, *CLASSES]


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
