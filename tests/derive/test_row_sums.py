"""The sum of a row inside an adjoint is named where it is a sum over a forward quantity: D = rowsum(d_O * O)."""

from __future__ import annotations

import pytest

import gradproof as gp
from gradproof.derive.notation import parse_system
from gradproof.derive.row_sums import exchanged
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

ATTENTION = """given A[T, S], V[S, F]
P[i,j] = exp(A[i,j])/sum[l] exp(A[i,l])
O[i,f] = sum[j] P[i,j]*V[j,f]
"""


def named(derivation):
    return {b.name: str(b.steps[-1].after) for b in derivation.blocks if b.name == b.of}


def test_the_row_sum_of_attention_is_named_step_by_step():
    d = gp.derive(gp.load("attention"))
    block = next(b for b in d.blocks if b.name == "D")
    assert block.heading == "the sum D"
    assert [(s.rule, str(s.after.value)) for s in block.steps] == [
        ("name a sum", "sum[s] d_P[i,s]*P[i,s]"),
        ("substitute d_P", "sum[s] P[i,s]*sum[f] d_O[i,f]*V[s,f]"),
        ("exchange the sums", "sum[f] d_O[i,f]*sum[s] P[i,s]*V[s,f]"),
        ("fold a definition", "sum[f] d_O[i,f]*O[i,f]"),
    ]
    assert "D = (∂O ⊙ O) 1" in d.plain()
    assert "∂A = P ⊙ (∂P − D 1ᵀ)" in d.plain()


def test_it_is_computed_before_its_user():
    names = [e.name for e in gp.derive(gp.load("attention")).backward.definitions]
    assert names.index("d_P") < names.index("D") < names.index("d_A")


def test_numbers_rise_along_the_forward_equations():
    d = gp.derive(gp.load("decoder_block"))
    assert named(d)["Delta1"] == "Delta1[h,i] = sum[e] d_O1[h,i,e]*O1[h,i,e]"
    assert named(d)["Delta2"] == "Delta2[h,t] = sum[e] d_O2[h,t,e]*O2[h,t,e]"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (ATTENTION, "D"),
        (ATTENTION.replace("F", "D"), "Delta"),
        (ATTENTION.replace("A", "D"), "Delta"),
        (ATTENTION.replace("F", "D").replace("A", "Delta").replace("S", "N"), "S"),
    ],
)
def test_the_name_is_one_that_nothing_bears(text, name):
    d = gp.derive(gp.system(text))
    assert list(named(d)) == [name]
    assert {c.verdict for c in check_steps(d)} == {"right"}


@pytest.mark.parametrize("name", ["layer_norm", "softmax", "rnn", "softmax_cross_entropy", "group_norm"])
def test_a_sum_that_stays_a_sum_over_an_adjoint_is_not_named(name):
    assert not named(gp.derive(gp.load(name)))


def test_a_masked_row_is_named_too_and_all_of_it_is_right():
    d = gp.derive(gp.load("causal_attention"))
    assert named(d) == {"D": "D[i] = sum[f] d_O[i,f]*O[i,f]"}
    assert {r.verdict for r in check_derivation(d)} == {"right"}
    assert {c.verdict for c in check_steps(d)} == {"right"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sum[s] P[s]*sum[f] d[f]*V[s,f]", "sum[f] d[f]*sum[s] P[s]*V[s,f]"),
        ("sum[s] P[s]*sum[f, f <= s] d[f]*V[s,f]", "sum[f] d[f]*sum[s>=f] P[s]*V[s,f]"),
        ("sum[s] P[s]*sum[f, f >= 1] d[f]*V[s,f]", "sum[f>=1] d[f]*sum[s] P[s]*V[s,f]"),
        ("sum[s] P[s]*V[s,s]", "sum[s] P[s]*V[s,s]"),
        ("sum[s] (sum[f] V[s,f])*(sum[f] V[f,s])", "sum[s] (sum[f] V[s,f])*sum[f] V[f,s]"),
    ],
)
def test_exchanged_sums_keep_their_conditions(before, after):
    square = before.count("V[") and ("V[s,s]" in before or "V[f,s]" in before)
    given = "given P[n], V[n, n], d[n]" if square else "given P[n], V[n, m], d[m]"
    values = [parse_system(f"{given}\nL = {text}").equations[0].value for text in (before, after)]
    assert exchanged(values[0]) == values[1]


def test_a_second_derivative_shows_the_sum_by_its_name():
    page = gp.hvp(gp.load("attention")).plain()
    assert "D[i] = Σ[f] ∂O[i,f]·O[i,f]" in page
    assert "∂D[i]" not in page


def test_its_letter_is_shown_in_the_reasons_too():
    d = gp.derive(gp.load("multi_head_attention"))
    assert "name the sum Δ" in d.plain()
    assert "The sum Δ" in d.plain()
    assert r"\text{name the sum }\Delta" in d.latex()
    assert "name the sum <math><mi>Δ</mi></math>" in d.html()
