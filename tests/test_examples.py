import html
import json
import re
import runpy
import sys
from pathlib import Path

import pytest

import gradproof as gp
from gradproof import cli
from gradproof.verify import verify_system
from gradproof.verify.claims import judge_claims

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.eqs")), ids=lambda path: path.stem)
def test_each_system_is_right(path):
    rows = verify_system(gp.load(path))
    assert rows
    assert {row.verdict for row in rows} == {"right"}


def test_every_equation_of_the_notes_is_read():
    page = gp.read_document(EXAMPLES / "notes.md")
    assert [entry.error for entry in page.entries if entry.error] == []
    outputs = [entry.output for entry in page.entries if entry.system]
    assert outputs == ["z", "a", "σ", "ReLU", "Tanh", "p", "Loss", "w", "b", "S", "q", "L", "MSE"]


def test_the_notes_chain_from_loss_to_weight():
    chain = gp.read_document(EXAMPLES / "notes.md").chain("Loss")
    assert [equation.name for equation in chain.definitions] == ["z", "p", "Loss"]
    derivation = gp.derive(chain, of="Loss", wrt="w")
    assert str(derivation.gradients["w"]) == "d_w[j] = 1/m * sum[i] x[i,j]*(p[i] - t[i])"


def test_what_the_notes_state_is_right():
    found = judge_claims(gp.read_document(EXAMPLES / "notes.md").claims)
    assert [(one.line, one.verdict) for one in found] == [(45, "right"), (65, "right")]
    assert {step.strength for one in found for step in one.steps} == {"proved"}


def test_the_wrong_line_is_found():
    found = judge_claims(gp.read_document(EXAMPLES / "wrong_line.md").claims)
    wrong = [step for one in found for step in one.steps if step.verdict != "right"]
    assert [step.line for step in wrong] == [45]
    assert wrong[0].causes == ("the factor 1/m is missing",)
    assert wrong[0].correct == r"\lambda w_j + \frac{1}{m} \sum_{i=1}^{m} (p_i - y_i) x_{ij}"
    assert wrong[0].values is not None


def test_the_picture_of_the_wrong_line_is_what_is_reported():
    picture = runpy.run_path(str(EXAMPLES.parent / "docs" / "wrong_line.py"))
    shown = re.findall(r"<text[^>]*>([^<]*)</text>", picture["PICTURE"].read_text(encoding="utf-8"))
    words = " ".join(html.unescape(line) for line in shown).split()
    printed = re.sub(r"\x1b\[[\d;]*m", "", picture["report"]()).split()
    assert words[-len(printed) :] == printed, "run: python docs/wrong_line.py"


def test_the_handwritten_gradients_are_judged(capsys):
    runpy.run_path(str(EXAMPLES / "handwritten.py"), run_name="__main__")
    right, _, wrong = capsys.readouterr().out.partition("\n\n")
    assert right.startswith("gradient right (certified)")
    assert wrong.startswith("gradient wrong (certified)")
    assert "b: claimed" in wrong


def judged(capsys, monkeypatch, name, *options):
    """What `gradproof verify` says of an example: its exit status, and each pair's record by name."""
    path = EXAMPLES / "by_hand" / name
    monkeypatch.setattr(sys, "argv", ["gradproof", "verify", str(path), "--format", "json", *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    record = json.loads(capsys.readouterr().out)
    return ended.value.code, {pair["name"]: pair for pair in record["pairs"]}


def wrong_inputs(pair):
    return set(pair["report"]["wrong"])


def test_the_lstm_is_wrong_before_the_last_step(capsys, monkeypatch):
    status, found = judged(capsys, monkeypatch, "lstm.py")
    report = found["lstm"]["report"]
    assert (status, report["verdict"], report["strength"]) == (1, "wrong", "certified")
    assert found["lstm"]["inputs"].startswith("made from the stated shapes: x [3, 4, 5], h0 [4, 2]")
    assert wrong_inputs(found["lstm"]) == {"x", "h0", "c0", "U", "W", "b"}
    assert {index[0] for index in report["wrong"]["x"]} == {0, 1}
    assert "`c = f * c_before + i * g`" in report["diagnosis"][0]["text"]


@pytest.mark.slow
def test_beside_the_catalogues_lstm_the_mistake_has_an_equation(capsys, monkeypatch):
    _, found = judged(capsys, monkeypatch, "lstm.py", "--against", "lstm")
    (cause,) = found["lstm"]["report"]["diagnosis"]
    assert "d_c[t,n,k]: the factor f[t+1,n,k] is missing" in cause["text"]


def test_the_softmax_sums_over_the_wrong_axis(capsys, monkeypatch):
    status, found = judged(capsys, monkeypatch, "softmax.py")
    assert status == 1
    assert [(n, p["verdict"], p["report"]["strength"]) for n, p in found.items()] == [
        ("cross_entropy", "right", "certified"),
        ("softmax", "wrong", "certified"),
    ]
    (cause,) = found["softmax"]["report"]["diagnosis"]
    assert cause["kind"] == "broadcast"
    assert "a sum runs over axis 0, where it runs over axis 1 in f, at `p = e / e.sum(axis=1" in cause["text"]


def test_the_torch_function_lacks_a_term(capsys, monkeypatch):
    pytest.importorskip("torch")
    status, found = judged(capsys, monkeypatch, "swish.py")
    assert status == 1
    assert {name: pair["verdict"] for name, pair in found.items()} == {"Swish": "wrong", "SwishBeta": "right"}
    assert wrong_inputs(found["Swish"]) == {"x"}
    assert "x·σ'(x), without σ(x), for the derivative of silu" in found["Swish"]["report"]["diagnosis"][0]["text"]


@pytest.mark.parametrize(("name", "line"), [("lstm", 19), ("softmax", 33), ("swish", 17), ("convolution", 17)])
def test_each_report_has_its_picture(name, line):
    text = (EXAMPLES.parent / "docs" / f"by_hand_{name}.svg").read_text(encoding="utf-8")
    shown = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", text))).replace("\N{NO-BREAK SPACE}", " ")
    assert f"line {line}, {name.replace('swish', 'Swish').replace('convolution', 'convolve')}" in shown
    assert "gradient wrong" in shown


@pytest.mark.slow
def test_the_numba_kernel_is_wrong_at_its_edge(capsys, monkeypatch):
    status, found = judged(capsys, monkeypatch, "convolution.py")
    report = found["convolve"]["report"]
    assert (status, report["verdict"], report["strength"]) == (1, "wrong", "certified")
    assert report["wrong"] == {"x": [[6], [7], [8]], "w": [[0], [1], [2]]}
    (cause,) = report["diagnosis"]
    assert cause["text"].startswith("the last entry of the upstream gradient is left out, as by a loop that ends")
