"""The command line as a user meets it: what it says, where, and with which exit status."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gradproof import __version__, cli

NOTES = r"""# Notes

The sigmoid is

$$
\sigma(z) = \frac{1}{1 + e^{-z}}
$$

and the loss is

\[
\text{MSE} = \frac{1}{m} \sum_{i=1}^{m} (y_i - \hat{y}_i)^2
\]
"""


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs the command line in a folder of its own; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["gradproof", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


def start(*arguments, **options):
    """Start the command line as a process of its own."""
    command = [sys.executable, "-m", "gradproof", *map(str, arguments)]
    path = os.pathsep.join([str(Path(cli.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )


def test_help_names_the_verbs_and_the_exit_statuses(run):
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    for word in ("derive", "kernels", "verify", "list", "0 right, 1 wrong, 2 bad input, 3 undecided"):
        assert word in out


@pytest.mark.parametrize("verb", ["derive", "kernels", "verify", "list"])
def test_each_verb_has_help_with_examples(run, verb):
    status, out, _ = run(verb, "--help")
    assert status == 0
    assert re.search(rf"Examples:\n(    gradproof {verb}.*\n)+", out)


def test_version(run):
    assert run("--version") == (0, f"gradproof {__version__}\n", "")


def test_a_narrow_list_fits(run):
    status, out, _ = run("list", "--width", "40")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 40
    assert "\nsoftmax\n    Softmax of each row\n    given z[m, C]\n" in out


def test_list_shows_every_entry_with_its_sizes(run):
    status, out, _ = run("list", "--width", "80")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert re.search(r"^softmax +Softmax of each row\n +given z\[m, C\]$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derve", "softmax"], "Did you mean 'derive'?"),
        (["derive", "softmax", "--forma", "plain"], "--format"),
        (["derive", "softmax", "--format", "plan"], "'terminal', 'plain', 'latex', 'markdown', 'json', 'html', 'eqs'"),
        (["derive", "softmax", "--format", "latx"], "Did you mean 'latex'?"),
        (["derive", "softmax", "--detail", "4"], "1<=x<=3"),
        (["derive"], "Missing argument 'SUBJECT'"),
        (["verify", "softmax", "--seed", "-1"], "x>=0"),
        (["derive", "softmax", "--wrt", ""], "--wrt '' holds an empty name"),
        (["derive", "softmax", "--of", "p,,"], "--of 'p,,' holds an empty name"),
    ],
)
def test_wrong_usage_says_what_is_right(run, arguments, message):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("verb", ["derive", "kernels", "verify"])
@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("sofmax", "did you mean softmax"),
        ("zzz", "`gradproof list` shows the catalogue"),
        ("note.md", "did you mean notes.md"),
        ("softmax.eqs", "did you mean the catalogue's softmax?"),
        ("picture.png", "expected: .eqs, or a page"),
        ("binary.md", "not a text file"),
        ("empty.md", "is empty"),
        ("comment.eqs", "comment.eqs has no equation"),
        ("given.eqs", "given.eqs has no equation"),
        ("", "the subject is empty\n  expected: a catalogue name"),
        (" ", "the subject is empty"),
        ("prose.md", "$$ ... $$"),
        (".", "is a folder"),
        ("sigmoid(z)", "help: an equation has a left side, as in 'y = tanh(x)'"),
        (r"\frac{1}{2}", "help: an equation has a left side"),
    ],
)
def test_a_subject_that_cannot_be_used(run, verb, subject, message):
    Path("notes.md").write_text(NOTES)
    Path("binary.md").write_bytes(b"\x7fELF\0\0")
    Path("picture.png").write_bytes(b"text")
    Path("empty.md").write_bytes(b"")
    Path("comment.eqs").write_text("# nothing but this\n")
    Path("given.eqs").write_text("given x\n")
    Path("prose.md").write_text("# Prose\n\nNo equation here, but a price: $5 and $6.\n")
    status, out, err = run(verb, subject)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err


@pytest.mark.parametrize("text", ["y = sum[i x", "y = " + "(" * 10_000 + "x", "$$ y = \\frac{1}{2 $$"])
def test_an_equation_that_cannot_be_read_shows_the_place(run, text):
    begun = time.monotonic()
    status, _, err = run("derive", text)
    assert status == 2
    assert "^" in err
    assert time.monotonic() - begun < 10


def test_an_existing_output_is_refused_before_the_work(run):
    Path("out.py").write_text("precious")
    status, out, err = run("kernels", "no_such_thing", "-o", "out.py")
    assert (status, out) == (2, "")
    assert "out.py exists and is not overwritten" in err
    assert "--force" in err
    assert Path("out.py").read_text() == "precious"


def test_a_failed_run_leaves_no_file(run):
    status, _, _ = run("derive", "sofmax", "-o", "out.txt")
    assert status == 2
    assert not list(Path().iterdir())


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


def test_an_output_file_is_written_in_the_format_of_its_name(run):
    status, out, _ = run("derive", "sigmoid", "-o", "sigmoid.md")
    assert (status, out) == (0, "")
    assert Path("sigmoid.md").read_text() == run("derive", "sigmoid", "--format", "markdown")[1]
    assert run("derive", "sigmoid", "-o", "sigmoid.md")[0] == 2
    assert run("derive", "sigmoid", "-o", "sigmoid.md", "--force")[0] == 0
    assert [path.name for path in Path().iterdir()] == ["sigmoid.md"]


@pytest.mark.parametrize("verb", ["derive", "kernels", "verify"])
def test_a_dash_is_the_screen(run, verb):
    assert run(verb, "sigmoid", "-o", "-") == run(verb, "sigmoid")
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("verb", "name", "known"),
    [
        ("derive", "ng.foo", ".md, .markdown, .tex, .json, .html, .htm, .eqs, .txt"),
        ("verify", "ng.foo", ".md, .markdown, .json, .txt"),
        ("verify", "ng.tex", ".md, .markdown, .json, .txt"),
    ],
)
def test_a_file_of_an_unknown_kind_is_plain_and_says_so(run, verb, name, known):
    suffix = Path(name).suffix
    status, out, err = run(verb, "sigmoid", "-o", name)
    assert (status, out) == (0, "")
    assert err == f"note: {name} will hold plain text: no format is written to {suffix!r} files, only to {known}\n"
    assert Path(name).read_text() == run(verb, "sigmoid", "--format", "plain")[1]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.json", "json"),
        ("a.eqs", "eqs"),
        ("a.html", "html"),
        ("a.tex", "latex"),
        ("a.MD", "markdown"),
        ("a.txt", "plain"),
        ("a", "plain"),
    ],
)
def test_the_suffix_of_a_file_chooses_its_format(run, name, form):
    assert run("derive", "sigmoid", "-o", name) == (0, "", "")
    assert Path(name).read_text() == run("derive", "sigmoid", "--format", form)[1]


@pytest.mark.parametrize("arguments", [["derive", "sigmoid"], ["kernels", "sigmoid"], ["list"], ["--help"]])
def test_a_full_disk_is_told(arguments):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "gradproof", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (74, "error: cannot write: no space left on device\n")


@pytest.mark.parametrize(
    "arguments", [["derive", "notes.md", "--format", "json"], ["verify", "notes.md", "--format", "json"]]
)
def test_json_in_ascii_has_escapes(run, arguments):
    Path("notes.md").write_text(NOTES)
    status, out, _ = run(*arguments, "--ascii")
    assert status == 0
    assert out.isascii()
    assert json.loads(out) == json.loads(run(*arguments)[1])


def test_ascii_is_ascii(run):
    status, out, _ = run("derive", "softmax_cross_entropy", "--ascii")
    assert status == 0
    assert out.isascii()


def test_the_chain_goes_from_loss_to_weight(run):
    status, out, _ = run("derive", Path(__file__).parent.parent / "examples" / "notes.md", "--of", "Loss", "--wrt", "w")
    assert status == 0
    assert "∂Loss/∂w[j] = 1/m · Σ[i] x[i,j]·(p[i] − t[i])" in out


def test_an_unknown_name_in_wrt_gets_a_suggestion(run):
    status, _, err = run("derive", "mlp", "--wrt", "W3")
    assert status == 2
    assert "W3" in err
    assert "W1" in err


def test_other_encodings_are_read_with_a_warning(run):
    Path("notes.md").write_bytes(NOTES.replace("and", "\x96 and").encode("latin-1").replace(b"\n", b"\r\n"))
    status, out, err = run("derive", "notes.md")
    assert status == 0
    assert out
    assert err.startswith("warning: notes.md is not UTF-8 (byte 0x96 in line 9)")


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


def at_work(process):
    """Wait until the command runs: where the system shows it, until the compiler is loaded."""
    loaded = Path(f"/proc/{process.pid}/maps")
    for _ in range(600):
        time.sleep(0.05)
        if not loaded.exists() or "llvmlite" in loaded.read_text():
            break


def test_an_interruption_ends_with_130_and_no_file(tmp_path):
    process = start("verify", "mlp", "-o", tmp_path / "table.txt")
    at_work(process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_a_closed_pipe_is_no_failure_worth_a_traceback():
    with start("list") as process:
        process.stdout.close()
        err = process.stderr.read()
    assert "Traceback" not in err
    assert "error" not in err


@pytest.mark.parametrize("words", ["gradproof derive softmax_c", "gradproof verify softmax_c"])
def test_completion_offers_catalogue_names(words):
    environment = {"_GRADPROOF_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "2"}
    out, _ = start(env=environment).communicate(timeout=60)
    assert out.split() == ["plain,softmax_cross_entropy", "plain,softmax_cross_entropy_labels"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_printed(run, shell):
    status, out, _ = run("--completion", shell)
    assert status == 0
    assert "_GRADPROOF_COMPLETE" in out


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_light_commands_answer_at_once(arguments):
    """Under 150 ms of our own: processor time (the machine may be busy) less the interpreter's; best of five."""

    def best(command):
        times = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(times)

    ours = best([sys.executable, "-m", "gradproof", *arguments])
    assert ours - best([sys.executable, "-c", "pass"]) < 0.15


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
    told = (Path(__file__).parent.parent / "docs" / "json.md").read_text()
    table = json.loads(run("verify", "sgd", "--format", "json")[1])
    for record in (table, *table["equations"], *table["equations"][0]["rows"]):
        assert [key for key in record if f"`{key}`" not in told] == []


def test_the_json_of_a_derivation_is_documented():
    from gradproof.derive.render.json import SCHEMA

    told = (Path(__file__).parent.parent / "docs" / "json.md").read_text()
    assert [key for key in SCHEMA["properties"] if f"`{key}`" not in told] == []


@pytest.mark.parametrize("width", ["50", "80", "120"])
def test_an_equation_that_is_too_long_for_its_column_has_a_line_of_its_own(run, width):
    notes = Path(__file__).parent.parent / "examples" / "notes.md"
    status, out, _ = run("verify", notes, "--width", width)
    assert status == 0
    assert max(map(len, out.splitlines())) <= int(width)
    assert re.search(r"d_w\[j\] = sum\[i\] x\[i,j\]\*d_z\[i\]\s+certified", out)


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
    status, out, _ = run("verify", Path(__file__).parent.parent / "examples" / "notes.md", "--width", "80", "--ascii")
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
    notes = Path(__file__).parent.parent / "examples" / "notes.md"
    status, out, err = run("kernels", notes, "--dtype", "float64", "-o", "kernels.py")
    note = f"note: lines 45, 65 hold claims, which `gradproof verify {notes}` judges\n"
    assert (status, out, err) == (0, "", note)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


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


@pytest.mark.parametrize("arguments", [["derive"], ["verify"]])
def test_a_screen_without_unicode_gets_ascii(arguments, tmp_path):
    assert screen_without_unicode(arguments, tmp_path).isascii()


@pytest.mark.parametrize("arguments", [["derive", "--format", "json"], ["kernels"]])
def test_what_a_program_reads_is_utf_8_on_any_screen(arguments, tmp_path):
    assert "ŷ" in screen_without_unicode(arguments, tmp_path)


def screen_without_unicode(arguments, folder):
    (folder / "notes.md").write_text(NOTES)
    with start(*arguments, "notes.md", cwd=folder, env={"PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    return out


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


def test_a_renaming_must_rename(run):
    status, _, err = run("derive", "y = tanh(x)", "--compare", "z = x", "--rename", "z")
    assert (status, "--rename yhat=p" in err) == (2, True)


def test_a_stationary_point_is_shown(run):
    status, out, _ = run("derive", "V = p*log(D) + q*log(1 - D)", "--solve", "D", "--width", "120")
    assert status == 0
    assert "D = p/(p + q)" in out
    status, _, err = run("derive", "y = cos(x) + x", "--solve", "x")
    assert (status, "inside sin" in err) == (2, True)
