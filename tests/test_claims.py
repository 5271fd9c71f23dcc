"""Statements of textbooks: what docs/claims.md prints is what its commands print, and each wrong variant is refuted."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import gradproof as gp
from gradproof import cli

ROOT = Path(__file__).parent.parent
CLAIMS = ROOT / "examples" / "claims"
PAGE = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ (.*)\n((?:.*\n)*?)```", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("command", "printed"), SHOWN, ids=lambda part: part.partition("\n")[0][:60])
def test_the_page_shows_what_is_printed(command, printed, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == (1 if "refuted" in printed.partition("\n")[0] else 0), err
    left = iter(_words(out))
    assert [line for line in _words(printed) if line != "..." and line not in left] == []


def _words(text):
    """Return the lines that say something, one space between words, without the frame of a result."""
    return [words for line in text.splitlines() if (words := " ".join(line.strip(" │").split()))]


def test_every_example_is_on_the_page_and_names_its_command():
    for path in CLAIMS.glob("*.eqs"):
        assert f"examples/claims/{path.name}" in PAGE, path.name
    for text in (path.read_text(encoding="utf-8") for path in CLAIMS.glob("*.eqs")):
        for command in re.findall(r"^gradproof .*(?=\n)", text, re.MULTILINE):
            assert command.rstrip('"') in PAGE, command


def mostly_slow(*cases):
    """The first of the cases in every run, the others in the slow one."""
    return [
        cases[0],
        *(pytest.param(*(c if isinstance(c, tuple) else (c,)), marks=pytest.mark.slow) for c in cases[1:]),
    ]


def claim(name):
    return (CLAIMS / f"{name}.eqs").read_text(encoding="utf-8")


def compared(first, second, **options):
    """Compare two examples, of which one may be another text."""
    texts = [claim(x) if re.fullmatch(r"\w+", x) else x for x in (first, second)]
    return gp.compare(*texts, **options)


def changed(name, old, new):
    text = claim(name)
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    mostly_slow(("(1 - alpha*lam)", "(1 - alpha*lam/2)"), ("(1 - alpha*lam)", "(1 - lam)"), ("(1 - alpha*lam)*", "")),
)
def test_weight_decay_of_another_strength_is_not_l2(old, new):
    found = compared("sgd_l2", changed("sgd_decay", old, new), of="w")
    assert found.verdict == "refuted"


@pytest.mark.slow
def test_adam_with_l2_is_adamw_without_a_penalty():
    none = changed("adam_l2", " + lam*w[t-1,j]\nM", "\nM"), changed("adamw", "(1 - alpha*lam)*", "")
    assert gp.compare(*none, of="w").verdict == "proved"
    assert compared("adam_l2", "adamw", of="w").counterexample.equations.second.startswith("g[t,j] =")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (claim("dropout"), "proved"),
        (changed("dropout", "*x[i,d]/(1 - p)", "*x[i,d]"), "refuted"),
        (changed("dropout", "1 - p, p)", "p, 1 - p)"), "refuted"),
    ],
)
def test_the_expectation_of_dropout(text, verdict):
    assert gp.compare(text, "given x[m, D]\nEy[i,d] = x[i,d]").verdict == verdict


@pytest.mark.parametrize(
    ("old", "new"), mostly_slow(("log(4)", "log(2)"), ("2*JSD", "JSD"), ("-log", "log"), ("KL_p + KL_q", "2*KL_p"))
)
def test_the_value_of_the_game_is_no_other(old, new):
    found = compared("gan_value", changed("jensen_shannon", old, new))
    assert found.verdict == "refuted"


def test_the_value_of_the_game_needs_densities():
    found = compared("gan_value", "jensen_shannon", without="all")
    assert found.verdict == "refuted"


def test_the_best_discriminator_is_a_maximum():
    found = gp.solve(gp.system(claim("gan_game")))["D"]
    assert [str(v) for v in found.values] == ["p[i]/(p[i] + q[i])"]
    assert found.nature == ("maximum",)
    other = gp.solve(gp.system(changed("gan_game", "p[i]*log(D[i])", "2*p[i]*log(D[i])")))["D"]
    assert str(other.values[0]) == "2*p[i]/(2*p[i] + q[i])"


def test_the_likeliest_gaussian_is_a_maximum():
    found = gp.solve(gp.system(claim("gaussian_mle")))
    lines = [found[u].lines[2].text for u in ("mu", "v")]
    assert lines == ["mu = 1/m * sum[i] x[i]", "v = 1/m * sum[i] (x[i] - mu)**2"]
    assert [found[u].nature for u in ("mu", "v")] == [("maximum",), ("maximum",)]


@pytest.mark.parametrize(
    ("old", "new"), mostly_slow(("beta1**t)", "beta1**(t+1))"), ("beta2**t)*g[j]**2", "beta2**t)*g[j]"))
)
def test_the_bias_counts_steps_from_one(old, new):
    assert compared("adam_moments", changed("adam_bias", old, new)).verdict == "refuted"


@pytest.mark.parametrize("old", mostly_slow("e[t+1,j]*", "/P\nshape", "A[k,j]*", "alpha[t,k]*"))
def test_the_posterior_is_no_other(old):
    wrong = changed("hmm_posterior", old, "\nshape" if "shape" in old else "")
    assert compared("hmm", wrong).verdict == "refuted"


@pytest.mark.parametrize(
    ("old", "new"), mostly_slow(("skip[s+2]*u", "u"), ("-1/(Pr", "1/(Pr"), ("s >= S-2", "s == S-1"), ("*b[t,s]", ""))
)
def test_the_posterior_of_an_alignment_is_no_other(old, new):
    wrong = gp.compare(gp.load("ctc"), changed("ctc_posterior", old, new))
    assert wrong.verdict == "refuted"


@pytest.mark.slow
def test_the_score_and_the_probabilities_are_needed():
    for old, new in (("- p[k]", "+ p[k]"), ("p[c]*(R", "(R"), ("- p[k]", "- p[k]/2")):
        assert compared("expected_return", changed("score_function", old, new)).verdict == "refuted"


@pytest.mark.parametrize(
    ("name", "holds", "fails"),
    [
        ("weight_norm", "sum[d] v[d]*d_v[d] = 0", "sum[d] w[d]*d_v[d] = d_g"),
        ("weight_norm", "sum[d] w[d]*d_v[d] = 0", "sum[d] d_w[d]*d_v[d] = 0"),
        ("softmax", "sum[c] d_z[i,c] = 0", "sum[i] d_z[i,c] = 0"),
        ("softmax_cross_entropy", "d_z[i,c] = (p[i,c] - y[i,c])/m", "d_z[i,c] = p[i,c] - y[i,c]"),
        ("layer_norm", "sum[d] (x[n,d] - mu[n]) = 0", "sum[d] x[n,d] = 0"),
    ],
)
def test_what_holds_of_a_gradient_and_what_does_not(name, holds, fails):
    assert gp.claim(gp.load(name), holds).verdict == "proved"
    assert gp.claim(gp.load(name), fails).verdict == "refuted"


def test_a_claim_names_what_it_assumes():
    claimed = gp.load("softmax_cross_entropy"), "d_z[i,c] = (p[i,c] - y[i,c])/m"
    assert gp.claim(*claimed).pairs[0].assumptions == ("sum_y",)
    assert gp.claim(*claimed, without="all").verdict == "refuted"


def test_a_claim_about_a_recurrence_goes_by_induction():
    found = gp.claim("given a\nstart s[-1] = 0\ns[t] = s[t-1] + a\nshape s[T]", "s[t] = (t + 1)*a")
    assert (found.verdict, found.pairs[0].induction.index) == ("proved", "t")
    assert str(found).splitlines()[2:4] == ["  s[t] = (t + 1)*a  proved by induction on t", "    t = 0  a = a"]


def test_a_claim_that_fails_shows_both_sides():
    found = gp.claim("given x[n]\ny = sum[i] x[i]", "y = n*x[i]")
    assert "the claim[" in str(found)
    assert "\n  left   " in str(found)
    assert "equation" not in str(found)
    assert found.to_dict()["claim"] == "y = n*x[i]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sum[d] v[d]*d_v[d]", "expected: ="),
        ("sum[d] v[d]*d_q[d] = 0", "d_q is not declared"),
        ("w[d] = 0\nr = 1", "not one claim"),
    ],
)
def test_what_is_no_claim_is_refused(text, message):
    with pytest.raises(gp.InputError) as refused:
        gp.claim(gp.load("weight_norm"), text)
    assert message in str(refused.value)


@pytest.mark.parametrize(("name", "sum_", "number"), [("batch_norm", "sum[n]", 1), ("layer_norm", "sum[d]", 1)])
def test_the_step_by_which_the_mean_vanishes_in_the_variance(name, sum_, number):
    (step,) = [s for s in gp.derive(gp.load(name)).steps if s.rule == "deviations from a mean sum to 0"]
    assert (step.because[:6], step.uses, step.detail) == (sum_, (number,), 2)
    assert "(x[n,d] - mu[" in step.because
    assert (str(step.before.value).count("var"), str(step.after.value).count("var")) == (1, 0)


def test_a_sum_that_is_no_mean_keeps_its_term():
    half = "given x[n]\nmu = 1/(2*n) * sum[i] x[i]\nv = sum[i] (x[i] - mu)**2"
    assert all("deviations" not in s.rule for s in gp.derive(gp.system(half), wrt="x").steps)
