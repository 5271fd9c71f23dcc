"""`gradproof verify` and `gradproof kernels`: verdicts, their table, their exit statuses."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest


def test_kernels_are_a_module(run):
    status, out, err = run("kernels", "softmax_cross_entropy", "--dtype", "float64")
    assert (status, err) == (0, "")
    compile(out, "kernels.py", "exec")
    assert "numba" in out
    assert "gradproof" not in re.sub(r'#.*|"""[\s\S]*?"""', "", out)


def test_verify_of_an_entry_is_right(run):
    status, out, _ = run("verify", "sigmoid")
    assert status == 0
    assert "right" in out


BROKEN = r"""# Notes

$$
a = \frac{b}{2
$$

$$
c = 2 d
$$
"""


@pytest.mark.parametrize("verb", ["derive", "verify"])
def test_one_bad_equation_is_reported_and_the_others_are_done(run, verb):
    Path("notes.md").write_text(BROKEN)
    status, out, err = run(verb, "notes.md")
    assert status == 2
    assert "notes.md:4:" in err
    assert "^" in err
    assert "d_d" in out or "∂c/∂d" in out
    assert "not derived" in out if verb == "derive" else "not read" in out
    first = re.match(r"error: (.*)", err).group(1)
    assert first in out
    assert err.count(first) == 1


def test_kernels_of_a_page_with_a_bad_equation_leave_no_file(run):
    Path("notes.md").write_text(BROKEN)
    status, out, err = run("kernels", "notes.md", "-o", "kernels.py")
    assert (status, out) == (2, "")
    assert "notes.md:4:" in err
    assert not Path("kernels.py").exists()


def test_a_wrong_derivation_is_told_and_ends_with_1(run, monkeypatch):
    from gradproof.commands import judge
    from gradproof.verify import mutants

    def mistaken(*args):
        derivation = derivation_of(*args)
        return replace(derivation, backward=mutants(derivation.backward)[0].system)

    derivation_of = judge.derivation_of
    monkeypatch.setattr(judge, "derivation_of", mistaken)
    status, out, _ = run("verify", "sigmoid")
    assert status == 1
    assert "wrong" in out


def test_a_wrong_kernel_is_told_and_ends_with_1(run, monkeypatch):
    from gradproof.commands import judge

    monkeypatch.setattr(judge, "fused_kernel", lambda *_: lambda **named: {"d_z": named["d_a"]})
    status, out, _ = run("verify", "sigmoid")
    assert status == 1
    assert "float32 kernel" in out


def test_a_missing_kernel_leaves_it_undecided_with_3(run, monkeypatch):
    from gradproof.commands import judge
    from gradproof.errors import NotYet

    def none(*_):
        raise NotYet("no kernel for this")

    monkeypatch.setattr(judge, "fused_kernel", none)
    status, out, _ = run("verify", "sigmoid")
    assert status == 3
    assert "no kernel for this" in out
    assert "undecided" in out


@pytest.mark.parametrize("form", ["plain", "terminal", "markdown", "json"])
def test_the_table_in_every_format(run, form):
    status, out, _ = run("verify", "sgd", "--format", form)
    assert status == 0
    assert "d_w[j] = sum[i] X[i,j]*d_p[i]" in out
    assert "w[j] := w[j] - alpha*sum[i] X[i,j]*d_p[i]" in out
    assert ("\x1b" in out) == (form == "terminal")


def test_the_table_tells_the_adjoints_that_gradients_are_written_with(run):
    status, out, _ = run("verify", "sgd")
    assert status == 0
    assert "    let d_p[i] = 2*(p[i] - y[i])/m\n    d_w[j] = sum[i] X[i,j]*d_p[i] " in out
    assert "let `d_p[i] = 2*(p[i] - y[i])/m`" in run("verify", "sgd", "--format", "markdown")[1]
    [record] = json.loads(run("verify", "sgd", "--format", "json")[1])["equations"]
    assert record["between"] == ["d_p[i] = 2*(p[i] - y[i])/m"]


def test_the_json_of_the_table_is_documented(run):
    told = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    table = json.loads(run("verify", "sgd", "--format", "json")[1])
    for record in (table, *table["equations"], *table["equations"][0]["rows"]):
        assert [key for key in record if f"`{key}`" not in told] == []


#: Gradients and a claim that are too long for a narrow column. The whole of examples/notes.md is what
#: the gate begins with; its kernels take a minute to compile.
PAGE = r"""where w in R^{n}, x in R^{m x n}

$$
z_i = \mathbf{w}^\top \mathbf{x}_i + b
$$

$$
\frac{\partial z_i}{\partial w_j} = \frac{1}{3} (x_{ij} + x_{ij} + x_{ij}) + \frac{1}{5} (b - b)
$$
"""


@pytest.mark.parametrize("width", ["50", "80", "120"])
def test_an_equation_that_is_too_long_for_its_column_has_a_line_of_its_own(run, width):
    Path("notes.md").write_text(PAGE)
    status, out, _ = run("verify", "notes.md", "--width", width)
    assert status == 0
    assert max(map(len, out.splitlines())) <= int(width)
    assert re.search(r"d_w\[j\] = sum\[i\] x\[i,j\]\*d_z\[i\]\s+certified", out)
    alone = "    d_w[j] = sum[i] x[i,j]*d_z[i]" in map(str.rstrip, out.splitlines())
    assert alone == (width == "50")


GIVEN_GRADIENT = r"""where w in R^n

$$
w_j := w_j - \alpha \frac{\partial \text{Loss}}{\partial w_j}
$$
"""


@pytest.mark.parametrize("form", ["plain", "markdown", "json"])
def test_the_table_tells_where_a_gradient_comes_in(run, form):
    Path("notes.md").write_text(GIVEN_GRADIENT)
    status, out, _ = run("verify", "notes.md", "--format", form)
    assert status == 0
    assert "Loss is not defined on this page: the gradient comes in as dLoss_dw" in out
    assert "Derivations:" not in out


def test_the_table_fits_the_screen_and_ascii(run):
    Path("notes.md").write_text(PAGE)
    status, out, _ = run("verify", "notes.md", "--width", "80", "--ascii")
    assert status == 0
    assert out.isascii()
    assert max(map(len, out.splitlines())) <= 80
    assert "wrong" not in out


USE = """
import sys
import numpy as np
import kernels

rng = np.random.default_rng(0)
x, w, t = rng.normal(size=(5, 3)), rng.normal(size=3), np.array([0.0, 1, 1, 0, 1])
found = kernels.Loss_chain_fused(w=w, x=x, b=0.5, t=t)
p = 1 / (1 + np.exp(-(x @ w + 0.5)))
np.testing.assert_allclose(found["d_w"], x.T @ (p - t) / 5, rtol=1e-13)
np.testing.assert_allclose(found["Loss"], -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)), rtol=1e-13)
assert not {"gradproof", "sympy", "lark", "flint"} & set(sys.modules)
"""


def test_the_kernels_of_the_notes_need_numpy_and_numba_alone(run):
    notes = Path(__file__).parents[2] / "examples" / "notes.md"
    status, out, err = run("kernels", notes, "--dtype", "float64", "-o", "kernels.py")
    note = f"note: lines 45, 65 hold claims, which `gradproof verify {notes}` judges\n"
    assert (status, out, err) == (0, "", note)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("second", "status", "text"),
    [
        ("y = 2*sigmoid(2*x) - 1", 0, "proved for all sizes"),
        ("y = sigmoid(x)", 1, "refuted by a counterexample"),
        ("y = tanh(q)", 2, "reads q, which the first does not have"),
        ("y = log(-x**2)", 3, "Undecided"),
    ],
)
def test_a_comparison_says_so_by_its_status(run, second, status, text):
    ended, out, err = run("derive", "y = tanh(x)", "--compare", second)
    assert ended == status
    assert text in out + err


def test_a_backward_pass_in_a_file_is_compared(run, tmp_path):
    (tmp_path / "paper.eqs").write_text("given X[m, n], w[n], g[m]\nd_w[j] = sum[i] X[i,j]*g[i]\n")
    status, out, _ = run(
        "derive", "y[i] = sum[j] X[i,j]*w[j]", "--compare", "paper.eqs", "--rename", "g=d_y", "--format", "json"
    )
    assert status == 0
    assert json.loads(out)["pairs"][0] == {
        "name": "d_w",
        "second": "d_w",
        "verdict": "proved",
        "assumptions": [],
        "reason": "",
        "induction": [],
    }


#: Six equations, the last of which cannot be read.
MANY = "\n\n".join(
    f"$$\n{line}\n$$"
    for line in ("a = 2 x", "b = 3 a + 1", "c = a b", "d = c - a", "e = x + d", "f = e + 1", "g = \\frac{1")
)


@pytest.mark.slow
def test_verdicts_do_not_depend_on_the_number_of_processes(run):
    Path("notes.md").write_text(MANY)
    status, out, err = run("verify", "notes.md", "--jobs", "1")
    assert status == 2
    assert err.count("error: ") == 1
    assert (status, out, err) == run("verify", "notes.md", "--jobs", "2")
