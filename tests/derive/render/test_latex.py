from __future__ import annotations

import re
import subprocess
from shutil import which

import pytest

from gradproof import catalogue
from gradproof.derive.render import render
from gradproof.derive.render.latex import PREAMBLE, latex
from gradproof.derive.render.latex_text import escaped
from gradproof.derive.render.outline import Extras


def balanced(text):
    depth = 0
    for token in re.findall(r"\\[\\{}]|[{}]", text):
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0
    return depth == 0


@pytest.mark.parametrize("form", ["latex", "markdown"])
@pytest.mark.parametrize("detail", [1, 2, 3])
def test_braces_environments_and_brackets_balance(derivation, form, detail):
    text = render(derivation, form, detail=detail)
    assert balanced(text)
    opened = re.findall(r"\\(begin|end)\{(\w+)\}", text)
    stack = []
    for kind, name in opened:
        assert kind == "begin" or stack.pop() == name
        if kind == "begin":
            stack.append(name)
    assert not stack
    assert len(re.findall(r"\\left[\[(|]", text)) == len(re.findall(r"\\right[\])|]", text))
    assert text.replace(r"\$", "").count("$") % 2 == 0


def test_no_name_has_two_superscripts(derivation):
    """`a^{(1)}^{\\top}` does not compile."""
    for form in ("latex", "markdown"):
        assert not re.search(r"\^\{[^{}]*\}\^", render(derivation, form, detail=3))


def test_a_fragment_is_the_body_of_the_document(derived):
    whole, part = latex(derived("dense")), latex(derived("dense"), standalone=False)
    assert part in whole
    assert r"\documentclass" in whole
    assert r"\documentclass" not in part


def test_derivatives_of_a_scalar_are_fractions(derived):
    text = latex(derived("softmax_cross_entropy"))
    assert r"\frac{\partial L}{\partial z_{i,c}} &= \frac{p_{i,c} - y_{i,c}}{m}" in text
    assert r"\frac{\partial L}{\partial z} &= (p - y)/m" in text


def test_a_general_cotangent_is_a_bar(derived):
    text = latex(derived("dense"))
    assert r"\bar{W} &= X^{\top}\, \bar{Z}" in text
    assert r"$\bar{X}$ stands for $\partial \ell / \partial X$, and $\bar{Z}$ is given" in text


def test_special_characters_in_titles_are_escaped(derived):
    text = latex(derived('"""50% of a_b & more."""\ngiven x\ny = x**2'))
    assert r"\section*{50\% of a\_b \& more}" in text


def test_markdown_has_a_heading_for_each_part(derived):
    text = render(derived("mse"), "markdown")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Mean squared error",
        "## Given",
        "### Adjoint of $p$",
        "### Adjoint of $y$",
        "## Results",
    ]


@pytest.mark.skipif(which("pdflatex") is None, reason="no TeX is installed")
@pytest.mark.parametrize("detail", [1, 3])
def test_every_entry_compiles(detail, derived, tmp_path):
    """One document with every entry of the catalogue, with shapes and memory: no line or page runs over its edge."""
    asked = {"detail": detail, "standalone": False, "extras": Extras(shapes=True, memory=True)}
    body = "\n".join(latex(derived(name), **asked) for name in catalogue.names())
    (tmp_path / "all.tex").write_text(f"{PREAMBLE}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 0
    over = [(box, float(by)) for box, by in re.findall(r"Overfull \\([hv]box) \(([\d.]+)pt", done.stdout)]
    assert not [found for found in over if found[0] == "vbox" or found[1] > 1], over


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("σ is the function sigmoid", r"$\sigma$ is the function sigmoid"),
        ("in ŷ and a_1", r"in $\hat{y}$ and a\_1"),
        ("n ≥ 1", r"n $\geq$ 1"),
        ("Gauß, Señor, Poincaré", "Gauß, Señor, Poincaré"),
    ],
)
def test_text_has_no_letter_that_a_document_does_not_know(text, written):
    assert escaped(text) == written


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_a_formula_as_it_was_typed_is_code_and_prose_is_not(derived, form):
    typed = derived('"""Line 3.\nz = w_1 x."""\ngiven w, x\nz = w*x')
    assert ("`z = w_1 x.`" if form == "markdown" else r"\texttt{z = w\_1 x.}") in render(typed, form)
    assert "\nBridle (1990)" in render(derived("softmax"), form)


SCAN = "given x[T], h0\nstart h[-1] = h0\nh[t] = h[t-1]*x[t]"


def test_sums_beside_fixed_rows_count_from_zero(derived):
    """Rows -1 and T-1 and [t+1 < T] are counted from 0: a sum from 1 beside them would leave an entry out."""
    text = "given x[T], A[K], p\nstart h[-1] = p\nh[t] = h[t-1]*x[t]*sum[k] A[k]\nL = h[T-1]"
    page = render(derived(text), "latex")
    assert r"\sum_{k=0}^{K-1}" in page
    assert r"\sum_{t=0}^{T-1}" in page
    assert "=1}" not in page


def test_sums_count_from_one_where_nothing_speaks_against_it(derived):
    page = render(derived("given z[m, C]\nL = 1/m*sum[i,c] z[i,c]**2"), "latex")
    assert r"\sum_{i=1}^{m}\sum_{c=1}^{C}" in page


@pytest.mark.parametrize("form", ["plain", "latex", "markdown", "json"])
def test_the_adjoint_of_a_start_row_reads_as_row_minus_one(derived, form):
    page = render(derived(SCAN), form)
    assert "@" not in page
    if form == "plain":
        assert "∂h₀ = ∂⁺h[−1]" in page
    if form == "latex":
        assert r"\bar{h}^{(0)} &= \dot{\bar{h}}_{-1}" in page


def test_a_named_argument_bears_its_label_above(derived):
    page = render(derived("given x[D], y\nparam w[D], b\na = softplus(sum[d] x[d]*w[d] + b)\nL = (a - y)**2"), "latex")
    assert r"a^{(\text{pre})} &= \sum_{d=1}^{D} x_d w_d + b" in page
    assert r"\frac{\partial L}{\partial a^{(\text{pre})}}" in page
    assert "pre\\_" not in page
