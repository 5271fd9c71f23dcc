"""What the command line says of itself, and of wrong usage."""

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradproof import __version__
from tests.cli.support import NOTES, start


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


def test_an_unknown_name_in_wrt_gets_a_suggestion(run):
    status, _, err = run("derive", "mlp", "--wrt", "W3")
    assert status == 2
    assert "W3" in err
    assert "W1" in err


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


def test_a_renaming_must_rename(run):
    status, _, err = run("derive", "y = tanh(x)", "--compare", "z = x", "--rename", "z")
    assert (status, "--rename yhat=p" in err) == (2, True)
