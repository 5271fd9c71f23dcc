"""The report: plain text, rich, JSON with its documented schema, figures, the line that repeats it."""

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import gradproof as gp
from gradproof.errors import InputError
from gradproof.verify.pictures import error_levels, fall_of, maps_of

DOCS = Path(__file__).parents[2] / "docs" / "report.md"
RNG = np.random.default_rng(4)
X, W = RNG.normal(size=(3, 5)), RNG.normal(size=(6, 5))


def energy(w):
    return np.sum(np.tanh(w @ X.T) ** 2)


def energy_grad(w):
    t = np.tanh(w @ X.T)
    return 2 * (t * (1 - t**2)) @ X


def row_off(w):
    g = energy_grad(w)
    g[2] *= 1.01
    g[4, 1:3] = 0.0
    return g


@pytest.fixture(scope="module")
def wrong():
    return gp.check(energy, row_off, [W])


def test_plain_text_has_everything_without_colour(wrong):
    text = str(wrong)
    assert text.startswith("gradient wrong (certified): 7 entries differ, the worst in w\n")
    assert re.search(r"w\[4, 1\]: claimed 0, expected \S+ ± \S+, off by 100 %", text)
    assert "error of w [6 x 5]:\n    .....\n    .....\n    #####\n    .....\n    .@@..\n    .....\n" in text
    assert "Taylor remainder falls as h^1.0 (right: h^2)" in text
    assert "again: gp.check(energy, row_off, [w], seed=0)" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines()[1:])) <= 130


def two_layers(a, b, c, d, s):
    return np.sum(a**2) + np.sum(b**3) + np.sum(c**2) + np.sum(d**2) + s**2


def all_off(a, b, c, d, s):
    nearly = 2 * a
    nearly[0, 0] *= 1 + 1e-5
    return nearly, 1.3 * b**2, 2.001 * c, -d, 3 * s


def test_the_two_worst_inputs_are_drawn_and_the_others_counted():
    report = gp.check(two_layers, all_off, [RNG.normal(size=s) for s in [(2, 3), (2, 2), 12, (3, 2), ()]])
    assert [title for title, _ in maps_of(report)] == ["d [3 x 2]", "b [2 x 2]"]
    assert [title for title, _ in maps_of(report, 9)] == ["d [3 x 2]", "b [2 x 2]", "c [12]", "a [2 x 3]"]
    text = str(report)
    assert text.count("error of") == 2
    assert text.count(". right  - below 1e-6") == 1
    others = re.search(r"\n  3 more inputs are wrong: (.*)\n", text)
    assert others is not None
    assert sorted(others[1].split(", ")) == ["a", "c", "s"]
    sink = io.StringIO()
    Console(width=80, file=sink).print(report)
    assert others[0] in sink.getvalue()
    assert all(line.startswith("  ") for line in sink.getvalue().splitlines()[1:])


def test_nothing_is_counted_where_all_are_drawn(wrong):
    assert "more input" not in str(wrong)


def test_rich_prints_the_same_facts(wrong):
    sink = io.StringIO()
    Console(width=100, force_terminal=True, color_system="truecolor", file=sink).print(wrong)
    text = re.sub(r"\x1b\[[\d;]*m", "", sink.getvalue())
    for part in ("gradient wrong (certified)", "w[4, 1]", "error of w [6 x 5]", "Taylor remainder", "7 entries"):
        assert part in text
    assert "\x1b[1;31mgradient wrong" in sink.getvalue()
    assert sink.getvalue().count("\x1b[41m") == 3  # two wrong entries, and the legend


def test_a_right_gradient_falls_as_the_square():
    report = gp.check(energy, energy_grad, [W])
    assert report.verdict == "right"
    assert abs(fall_of(report.taylor) - 2) < 0.2
    assert "Taylor" not in str(report)  # quiet where all is well


def test_levels_of_error():
    expected = np.array([[1.0, 2.0, 1e-14], [3.0, np.nan, 1.0]])
    claimed = np.array([[1.0, 2.0 * (1 + 1e-4), 2e-14], [-3.0, 0.0, 1 + 1e-7]])
    assert error_levels(claimed, expected).tolist() == [[0, 2, 0], [4, -1, 1]]


# ------------------------------------------------------------ data


def documented(heading):
    rows = re.split(r"\n\| key.*\|\n\|---\|---\|\n", DOCS.read_text())[heading].split("\n\n")[0]
    return {key for row in rows.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_the_schema_is_the_documented_one(wrong):
    data = wrong.to_dict()
    assert set(data) == documented(1)
    assert set(data["findings"][0]) == documented(2)
    assert set(data["taylor"][0]) == {"step", "zeroth", "first"}
    assert json.loads(wrong.to_json()) == json.loads(json.dumps(data))
    assert (data["format"], data["version"]) == ("gradproof-report", 1)


def test_the_arrays_are_there_for_a_wrong_gradient(wrong):
    claimed, expected = wrong.gradients["w"]
    assert np.array_equal(claimed, row_off(W))
    assert np.allclose(expected, energy_grad(W), rtol=1e-9)


# ------------------------------------------------------------ figures


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_figures(wrong, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"report.{suffix}"
    wrong.plot(path)
    assert path.stat().st_size > 5000
    if suffix == "svg":
        first = path.read_text()
        wrong.plot(path)
        assert path.read_text() == first


def test_a_figure_without_matplotlib_says_what_to_install(wrong, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"matplotlib is not installed(.|\n)*pip install"):
        wrong.plot(tmp_path / "report.svg")
    with pytest.raises(InputError, match=r"report.txt(.|\n)*\.svg, \.png, \.pdf"):
        wrong.plot(tmp_path / "report.txt")


# ------------------------------------------------------------ again


def test_the_same_line_gives_the_same_report(wrong):
    assert wrong.again == "gp.check(energy, row_off, [w], seed=0)"
    assert gp.check(energy, row_off, [W], seed=0).to_dict() == wrong.to_dict()
    options = {"seed": 3, "exact": False, "wrt": ["w"], "rtol": 1e-6}
    again = gp.check(lambda w: w.sum(), None, [W], jac=lambda w: 1 + 0 * w, **options).again
    assert again == "gp.check(f, None, [w], jac=jac, wrt=['w'], seed=3, rtol=1e-06, exact=False)"


def test_what_was_not_checked_is_said():
    report = gp.check(lambda x, w: np.sum(x * w), lambda x, w: x, [X, X], wrt=["w"], rtol=1e-3)
    assert report.unchecked == ("derivatives for x", "relative errors of an entry below 0.001 (rtol)")
    assert "not checked: derivatives for x" in str(report)
