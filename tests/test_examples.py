import runpy
from pathlib import Path

import pytest

import gradproof as gp
from gradproof.verify import verify_system

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


def test_the_handwritten_gradients_are_judged(capsys):
    runpy.run_path(str(EXAMPLES / "handwritten.py"), run_name="__main__")
    right, _, wrong = capsys.readouterr().out.partition("\n\n")
    assert right.startswith("gradient right (certified)")
    assert wrong.startswith("gradient wrong (certified)")
    assert "b: claimed" in wrong
