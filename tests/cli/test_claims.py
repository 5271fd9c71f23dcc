"""`gradproof verify notes.md` on pages that state something: the table, the reports, the exit status, JSON."""

import json
import sys
from pathlib import Path

import pytest

from gradproof import cli

NEURON = r"""# Notes

$$z = w x + b$$

$$E = \frac{1}{2} (z - t)^2$$

"""
RIGHT = r"$$\frac{\partial E}{\partial w} = (z - t) x$$" + "\n"
WRONG = r"$$\frac{\partial E}{\partial b} = t - z$$" + "\n"
OPEN = r"$$\frac{\partial F}{\partial b} = z - t$$" + "\n"


@pytest.fixture
def run(run):
    def call(text, *words, verb="verify"):
        Path("notes.md").write_text(NEURON + text)
        return run(verb, "notes.md", *words)

    return call


@pytest.mark.parametrize(("text", "status"), [(RIGHT, 0), (WRONG, 1), (OPEN, 3), (WRONG + "\n" + OPEN, 1)])
def test_the_status_says_what_became_of_the_claims(run, text, status):
    assert run(text, "--format", "json")[0] == status


def test_the_table_has_a_row_and_the_report_a_caret_the_numbers_and_the_correct_line(run):
    _, out, err = run(f"{RIGHT}\n{WRONG}")
    assert err == ""
    assert r"line 7: \frac{\partial E}{\partial w}" in out
    row = next(line for line in out.splitlines() if "= (z - t) x" in line)
    assert row.split()[-2:] == ["proved", "right"]
    report = out[out.index("line 9: wrong") :]
    caret = report.splitlines()[3]
    assert caret.strip() == "^^^^^"
    for part in (
        "The sign is wrong.",
        "true ",
        "claimed ",
        r"Correct: \frac{\partial E}{\partial b} = z - t",
        "Judged by",
    ):
        assert part in report
    assert "5 right, 1 wrong." not in out.split("line 9: wrong")[0]


def test_markdown_and_ascii(run):
    status, out, _ = run(WRONG, "--format", "markdown")
    assert status == 1
    assert "```text\n  line 7: wrong" in out
    _, out, _ = run(WRONG, "--ascii")
    assert out.isascii()


def test_json_has_the_claims(run):
    _, out, _ = run(f"{RIGHT}\n{WRONG}", "--format", "json")
    claims = json.loads(out)["claims"]
    assert [(c["line"], c["verdict"]) for c in claims] == [(7, "right"), (9, "wrong")]
    step = claims[1]["steps"][0]
    assert set(step) == {
        "line", "left", "right", "verdict", "strength", "reason", "used", "counterexample", "correct", "notation",
        "causes", "notes", "readings",
    }  # fmt: skip
    assert step["causes"] == ["the sign is wrong"]
    assert step["used"] == [{"name": "z", "line": 3}, {"name": "E", "line": 5}]
    assert float(step["counterexample"]["expected"]) == pytest.approx(-float(step["counterexample"]["claimed"]))


def test_a_page_without_claims_has_none(run):
    assert "claims" not in json.loads(run("", "--format", "json")[1])


def test_derive_and_kernels_leave_claims_alone(run):
    status, out, err = run(RIGHT, "--of", "E", verb="derive")
    assert status == 0
    assert "∂E" in out or "E" in out
    assert err == "note: line 7 holds a claim, which `gradproof verify notes.md` judges\n"


def test_a_page_of_claims_alone(tmp_path, monkeypatch, capsys):
    page = tmp_path / "alone.md"
    page.write_text("$$\\frac{d}{dx} x^2 = 2x$$\n")
    monkeypatch.setattr(sys, "argv", ["gradproof", "verify", str(page)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "1 right." in capsys.readouterr().out
