"""Bad text: what came, where, what was expected, and the line to add. Bounded time, no crash."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gradproof.derive.notation import parse_system
from gradproof.errors import GradproofError, InputError
from tests.derive.notation.texts import TEXTS


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_system(text, "net.eqs")
    return caught.value


@pytest.mark.parametrize(
    "text", ["", "\n", "# a comment", '"""Title."""', "given x", "given x[n]\noutside x = 0", "given x\nassume x = 1"]
)
def test_a_text_without_an_equation_is_refused(text):
    error = refusal(text)
    assert error.message == "net.eqs has no equation"
    assert "y = x**2" in error.expected


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "help_"),
    [
        ("given x\ny = 2x", 2, 6, "'x' cannot stand here", "write * for a product"),
        ("given x\ny = x ^ 2", 2, 7, "'^' cannot stand here", "write ** for a power"),
        ("given x\ny = (x + 1", 2, 5, "never closed", ""),
        ("given x\ny = x + 1)", 2, 10, "closes nothing", ""),
        ("given x[m\ny = 1", 1, 8, "never closed", ""),
        ("given x\ny == x", 2, 4, "cannot stand here", ""),
        ("given x\ny = ", 2, 4, "the line ends too early", ""),
        ("y = \\frac{1}{2}", 1, 5, "cannot stand here", "LaTeX"),
        ("given x[m]\ny = sum[i=3] x[i]", 2, 10, "cannot stand here", "write =="),
        ("given x[m]\ny = x[:]", 2, 7, "cannot stand here", "slices"),
        ("given x\ny = (x > 0)*x", 2, 8, "cannot stand here", "[x > 0]"),
        ("given a, b[n], c[n]\ny = a / sum[k] b[k]*c[k]", 2, 9, "read in two ways", "(a / sum[...] b)*c"),
        ("given x[m]\ny[i] = w*x[i]", 2, 8, "w is not declared", "given w"),
        ("given x[m]\ny[i] = W[i,j]*x[i]", 2, 8, "W is not declared", "given W[I, J]"),
        ("given logits[m]\ny[i] = logit[i]", 2, 8, "logit is not declared", "did you mean logits?"),
        ("given x[m]\ny[i] = tahn(x[i])", 2, 8, "not a known function", "did you mean tanh?"),
        ("given x[m]\ny[i] = phi(x[i])", 2, 8, "not a known function", "given function phi"),
        ("given x[m]\ny[i] = x[i,i]", 2, 8, "x has 1 axis (line 1)", ""),
        ("given x[m], l[m]\ny[i] = x[l[i]]", 2, 10, "l is real", "given l[i] in C"),
        ("given x[m]\ny = sum[j<=i] x[j]", 2, 12, "both j and i are new", "given size i"),
        ("given x[m]\ny[i] = sum[i] x[i]", 2, 12, "already bound", ""),
        ("given a[n], b[n]\nL = sum[i] a[i]/sum[i] b[i]", 2, 21, "already bound", "write (sum[i] a[i])/(sum[i] b[i])"),
        ("given a[n], b[n]\nL = sum[i] a[i] * (sum[i] b[i])", 2, 24, "bound", "write (sum[i] a[i])*(sum[i] b[i])"),
        ("given a[n]\nL = sum[i] exp(sum[i] a[i])", 2, 20, "the sum before it", ""),
        ("given x[n], y[n]\nL = sum[i] x[i]+y[i]", 2, 19, "ends before `+`", "write sum[i] (x[i]+y[i])"),
        ("given x[n], y[n]\nL = 2 - sum[i] x[i] + (1 - y[i]) + 3", 2, 30, "before `+`", "sum[i] (x[i] + (1 - y[i]))"),
        (
            "given x[n], y[n]\nL = -mean[j, j>0] x[j] - exp(y[j])",
            2,
            32,
            "before `-`",
            "mean[j, j>0] (x[j] - exp(y[j]))",
        ),
        ("given x[n], y[n]\nL = (sum[i] x[i]+1)*y[i]", 2, 23, "ends before `+`", "write sum[i] (...)"),
        ("given x[n], y[n]\nL = sum[k] (x[k]) + k*pi", 2, 21, "ends before `+`", "write sum[k] ((x[k]) + k*pi)"),
        ("given x[m], m2[m]\ny = sum[m] x[m]", 2, 9, "has the name of a size", ""),
        (
            "given x[m], y[n]\nL = sum[i] x[i]*y[i]",
            2,
            19,
            "conflicting ranges: m as axis 0 of x (line 2, column 14)",
            "",
        ),
        ("given x[3], y[4]\nz[i] = x[i] + y[i]", 2, 17, "3 as axis 0 of x", ""),
        ("given x[m], w[k]\ny[h] = sum[u] x[h+u]*w[u]", 2, 3, "h has no range", "shape y[H]"),
        ("given a\ny = sum[i] a", 2, 9, "i has no range", "i<I"),
        ("given x[m]\ny[i,i] = x[i]", 2, 5, "stands twice", "[i == j]"),
        ("given x[m]\ny[0] = x[0]", 2, 3, "0 cannot stand at the left", "start y"),
        ("given x[m]\nh[t] = h[t-1] + x[t]", 2, 1, "before its first row", "start h"),
        ("given x[m]\nshape y[m]\ny[i] = x[i+1]", 3, 1, "which ends at", "outside x = 0"),
        ("given x[m], e\nstart h[-2] = e\nh[t] = x[t] + h[t-2]", 2, 1, "nothing gives its row -1", "start h[-1]"),
        ("given x[m]\ny[i] = y[i] + x[i]", 2, 1, "defined by itself", ":="),
        ("given x[m]\na[i] = b[i]\nb[i] = x[i]", 2, 1, "used before its definition", ""),
        ("given x[m]\nx[i] = 2*x[i]", 2, 1, "given in line 1 and defined here", ":="),
        ("given x[m]\ny[i] = x[i]\ny[i] = 2*x[i]", 3, 1, "defined twice: first in line 2", ""),
        ("given x[m], x[n]\ny = 1", 1, 13, "declared twice", ""),
        ("given x[m], d_x[m]\ny[i] = d_x[i]*x[i]", 1, 13, "d_x stands beside x", "say so: adjoint d_x"),
        ("given x[m], b[m]\nadjoint d_y\nz[i] = x[i]", 2, 9, "d_y is no adjoint", ""),
        ("given x[m]\nadjoint x\nz[i] = x[i]", 2, 9, "x is no adjoint", ""),
        ("given d_x[m]\nadjoint d_x\nz[i] = d_x[i]", 2, 9, "d_x is no adjoint", ""),
        ("given m[m]\ny = 1", 1, 9, "a size and a tensor", ""),
        ("sum = 3", 1, 1, "a word of the notation", ""),
        ("x' = 3", 1, 1, "a prime", ""),
        ("given x[n]\nshape y[n, n]\ny[i] = x[i]", 3, 1, "2 axes (line 2)", ""),
        ("shape y[3]\nx = 1", 1, 7, "no equation computes y", ""),
        ("outside q = 0\nx = 1", 1, 1, "no tensor q", ""),
        ("given x[m]\ny = argmax[i] x[i]", 2, 5, "a position, not a value", ""),
        ("given x[m]\ny[i] = mean[j<=i] x[j]", 2, 8, "what to divide by", ""),
        ("y = 1/0", 1, 5, "division by zero", ""),
        ("y = sqrt(-1)", 1, 5, "not real", ""),
        ("y = 9**9**9", 1, 5, "too large", ""),
        ("y = 1e999", 1, 5, "out of range", ""),
        ("given x[m]\ny = grad(x, x)", 2, 10, "x has 1 axis", ""),
        ("given f\ny = f(2)", 2, 5, "f is a tensor, not a function", ""),
        ("given function f\ny = f", 2, 5, "f is a function", ""),
        ("given x\ny = exp(x, x)", 2, 5, "exp is given 2 arguments", ""),
    ],
)
def test_refusals(text: str, line: int, column: int, message: str, help_: str) -> None:
    error = refusal(text)
    assert error.where is not None
    assert (error.where.source, error.where.line, error.where.column) == ("net.eqs", line, column), str(error)
    assert message in error.message
    assert help_ in error.hint


def test_the_caret_stands_under_the_place() -> None:
    lines = str(refusal("given x[m]\ny[i] = xs[i]")).splitlines()
    at = next(j for j, line in enumerate(lines) if "y[i] = xs[i]" in line)
    assert lines[at + 1].index("^") == lines[at].index("xs[i]")


@pytest.mark.parametrize(
    "text",
    [
        "y = " + "(" * 10_000 + "1" + ")" * 10_000,
        "y = " + "[" * 10_000,
        "y = " + "-" * 10_000 + "1",
        "y = " + "2**" * 5_000 + "1",
        "y = " + "exp(" * 5_000 + "1" + ")" * 5_000,
        "y = 1" + " + 1" * 100_000,
        "x = 1\n" * 2_000_000,
        "given x[n]\ny = x[" + "*".join(["(n+1)"] * 1000) + "]",
        "y = " + "*".join(["9" * 100] * 100) + "**9999",
        "\x00\x01\x02" * 1000,
        "given " + ", ".join(f"x{i}[n]" for i in range(5000)) + ", x0",
    ],
    ids=lambda t: t[:12],
)
def test_monstrous_texts_are_refused_at_once(text: str) -> None:
    begin = time.perf_counter()
    refusal(text)
    assert time.perf_counter() - begin < 5


def test_long_sums_are_read() -> None:
    terms = " + ".join(f"{k}*x" for k in range(1, 1001))
    assert str(parse_system(f"given x\ny = {terms}").equations[0]) == "y = 500500*x"


PIECES = [
    *"()[]+-*/%=<>:,.'\"#^!&\\ \n\t",
    "**",
    ":=",
    "==",
    "<=",
    "sum",
    "max[",
    "given ",
    "x",
    "y",
    "[i]",
    "i",
    "1e9",
    "é",
    "Σ",
]


def outcome(text: str) -> str:
    """Return what became of the text; any other exception than ours passes through and fails the test."""
    try:
        parse_system(text)
    except GradproofError as error:
        return str(error)
    return "read"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_garbage_never_crashes(text: str) -> None:
    assert outcome(text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_damaged_systems_never_crash(name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 3))
    damaged = text[:at] + data.draw(st.sampled_from([*PIECES, ""])) + text[at + cut :]
    assert outcome(damaged)
