"""`gradproof derive`: its pages, and which equations of a page it takes."""

import re
import sys
from pathlib import Path

import pytest

from tests.cli.support import NOTES


def test_derive_prints_plain_text_in_a_pipe(run):
    status, out, err = run("derive", "sigmoid")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert "chain rule" in out


@pytest.mark.parametrize("form", ["plain", "latex", "markdown", "html", "json", "terminal"])
def test_every_format_of_a_page_holds_every_equation(run, form):
    Path("notes.md").write_text(NOTES)
    status, out, _ = run("derive", "notes.md", "--format", form)
    assert status == 0
    for line in ("6", "12"):
        assert re.search(rf'[Ll]ine"?:? {line}\b', out)


def test_a_backward_pass_is_derived_again_from_standard_input(run, monkeypatch):
    import io

    text = run("derive", "dense", "--format", "eqs")[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, out, err = run("derive", "-", "--of", "d_W", "--wrt", "X", "--detail", 1)
    assert (status, err) == (0, "")
    assert "∂X[i,d] = Σ[c] d_Z[i,c]·∂d_W[d,c]" in out


def test_empty_standard_input_is_refused(run, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n")))
    assert run("derive", "-") == (2, "", "error: standard input is empty\n  expected: a text with equations\n")


def test_a_page_of_several_equations_is_no_one_text_in_the_notation(run):
    Path("notes.md").write_text(NOTES)
    status, out, err = run("derive", "notes.md", "--format", "eqs")
    assert (status, out) == (2, "")
    assert "one system, and 2 were derived" in err
    status, out, _ = run("derive", "notes.md", "--format", "eqs", "--of", "MSE")
    assert status == 0
    assert "# backward" in out


def test_shapes_and_memory_on_demand(run):
    out = run("derive", "softmax_cross_entropy", "--shapes", "--memory")[1]
    assert "m × C   (1)" in out
    assert "p (m × C): m·C numbers." in out


def test_the_chain_goes_from_loss_to_weight(run):
    status, out, _ = run("derive", Path(__file__).parents[2] / "examples" / "notes.md", "--of", "Loss", "--wrt", "w")
    assert status == 0
    assert "∂Loss/∂w[j] = 1/m · Σ[i] x[i,j]·(p[i] − t[i])" in out


def test_the_json_of_a_derivation_is_documented():
    from gradproof.derive.render.json import SCHEMA

    told = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    assert [key for key in SCHEMA["properties"] if f"`{key}`" not in told] == []


def test_wrt_on_a_page_picks_the_equations_that_read_it(run):
    Path("notes.md").write_text(NOTES)
    status, out, err = run("derive", "notes.md", "--wrt", "yhat", "--detail", "1")
    assert (status, err) == (0, "")
    assert "∂MSE/∂ŷ[i] = 2·(ŷ[i] − y[i])/m" in out
    assert "σ" not in out
    status, out, err = run("derive", "notes.md", "--wrt", "nothing")
    assert (status, out) == (2, "")
    assert "no equation of the page reads nothing" in err
    assert "expected: one of z, σ, y, ŷ, MSE" in err


CHAINS = (
    NOTES
    + r"""
$$
\hat{y}_i = \sigma(x_i)
$$

$$
\text{Cost} = \sum_{i=1}^{m} \hat{y}_i^2
$$
"""
)


def test_several_chains_of_a_page_are_derived_each(run):
    Path("notes.md").write_text(CHAINS)
    arguments = ("derive", "notes.md", "--of", "MSE,Cost", "--detail", "1")
    status, out, err = run(*arguments, "--wrt", "x,y")
    assert (status, err) == (0, "")
    assert "The derivative of MSE with respect to x and y." in out
    assert "The derivative of Cost with respect to x." in out
    status, _, err = run(*arguments, "--wrt", "x,nothing")
    assert status == 2
    assert "no equation of the page reads nothing\n" in err
    assert "the chain of MSE: there is no assumption named 'foo'" in run(*arguments, "--without", "foo")[2]


def test_a_stationary_point_is_shown(run):
    status, out, _ = run("derive", "V = p*log(D) + q*log(1 - D)", "--solve", "D", "--width", "120")
    assert status == 0
    assert "D = p/(p + q)" in out
    status, _, err = run("derive", "y = cos(x) + x", "--solve", "x")
    assert (status, "inside sin" in err) == (2, True)
