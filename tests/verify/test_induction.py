"""A recurrence and a closed form: proved by induction over the rows, and what misses a row is refuted."""

import pytest

import gradproof as gp

MEAN = "given beta, g\nstart m[-1] = 0\nm[t] = beta*m[t-1] + (1 - beta)*g\nshape m[T]"
MEAN_FROM_ONE = "given beta, g\nstart m[0] = 0\nm[t] = beta*m[t-1] + (1 - beta)*g\nshape m[T]"
MOMENTUM = """
given mu, g, alpha, w0
start v[-1] = 0
start w[-1] = w0
v[t] = mu*v[t-1] + g
w[t] = w[t-1] - alpha*v[t]
shape v[T], w[T]
"""
TWO_BACK = "given a\nstart f[-1] = a\nstart f[-2] = 0\nf[t] = 3*f[t-1] - 2*f[t-2]\nshape f[T]"
RETURNS = "given r, x\noutside G = 0\nG[t] = x + r*G[t+1]\nshape G[T]"
PASCAL = "given a[n]\noutside P = 0\nP[t,i] = [t == 0]*a[i] + P[t-1,i] + P[t-1,i-1]\nshape P[T,n]"


def closed(first, text, **options):
    declared = "\n".join(line for line in first.splitlines() if line.startswith(("given", "shape")))
    return gp.compare(first, f"{declared}\n{text}", **options)


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (MEAN, "m[t] = (1 - beta**(t+1))*g"),
        (MEAN_FROM_ONE, "m[t] = (1 - beta**t)*g"),
        (TWO_BACK, "f[t] = (2**(t+2) - 1)*a"),
        (RETURNS, "G[t] = x*(1 - r**(T-t))/(1 - r)"),
        (MOMENTUM, "v[t] = g*(1 - mu**(t+1))/(1 - mu)\nw[t] = w0 - alpha*g*(t + 1 - mu*v[t]/g)/(1 - mu)"),
    ],
)
def test_a_closed_form_is_proved(first, text):
    found = closed(first, text)
    assert [(p.verdict, p.induction.index) for p in found.pairs if p.induction] == [("proved", "t")]
    assert found.verdict == "proved"


def test_the_proof_is_shown():
    found = closed(TWO_BACK, "f[t] = (2**(t+2) - 1)*a")
    assert [(x.rows, x.left) for x in found.pairs[0].induction.lines] == [
        ("t = 0", "3*a"),
        ("t = 1", "7*a"),
        ("t > 1", "3*a*(2**(1 + t) - 1) - 2*a*(2**t - 1)"),
    ]
    assert "f  proved by induction on t\n     t = 0  3*a = 3*a\n" in str(found)
    assert found.to_dict()["pairs"][0]["induction"][1] == {"rows": "t = 1", "left": "7*a", "right": "7*a"}


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (MEAN, "m[t] = (1 - beta**t)*g"),  # counts from 1
        (MEAN_FROM_ONE, "m[t] = (1 - beta**(t+1))*g"),  # counts from 0
        (MEAN.replace("= 0", "= g"), "m[t] = (1 - beta**(t+1))*g"),  # the step holds, the start row does not
        (MEAN, "m[t] = g"),
        (TWO_BACK, "f[t] = 3*a*2**t"),  # right at t = 0 alone
        (TWO_BACK, "f[t] = (4*t + 3)*a"),  # right at t = 0 and 1 alone
        (RETURNS, "G[t] = x/(1 - r)"),  # the step holds, the last row does not
        (MOMENTUM, "v[t] = g*(1 - mu**(t+1))/(1 - mu)\nw[t] = w0 - alpha*v[t]"),
    ],
)
def test_what_misses_a_row_is_refuted(first, text):
    found = closed(first, text)
    assert found.verdict == "refuted"
    assert found.pairs[-1].induction is None


def test_a_closed_form_serves_what_reads_the_recurrence():
    first = f"{MEAN}\nmhat[t] = m[t]/(1 - beta**(t+1))"
    found = closed(first, "m[t] = (1 - beta**(t+1))*g\nmhat[t] = g\nshape mhat[T]", of=("m", "mhat"))
    assert [(p.name, p.verdict) for p in found.pairs] == [("m", "proved"), ("mhat", "proved")]


def test_a_closed_form_that_reads_the_recurrence_proves_nothing():
    found = gp.compare(MEAN, "given m[T]\nq[t] = m[t]\nshape q[T]", rename={"q": "m"})
    assert all(p.induction is None for p in found.pairs)


def test_a_row_read_with_another_axis_moved_is_not_taken_for_a_fixed_distance():
    assert closed(PASCAL, "P[t,i] = [t == 0]*a[i]").verdict == "refuted"
    one = "given a[n]\noutside P = 0\nP[t,i] = [t == 0]*a[i] + P[t-1,i-1]\nshape P[T,n]"
    found = closed(one, "outside a = 0\nP[t,i] = a[i-t]")
    assert found.verdict == "certified"
    assert closed(one, "outside a = 0\nP[t,i] = a[i]").verdict == "refuted"


def test_an_assumption_that_an_induction_used_is_named():
    first = "given p[n], x\nassume sum[i] p[i] = 1\nstart s[-1] = x\ns[t] = s[t-1]*(sum[i] p[i])\nshape s[T]"
    found = gp.compare(first, "given x\ns[t] = x\nshape s[T]")
    assert (found.verdict, found.pairs[0].assumptions) == ("proved", ("sum_p",))
    assert "by induction on t, assuming sum_p" in str(found)
    assert gp.compare(first, "given x\ns[t] = x\nshape s[T]", without="all").verdict == "refuted"


def test_forward_and_backward_variables_are_not_each_other():
    wrong = "given alpha[T,K], P\nd_alpha[t,k] = alpha[t,k]/P"
    assert gp.compare(gp.load("hmm"), wrong).verdict == "refuted"
