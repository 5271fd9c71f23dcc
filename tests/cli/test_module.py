"""`gradproof verify my_layer.py` as a user meets it."""

import json
from pathlib import Path

import pytest

GOOD = """
import numpy as np

gradproof_inputs = {"z": np.array([0.5, -1.0, 2.0])}

def loss(z):
    return np.sum(z**2)

def loss_grad(z):
    return 2 * z
"""
BAD = (
    GOOD
    + """
def cost(z):
    return np.mean(z**3)

def cost_grad(z):
    return 3 * z**2
"""
)
LACKING = (
    GOOD
    + """
def bend(q):
    return np.sum(q)

def bend_grad(q):
    return np.ones_like(q)
"""
)


def test_a_right_module_has_a_table_alone(run):
    Path("layer.py").write_text(GOOD)
    status, out, err = run("verify", "layer.py")
    assert (status, err) == (0, "")
    assert "loss, loss_grad" in out
    assert out.rstrip().endswith("1 right.")


def test_a_wrong_one_has_its_report_below(run):
    Path("layer.py").write_text(BAD)
    status, out, err = run("verify", "layer.py")
    assert (status, err) == (1, "")
    assert "line 12, cost\n  gradient wrong (certified)" in out
    assert "3 times too large" in out
    assert "gradproof verify layer.py --only cost" in out
    status, out, _ = run("verify", "layer.py", "--only", "loss")
    assert status == 0
    assert "cost" not in out


def test_json_holds_everything(run):
    Path("layer.py").write_text(BAD)
    status, out, _ = run("verify", "layer.py", "--format", "json", "--seed", "5")
    record = json.loads(out)
    assert status == 1
    assert (record["module"], record["seed"]) == ("layer.py", 5)
    assert [(p["name"], p["verdict"], p["line"], p["wrt"]) for p in record["pairs"]] == [
        ("loss", "right", 6, ["z"]),
        ("cost", "wrong", 12, ["z"]),
    ]
    assert record["pairs"][1]["report"]["findings"][0]["input"] == "z"


def test_lacking_inputs_are_asked_for_with_the_declaration(run):
    Path("layer.py").write_text(LACKING)
    status, out, _ = run("verify", "layer.py")
    assert status == 2
    assert "no inputs are known for q" in out
    assert 'gradproof_inputs = {\n        "q": np.array(...),\n    }' in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("layer.py", "--only", "los"), "did you mean loss?"),
        (("empty.py",), "holds no function with a gradient beside it"),
        (("none.py",), "no such file: none.py"),
        (("softmax", "--only", "p"), "--only is for a Python module"),
        (("layer.py", "--budget", "ten"), "ten"),
        (("layer.py", "--against", "softmx"), "did you mean softmax"),
        (("broken.py",), "broken.py:2:1\n      x = 1 / 0"),
    ],
)
def test_what_is_refused(run, arguments, message):
    Path("layer.py").write_text(GOOD)
    Path("empty.py").write_text("x = 1\n")
    Path("broken.py").write_text("\nx = 1 / 0\n")
    status, out, err = run("verify", *arguments)
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("verb", ["derive", "kernels"])
def test_the_other_verbs_point_to_verify(run, verb):
    Path("layer.py").write_text(GOOD)
    status, _, err = run(verb, "layer.py")
    assert status == 2
    assert "gradproof verify layer.py judges the gradients in it" in err


def test_completion_offers_modules_to_verify_alone(tmp_path, monkeypatch):
    from gradproof.commands.complete import candidates

    monkeypatch.chdir(tmp_path)
    Path("my_layer.py").write_text(GOOD)
    assert candidates("my_", (".py",)) == ["my_layer.py"]
    assert candidates("my_") == []
