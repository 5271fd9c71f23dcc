"""Where the command line writes: files, pipes, screens without Unicode, full disks, interruptions."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.support import NOTES, start


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


def test_other_encodings_are_read_with_a_warning(run):
    Path("notes.md").write_bytes(NOTES.replace("and", "\x96 and").encode("latin-1").replace(b"\n", b"\r\n"))
    status, out, err = run("derive", "notes.md")
    assert status == 0
    assert out
    assert err.startswith("warning: notes.md is not UTF-8 (byte 0x96 in line 9)")


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
