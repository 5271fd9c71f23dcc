"""The README cannot drift: its commands are the gate's, its examples run, its picture shows what a run prints."""

import doctest
import html
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from gradproof import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/gradproof verify examples/notes.md",
    'python3 -m venv .venv && .venv/bin/pip install ".[test]" && .venv/bin/python -m pytest -n auto',
]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_commands():
    """Return the commands of the examples, but for the one that the gate begins with: its kernels take a minute."""
    parts = [p.strip() for b in blocks("console") for p in re.split(r"^\$ ", b, flags=re.MULTILINE)[1:]]
    return [p for p in parts if not COMMANDS[0].endswith(p)]


def test_it_opens_with_the_picture_and_the_two_commands():
    opening = README.partition("\n## ")[0]
    assert [line.strip() for line in opening.splitlines() if "python3 -m venv" in line] == COMMANDS
    assert opening.index("docs/terminal.svg") < opening.index(COMMANDS[0])


def test_the_gate_runs_what_the_readme_says():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    words = re.findall(r"run_readme_command '(.*)'", gate)
    assert len(words) == len(COMMANDS)
    for word, command in zip(words, COMMANDS, strict=True):
        assert next(c for c in COMMANDS if word in c) == command


def test_python_examples():
    session = doctest.DocTestParser().get_doctest("".join(blocks("pycon")), {}, "README.md", "README.md", 0)
    assert len(session.examples) > 10
    assert doctest.DocTestRunner().run(session).failed == 0


@pytest.mark.parametrize("command", shell_commands(), ids=lambda command: command.splitlines()[0])
def test_shell_examples(command, tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    assert out or (tmp_path / "kernels.py").exists()


def test_the_system_shown_is_the_one_in_examples():
    shown = re.search(r'^    """Ridge regression.*?(?=\n\n)', README, re.MULTILINE | re.DOTALL).group(0)
    text = (ROOT / "examples" / "ridge.eqs").read_text(encoding="utf-8")
    assert [line.strip() for line in shown.splitlines()] == text.splitlines()


def test_the_picture_shows_what_a_run_prints():
    picture = runpy.run_path(str(ROOT / "docs" / "picture.py"))

    def words(svg):
        return [html.unescape(text).split() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]

    fresh = picture["drawn"](picture["recorded"]())
    assert words(picture["PICTURE"].read_text(encoding="utf-8")) == words(fresh), "run: python docs/picture.py"
