"""Whatever the user's functions do ends in words: they raise, exit, print, recurse, return what is no gradient."""

import re
import sys

import numpy as np
import pytest

import gradproof as gp

X = np.array([0.3, -1.2, 2.0])


def square(x):
    return np.sum(x**2)


def double(x):
    return 2 * x


def raises(x):
    raise ValueError(f"no gradient for {len(x)} entries")


def exits(x):
    sys.exit(len(x))


def recurses(x):
    return recurses(x + 1)


def raises_on_the_second_call():
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("once is enough")
        return np.sum(x**2)

    return f


#: f, gradient, verdict, and what the reason says.
CASES = {
    "f raises": (raises, double, "undecided", r"f raised ValueError: no gradient for 3 entries, at test_judge.*:\d+"),
    "the gradient raises": (square, raises, "undecided", "the gradient raised ValueError"),
    "f exits": (exits, double, "undecided", r"f exits the program \(SystemExit: 3\)"),
    "the gradient exits": (square, exits, "undecided", "the gradient exits the program"),
    "f recurses": (recurses, double, "undecided", "f calls itself without end"),
    "f raises later": (raises_on_the_second_call(), double, None, ""),
    "f returns nothing": (lambda x: None, double, "undecided", "f returned None, which is no array of numbers"),
    "f returns text": (lambda x: "loss", double, "undecided", "f returned a str"),
    "f returns a pair": (lambda x: (1.0, x), double, "undecided", "f returned a tuple of 2"),
    "f returns complex numbers": (lambda x: np.sum(x) * 1j, double, "undecided", "complex"),
    "f is not a number": (lambda x: np.nan, double, "undecided", "f is not finite at the given point"),
    "f is infinite": (lambda x: np.inf, double, "undecided", "f is not finite at the given point"),
    "the gradient returns nothing": (square, lambda x: None, "undecided", "no gradient was returned for x"),
    "the gradient returns text": (square, lambda x: "2x", "undecided", "the gradient returned a str"),
    "the gradient returns a number": (square, lambda x: 2.0, "wrong", r"has the shape \(\), and x has \(3,\)"),
    "the gradient is too long": (square, lambda x: np.ones(4), "wrong", r"has the shape \(4,\), and x has \(3,\)"),
    "the gradient is a column": (square, lambda x: 2 * x[:, None], "wrong", r"has the shape \(3, 1\)"),
    "the gradient returns too many": (square, lambda x: (x, x), "undecided", "returned 2 entries, and 1 are wanted: x"),
    "the gradient is not a number": (square, lambda x: x * np.nan, "wrong", "3 entries differ"),
    "the gradient is infinite once": (square, lambda x: np.where(x < 0, np.inf, 2 * x), "wrong", "1 entry differs"),
    "the gradient wants more": (square, lambda x, y: 2 * x, "undecided", "the gradient raised TypeError"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("exact", [True, False])
def test_it_ends_in_words(name, exact):
    f, grad, verdict, reason = CASES[name]
    report = gp.check(f, grad, [X], exact=exact)
    assert verdict is None or report.verdict == verdict, str(report)
    assert report.reason
    assert re.search(reason, report.reason), report.reason
    assert str(report)
    assert report.to_json()


@pytest.mark.parametrize("in_gradient", [True, False])
def test_the_keyboard_still_interrupts(in_gradient):
    def interrupts(x):
        raise KeyboardInterrupt(len(x))

    with pytest.raises(KeyboardInterrupt):
        gp.check(square if in_gradient else interrupts, interrupts if in_gradient else double, [X])


@pytest.mark.parametrize("exact", [True, False])
def test_what_is_printed_is_noted_once(capsys, exact):
    def talks(x):
        print(f"loss {float(np.sum(x**2)):.3f}")  # noqa: T201
        return np.sum(x**2)

    report = gp.check(talks, double, [X], exact=exact)
    assert capsys.readouterr().out == ""
    assert [n for n in report.notes if n.startswith("f prints")] == ["f prints, which is not shown: 'loss 5.530', ..."]


def test_progress_is_for_terminals_alone(capsys, monkeypatch):
    from gradproof.verify import meter

    monkeypatch.setattr(meter, "_QUIET", 0.0)
    monkeypatch.setattr(meter, "_EVERY", 0.0)
    gp.check(square, double, [X], exact=False)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    gp.check(square, double, [X], exact=False)
    shown = capsys.readouterr().err
    assert "gradproof: judging grad at the given point" in shown
    assert shown.endswith("\r\x1b[2K")
