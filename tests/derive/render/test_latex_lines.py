from __future__ import annotations

import re
import subprocess
from shutil import which

import pytest

from gradproof.derive.render import render
from gradproof.derive.render.latex import PREAMBLE, latex
from gradproof.derive.render.latex_lines import broken, stacked
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.latex_width import width
from gradproof.derive.render.pretty import Align, Break, Group, Word, join

NAMES = ("batch_norm", "attention", "gaussian_kl", "lstm_cell", "conv1d", "info_nce")


def rows_of(derivation):
    hand = LatexHand.of(derivation)
    shown = (*derivation.system.equations, *(s.after for s in derivation.steps))
    return [hand.sides(e)[2] for e in shown] + [hand.matrix(e)[2] for e in shown if hand.matrix(e)]


@pytest.mark.skipif(which("pdflatex") is None, reason="no TeX is installed")
def test_widths_are_those_of_tex(derived, tmp_path):
    """Never more than 4% short, seldom far above: lines end in time, and not much too early."""
    texts = list(dict.fromkeys(text for name in NAMES for text in rows_of(derived(name))))
    boxes = "\n".join(rf"\settowidth{{\dimen0}}{{$\displaystyle {t}$}}\typeout{{W\the\dimen0}}" for t in texts)
    (tmp_path / "w.tex").write_text(f"{PREAMBLE}\n{boxes}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "w.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    real = [float(w) for w in re.findall(r"^W([\d.]+)pt", done.stdout, re.MULTILINE)]
    assert len(real) == len(texts) > 50
    for text, there in zip(texts, real, strict=True):
        assert 0.96 * there <= width(text) <= 1.1 * there + 10, text


def balanced(text):
    return len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text)) and text.count("{") == text.count(
        "}"
    )


LONG = (
    "given x[N], y[N], z[N]\nparam w\nL = sum[i] w*("
    + " + ".join(f"x[i]**{k}*sin(y[i]*w)*cos(z[i]*w)" for k in range(2, 9))
    + ")"
)


@pytest.mark.parametrize("room", [120, 200, 300, 440])
def test_long_lines_end_at_signs_and_keep_their_fences(derived, room):
    derivation = derived(LONG)
    hand, step = LatexHand.of(derivation), derivation.steps[0].after
    lines = hand.lines(step, room)
    assert len(lines) > 1
    for line in lines:
        assert balanced(line)
        assert width(re.sub(r"^\\hspace\{\d+pt\}", "", line)) <= room
    assert all(re.match(r"\\hspace\{\d+pt\}", line) for line in lines[1:])
    whole = "".join(lines)
    for side in ("l", "r"):
        assert len(re.findall(rf"\\big+{side}\b", whole)) <= len(re.findall(r"\\big+[lr]\b", whole)) / 2


def test_a_line_that_fits_is_left_alone(derived):
    hand, step = LatexHand.of(derived("mse")), derived("mse").steps[0].after
    assert hand.lines(step, 440) == [hand.sides(step)[2]]


def test_fences_of_different_lines_have_a_given_size():
    terms = join(Word("a_1 "), Group(join(Break(" "), Word("+ "), Word("a_2"))))
    inside = join(Word(r"\left("), Align(terms), Word(r"\right)"))
    assert broken(inside, 400) == ["(a_1  + a_2)"]
    assert broken(inside, 24) == [r"\bigl(a_1", r"\hspace{15pt}{} + a_2\bigr)"]
    tall = join(
        Word(r"\left("), Align(join(Word(r"\frac{a}{b} "), Group(join(Break(" "), Word("+ a_2"))))), Word(r"\right)")
    )
    assert broken(tall, 24)[0] == r"\biggl(\frac{a}{b}"


def test_conditions_below_a_sum_are_stacked_where_they_are_wide():
    assert stacked(["i", "j < i"]) == "i, j < i"
    wide = [r"0 \leq h + p - q u < H_{\text{out}}", r"0 \leq w + p - q v < W_{\text{out}}"]
    assert stacked(["u", "v", *wide]) == r"\substack{u, v,\\ " + wide[0] + r",\\ " + wide[1] + "}"


def test_a_fraction_too_wide_for_its_line_is_opened(derived):
    text = "param w\nL = (" + " + ".join(f"w**{k}*sin({k}*w)" for k in range(2, 12)) + ")/(w + 2)"
    lines = LatexHand.of(derived(text)).lines(derived(text).system.equations[0], 300)
    assert len(lines) > 1
    assert lines[0].startswith(r"\frac{1}{w + 2}")


def test_powers_and_products_for_people(derived):
    page = latex(derived("given x[N]\nparam w\nL = sum[i] tanh(w*x[i])**2/(w + 1)**(3/2)"))
    assert r"\tanh^2(" in page
    assert r"(w + 1)^{3/2}" in page
    assert r"\bar{\hat{x}}_{n,d} \, (x_{n,d} - \mu_d)" in latex(derived("batch_norm"))
    assert r"\text{var}^{(1)}_t + \varepsilon" in latex(derived("encoder_block"))
    assert r"\overline{\text{var}}_d" in latex(derived("batch_norm"))
    assert r"\varepsilon" in latex(derived("batch_norm"))


def test_a_value_above_zero_fixes_no_row(derived):
    """[G > 0] says nothing about the first row: sums count from 1; [label = 0] names the first class."""
    assert r"\sum_{k=1}^{K}" in latex(derived("given x[n], A[n, K]\nparam w[n]\nL = sum[i,k] relu(w[i]*x[i])*A[i,k]"))
    text = "given z[n, K], label[n] in K\nL = sum[i,k] [label[i] == 0]*z[i,k]**2"
    assert r"\sum_{k=0}^{K-1}" in latex(derived(text))


def test_a_comparison_of_indices_fixes_no_row(derived):
    assert r"\sum_{j=1}^{N}" in latex(derived("info_nce"))
    assert "=0}" not in latex(derived("info_nce"))


def test_fences_grow_only_around_tall_things_and_signs_are_named_once(derived):
    page = render(derived("wgan_gp"), "markdown")
    assert r"v_k  \, (1 - h_{i,k}^2)" in page
    assert r"\left(1 - h_{i,k}^2" not in page
    assert r"$\odot$ and $\oslash$ work elementwise" in page
