"""`gradproof bench` as a user meets it."""

import json
from functools import partial

import pytest

from gradproof.bench import device, limits, measure
from gradproof.bench.limits import Limits, Streams
from gradproof.bench.peers import FAMILIES, KINDS
from gradproof.bench.row import Row
from gradproof.commands import choices, complete
from gradproof.commands.bench import status_of_row


@pytest.fixture
def run(run, monkeypatch):
    machine = Limits(2, (Streams(1 << 30, 1e10, 1e10, 1e10),), {"float32": 1e10, "float64": 1e10})
    for module in (limits, measure):
        monkeypatch.setattr(module, "limits", lambda threads: machine)

    return partial(run, "bench")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lstn"], "did you mean lstm?"),
        (["lstm", "--against", "torhc"], "did you mean torch?"),
        (["lstm", "--sizes", "T=64,h=3"], "did you mean H?"),
        (["lstm", "--sizes", "T"], "as in --sizes T=64,H=256"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_was_meant(run, arguments, told):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert told in err


@pytest.mark.slow
def test_the_table_has_a_line_for_each_and_the_share_of_the_limit(run, monkeypatch):
    monkeypatch.setitem(KINDS, "jax", ("nowhere", "surely_not_installed"))
    status, out, err = run("sigmoid", "--sizes", "n=1000", "--against", "numpy,jax", "--quick", "--threads", 1)
    assert (status, err) == (0, ""), out
    lines = out.splitlines()
    assert lines[0] == "sigmoid n=1000, float32, forward and backward, 1 threads"
    assert [line.split()[0] for line in lines[3:6]] == ["ours", "numpy", "limit:"]
    assert lines[3].count("%") == 1
    assert "jax: surely_not_installed is not installed" in out
    assert "numpy in float64" in out


@pytest.mark.slow
def test_an_equation_of_ones_own_has_no_peers_and_json_is_data(run):
    status, out, _ = run("y[i] = x[i]**2", "--sizes", "I=100", "--against", "numpy", "--quick", "--format", "json")
    found = json.loads(out)
    assert status == 0, found["reasons"]
    assert found["reasons"]["numpy"] == "not written for this"
    assert found["ours_s"] > 0


def test_the_status_says_whether_our_results_count():
    row = Row("x", "", "float32")
    assert status_of_row(row) == 0
    row.reasons["ours"] = "NotYet"
    assert status_of_row(row) == 3
    row.errors["ours"] = 0.1
    assert status_of_row(row) == 1


def test_peers_are_completed_in_a_comma_list():
    assert tuple(FAMILIES) == choices.PEERS
    words = [item.value for item in complete.peers(None, None, "jax,tor")]
    assert words == ["jax,torch", "jax,torch.compile"]


def test_without_a_gpu_one_sentence_says_what_is_missing(run, monkeypatch):
    monkeypatch.setattr(device, "lacking", lambda: "there is none")
    status, out, err = run("sigmoid", "--target", "cuda")
    assert (status, out, err.strip()) == (2, "", "error: --target cuda: there is none")
    status, _, err = run("sigmoid", "--target", "cuda", "--against", "numpy")
    assert status == 2
    assert "one of torch, torch.compile, cupy, liger" in err
