"""Array notation that two books read differently is asked about; what settles it is read."""

from __future__ import annotations

import pytest

from gradproof.derive.latex import read_page
from gradproof.derive.notation import format_system, parse_system
from gradproof.errors import InputError


def refused(latex: str, before: str = "Text.") -> InputError:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is not None, format_system(entry.system) if entry.system else entry
    assert entry.error.expected or entry.error.hint
    return entry.error


def read(latex: str, expected: str, before: str = "Text.") -> None:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is None, entry.error
    assert entry.system is not None
    wanted = parse_system(expected)
    assert entry.system.equations == wanted.equations
    assert entry.system.tensors == wanted.tensors


DOUBTFUL = [
    (r"y = \mathbf{x} * \mathbf{w}", "a convolution in one book"),
    (r"y = x \ast w", "a convolution in one book"),
    (r"h = f \circ g", "a composition of functions"),
    (r"\mathbf{Z} = \mathbf{W}\mathbf{X} + \mathbf{b}", "to each row or to each column"),
    (r"J_{ij} = p_i (\delta_{ij} - p_j)", "Kronecker's delta, or an array"),
    (r"\mathbf{B} = \mathbf{A} + \lambda \mathbf{I}", "the identity matrix, or a matrix"),
    (r"R = \|\mathbf{W}\|_2^2", "or the operator norm"),
    (r"R = \|\mathbf{W}\|^2", "or the operator norm"),
    (r"R = \|\mathbf{W}\|_1", "or the operator norm"),
    (r"R = \|\mathbf{x}\|_\infty", "of order infinity"),
    (r"D = \sum_i p_i \log p_i/q_i", "how far log reaches"),
    (r"y = \log x \cdot z", "how far log reaches"),
    (r"y = \sum_{i=1}^n f_i(x)", "a function with an index, or the factor f_i"),
    (r"y = \sum_{i=1}^n w_i \phi_i(x - c)", "a function with an index"),
    (r"y = a \\ b", "go on with the one before"),
    (r"\sigma^2 = \frac{1}{m} \sum_{i=1}^{m} x_i^2", "an equation for a power"),
    (r"p = \operatorname{softmax}(z)", "softmax is not defined"),
    (r"E = \mathbb{E}[x]", "expectations and probabilities are not read"),
    (r"p = P(y \mid x)", "this bar is not closed"),
]


@pytest.mark.parametrize(("latex", "message"), DOUBTFUL)
def test_two_readings_are_asked_about(latex: str, message: str) -> None:
    assert message in refused(latex).message


def test_a_square_matrix_has_an_exponential_of_its_own() -> None:
    assert "or the matrix exp" in refused("B = e^{A}", "where A in R^{n x n}.").message
    assert "or the matrix exp" in refused(r"B = \exp(A)", "where A in R^{n x n}.").message
    read("B = e^{A}", "given A[m, n]\nB[i,j] = exp(A[i,j])", "where A in R^{m x n}.")


def test_what_settles_it_is_read() -> None:
    shapes = "where X in R^{m x d}, W in R^{d x n}, b in R^{n}."
    layer = "given X[m, d], W[d, n], b[n]\nZ[i,j] = sum[k] X[i,k]*W[k,j] + b[j]"
    read(r"Z = X W + \mathbf{b}", layer, shapes)
    read(r"R = \|\mathbf{W}\|_F^2", "given W[n, k]\nR = sum[i,j] W[i,j]**2")
    read(r"y = \mathbf{x} \odot \mathbf{w}", "given x[n], w[n]\ny[i] = x[i]*w[i]")
    read(r"y = 2 * x", "given x\ny = 2*x")
    read(r"d_i = h_i (1 - h_i)", "given h[n]\nd[i] = h[i]*(1 - h[i])")
    read(r"D = \sum_i p_i \log \frac{p_i}{q_i}", "given p[n], q[n]\nD = sum[i] p[i]*log(p[i]/q[i])")


def test_an_array_of_the_page_is_no_kronecker_delta() -> None:
    page = read_page("$$\\delta_{ij} = p_{ij} - t_{ij}$$\n\n$$G_{ij} = 2 \\delta_{ij}$$")
    assert [e.error for e in page.entries] == [None, None]


def test_a_function_of_arrays_is_not_taken_entry_by_entry() -> None:
    block = "```gradproof\ngiven function softmax\n```"
    assert "taken entry by entry" in refused(r"p = \operatorname{softmax}(\mathbf{z})", block).message


def test_rows_that_go_on() -> None:
    read(
        r"\begin{aligned} L &= \sum_{i=1}^{m} y_i^2 \\ &\quad + \lambda \sum_{j=1}^{n} w_j^2 \end{aligned}",
        "given y[m], λ, w[n]\nL = sum[i] y[i]**2 + λ*sum[j] w[j]**2",
    )
    read(r"\begin{aligned} y ={}& x \\ &- z \end{aligned}", "given x, z\ny = x - z")
    read(r"\begin{aligned} y &= (x \\ &z) \end{aligned}", "given x, z\ny = x*z")


def test_labels_and_bars_say_what_to_write() -> None:
    assert refused(r"m = x_{max} + 1").hint.endswith(r"x_{\text{max}}")
    hint = refused(r"L = \sum_{i=1}^m \left| \theta^T r_i - s_i \right|").hint
    assert hint.endswith("where r in R^{m x n}")
    read(
        r"L = \sum_{i=1}^m \left| \theta^T r_i - s_i \right|",
        "given r[m, n], θ[n], s[m]\nL = sum[i] abs(sum[j] θ[j]*r[i,j] - s[i])",
        "where r in R^{m x n}, θ in R^{n}",
    )
