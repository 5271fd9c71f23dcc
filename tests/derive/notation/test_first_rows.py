"""`start al[0,k] = ...`: a recurrence that starts at a row of its own axis."""

import pytest

import gradproof as gp
from gradproof.errors import InputError, NotYet
from gradproof.verify.exact import check_derivation

GIVEN = "given p[K], A[K,K], o[T,K]\n"
AFTER = "al[t,k] = o[t,k]*sum[j] al[t-1,j]*A[j,k]\nL = log(sum[k] al[T-1,k])"


def test_the_first_row_is_a_case_of_the_recurrence() -> None:
    system = gp.system(f"{GIVEN}start al[0,k] = p[k]*o[0,k]\n{AFTER}")
    assert str(system.equations[0]) == "al[t,k] = where(t == 0, o[0,k]*p[k], o[t,k]*sum[i] al[t-1,i]*A[i,k])"
    derivation = gp.derive(system)
    assert [c.verdict for c in check_derivation(derivation)] == ["right"] * 3
    assert str(derivation.gradients["p"]) == "d_p[k] = d_al[0,k]*o[0,k]"


def test_two_first_rows() -> None:
    system = gp.system("given a, b\nstart f[0] = a\nstart f[1] = b\nf[t] = f[t-1] + f[t-2]\nshape f[n]\nL = f[n-1]")
    assert gp.evaluate(system, {"a": 1.0, "b": 2.0, "n": 6})["f"].tolist() == [1, 2, 3, 5, 8, 13]
    assert [c.verdict for c in check_derivation(gp.derive(system))] == ["right"] * 2


def test_a_first_row_may_bind_the_letter_of_the_recurrence() -> None:
    """The letter is bound once in each line as it is written, whatever the lines become together."""
    system = gp.system("given x[n], a\nshape y[n]\nstart y[0] = a*sum[i<n] x[i]**2\ny[i] = y[i-1]*x[i]")
    assert gp.evaluate(system, {"x": [2.0, 3.0], "a": 1.0})["y"].tolist() == [13, 39]
    assert [c.verdict for c in check_derivation(gp.derive(system))] == ["right"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{GIVEN}start al[0,j] = p[j]\n{AFTER}", "other indices than the recurrence"),
        ("given p[K]\nstart al[0,k] = p[k]\nL = sum[k] al[0,k]", "no equation for the others"),
    ],
)
def test_first_rows_that_do_not_fit_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        gp.system(text)


def test_rows_of_several_axes_are_refused_by_name() -> None:
    with pytest.raises(NotYet, match="fixes rows of several axes"):
        gp.system("given x[m,n]\nstart S[0,0] = x[0,0]\nS[i,j] = x[i,j] + S[i-1,j-1]")
