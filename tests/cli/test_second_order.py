"""The options of `gradproof derive` for second order and forward mode."""

import pytest
from click.testing import CliRunner

from gradproof.cli import app
from gradproof.commands import choices
from gradproof.errors import InputError, NotYet


def shown(*arguments: str) -> str:
    found = CliRunner().invoke(app, ["derive", *arguments, "--detail", "1", "--ascii"], catch_exceptions=False)
    return " ".join(found.output.split())


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (("sigmoid", "--order", "2"), "d2_z[i] = a[i]*(1 - a[i])*(1 - 2*a[i])"),
        (("softmax_cross_entropy", "--wrt", "z", "--hvp"), "d2_z[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])/m"),
        (("softmax", "--jvp"), "v_p[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])"),
        (("logistic_regression", "--gauss-newton", "z"), "u_w[j] = sum[i] X[i,j]*d2_z[i]"),
        (("lstm", "--through-time", "c"), "P[t,n,k] = prod[l>t] f[l,n,k]"),
        (("sigmoid", "--order", "1"), "d_z[i] = d_a[i]*a[i]*(1 - a[i])"),
    ],
)
def test_each_option_gives_its_result(arguments: tuple[str, ...], result: str) -> None:
    assert result in shown(*arguments)


def test_options_that_ask_for_different_things_are_refused() -> None:
    with pytest.raises(InputError, match="--jvp and --hvp"):
        choices.form_of(1, hvp=True, jvp=True)
    with pytest.raises(InputError, match="--jvp and --order 2"):
        choices.form_of(2, hvp=False, jvp=True)
    with pytest.raises(NotYet, match="--order 3"):
        choices.form_of(3, hvp=False, jvp=False)
    with pytest.raises(InputError, match="--through-time and --jvp"):
        choices.form_of(1, jvp=True, through_time="h")
    refused = CliRunner().invoke(app, ["derive", "rnn", "--through-time", "h", "--wrt", "U"])
    assert "--through-time says itself what is derived" in str(refused.exception)


@pytest.mark.parametrize("verb", ["verify", "kernels"])
@pytest.mark.parametrize("option", ["--hvp", "--jvp", "--order"])
def test_the_other_verbs_do_not_take_them(verb: str, option: str) -> None:
    found = CliRunner().invoke(app, [verb, "tanh", option])
    assert found.exit_code == 2
    assert f"No such option '{option}'" in found.output.replace('"', "'")
