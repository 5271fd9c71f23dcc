"""What a text writes is printed in its order; what a derivation finds, in the printer's."""

import pytest

import gradproof as gp
from gradproof.derive.notation import format_equation, parse_system

HEAD = """given f[T, n], c[T, n], e[T, n], g[T, n], h[T, n], x[A], w[B], v[n], beta, eps
given size s, r, p
outside x = 0
"""


def printed(equation: str) -> str:
    """Return an equation as printed within its system."""
    shape = "shape q[A]\n" if equation.startswith("q") else ""
    system = parse_system(HEAD + shape + equation)
    return format_equation(system.equations[-1], system)


@pytest.mark.parametrize(
    "equation",
    [
        "y[t,k] = f[t,k]*c[t,k] + e[t,k]*g[t,k]",
        "y[t,k] = (1 - f[t,k])*g[t,k] + f[t,k]*h[t,k]",
        "y[t,k] = (1 - beta)*g[t,k]**2",
        "y[t,k] = g[t,k]/(f[t,k] + eps)",
        "y[t,k] = f[t,k]*(1 - beta**(t + 1))",
        "y[t] = eps + sum[k] g[t,k]*f[t,k]",
        "y[t] = sum[k] (g[t,k] - f[t,k])**2 - sum[k] (g[t,k] - h[t,k])**2 + eps",
        "q[i] = sum[u] w[u]*x[r*u+s*i-p]",
        "q[i] = sum[u] w[u]*x[s*i+r*u-p]",
        "q[i] = x[A-1-i]",
        "y[k] = v[k]/sqrt(2)",
        "y[k] = v[k]/10000**(k/n)",
    ],
)
def test_the_order_of_the_text_is_kept(equation: str) -> None:
    assert printed(equation) == equation


def test_no_sum_begins_with_a_minus_where_another_term_has_none() -> None:
    assert printed("y[k] = -v[k] + eps") == "y[k] = eps - v[k]"
    assert printed("q[i] = x[-i+A-1]") == "q[i] = x[A-1-i]"


def test_the_backward_pass_follows_the_text_where_it_repeats_it() -> None:
    backward = gp.derive(gp.load("adam")).backward
    alpha = next(e for e in backward.equations if e.name == "d_alpha")
    assert format_equation(alpha, backward) == "d_alpha = -sum[t,j] t_w[t,j]*mhat[t,j]/(r[t,j] + eps)"
    assert "beta1**(t + 1)" in str(backward)


def test_the_order_is_no_part_of_the_system() -> None:
    assert parse_system("given a, b\ny = a*b") == parse_system("given a, b\ny = b*a")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("v[k]*sqrt(2)/2", "v[k]/sqrt(2)"),
        ("sqrt(2/pi)*v[k]", "sqrt(2/pi)*v[k]"),
        ("v[k]*sqrt(2)/(2*sqrt(pi))", "v[k]/sqrt(2*pi)"),
        ("sqrt(8)*v[k]", "2*sqrt(2)*v[k]"),
        ("-3*sqrt(3)*v[k]/(2*sqrt(pi))", "-3*sqrt(3/pi)*v[k]/2"),
    ],
)
def test_roots_of_numbers_are_one_root(text: str, shown: str) -> None:
    assert printed(f"y[k] = {text}") == f"y[k] = {shown}"


def test_a_function_stands_before_the_sum_that_holds_it_again() -> None:
    backward = gp.derive(gp.load("softplus"), order=2).backward
    assert "sigmoid(z[i])*(1 - sigmoid(z[i]))" in str(backward)
