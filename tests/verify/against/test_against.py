import numpy as np
import pytest

import gradproof as gp
from gradproof.errors import InputError
from gradproof.verify.against import check_against

from . import lstm

RNG = np.random.default_rng(2)


def cross_entropy(logits, targets):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.sum(targets * np.log(e / e.sum(axis=1, keepdims=True))) / len(logits)


def slope(logits, targets, scale=1.0):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scale * (e / e.sum(axis=1, keepdims=True) - targets) / len(logits)


LOGITS, TARGETS = RNG.normal(size=(5, 3)), np.eye(3)[[0, 2, 1, 1, 0]]


def test_a_right_gradient_is_certified_and_the_table_says_what_matched():
    report = check_against("softmax_cross_entropy", cross_entropy, slope, [LOGITS, TARGETS], wrt=["logits"])
    assert (report.verdict, report.strength) == ("right", "certified")
    assert "`logits` [5, 3] is z[m, C]" in report.notes
    assert "f is L of the system, at two points" in report.notes


def test_a_factor_is_named_by_the_systems_size():
    wrong = lambda z, y: slope(z, y, 5.0)  # noqa: E731
    report = check_against("softmax_cross_entropy", cross_entropy, wrong, [LOGITS, TARGETS], wrt=["logits"])
    assert (report.verdict, report.strength) == ("wrong", "certified")
    assert [c.kind for c in report.diagnosis] == ["size"]
    assert len(report.wrong["logits"]) == 15


def test_check_takes_the_system_too():
    report = gp.check(cross_entropy, slope, [LOGITS, TARGETS], wrt=["logits"], against="softmax_cross_entropy")
    assert "f is L of the system, at two points" in report.notes


def test_another_function_is_not_the_systems():
    f = lambda logits, targets: len(logits) * cross_entropy(logits, targets)  # noqa: E731
    report = check_against("softmax_cross_entropy", f, slope, [LOGITS, TARGETS], wrt=["logits"])
    assert report.verdict == "undecided"
    assert "f is not the system's function" in report.reason
    assert "5 times as much" in report.reason


def test_inputs_that_do_not_fit_are_refused_with_both_lists():
    with pytest.raises(InputError, match=r"logits \[5, 3\]") as caught:
        check_against("lstm", cross_entropy, slope, [LOGITS, TARGETS])
    assert "W_i[D, H]" in caught.value.expected
    assert "mapping" in caught.value.hint


def test_what_is_no_input_is_filled_in_or_given():
    def norm(x, gamma, beta):
        return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-8) + beta

    def back(dy, x, gamma, beta):  # noqa: ARG001
        r = 1 / np.sqrt(x.var(0) + 1e-8)
        h = (x - x.mean(0)) * r
        return gamma * r * (dy - dy.mean(0) - h * (dy * h).mean(0)), (dy * h).sum(0), dy.sum(0)

    arrays = [RNG.normal(size=(6, 3)), RNG.normal(size=3), RNG.normal(size=3)]
    for given in (None, {"eps": 1e-8}):
        report = check_against("batch_norm", norm, None, arrays, vjp=back, given=given)
        assert report.verdict == "right"
    assert any("eps is no input" in n for n in report.notes)


def test_a_transposed_weight_and_a_mapping():
    f = lambda a, m, c: a @ m.T + c  # noqa: E731
    vjp = lambda v, a, m, c: (v @ m, v.T @ a, v.sum(0))  # noqa: E731
    arrays = [RNG.normal(size=(4, 3)), RNG.normal(size=(5, 3)), RNG.normal(size=5)]
    report = check_against("dense", f, None, arrays, vjp=vjp, mapping={"m": "W"}, of="Z")
    assert report.verdict == "right"
    assert any("W[" in n and "transposed" in n for n in report.notes)


def test_an_lstm_with_its_gates_side_by_side_is_matched():
    report = check_against("lstm", lstm.forward, None, lstm.inputs(), vjp=lstm.backward)
    assert (report.verdict, report.strength) == ("right", "certified")
    assert any("W_o: rows 0 to 3 of columns 10 to 14" in n for n in report.notes)
