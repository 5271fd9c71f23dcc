"""What has two readings is refused with both and how to write each; what has one is read."""

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


# ---------------------------------------------------------------- inverse functions


@pytest.mark.parametrize("latex", [r"y = \sin^{-1} x", r"y = \sin^{-1}(x)", r"y = \exp^{-1}(x)"])
def test_minus_one_at_a_function_has_two_readings(latex: str) -> None:
    error = refused(latex)
    assert "the inverse function, or 1/" in error.message
    assert r"\frac{1}{" in error.expected


def test_the_inverse_tangent_is_in_the_table() -> None:
    assert r"\arctan(x), or \frac{1}{\tan(x)}" in refused(r"y = \tan^{-1}(x)").expected
    read(r"y = \arctan(x) + \arctan x", "given x\ny = 2*arctan(x)")
    read(r"y = \tan^2(x) + \cos(x)^{-1}", "given x\ny = tan(x)**2 + 1/cos(x)")


def test_a_power_between_a_letter_and_parentheses() -> None:
    assert "the inverse function, or a product?" in refused(r"y = f^{-1}(x)").message
    assert "the power 2 of f(...), or a product?" in refused(r"y = f^2(x)").message
    sigma = r"$$\sigma(z) = z^3$$"
    assert "its inverse, or 1/σ?" in refused(r"y = \sigma^{-1}(p)", sigma).message
    assert "its inverse, or 1/σ?" in refused(r"y = \sigma^{-1} p", sigma).message
    read(r"y = x^2(1 - x) + x", "given x\ny = x**2*(1 - x) + x")
    read(r"y = \frac{1}{m}\sum_{i=1}^{m} x_i + m^{-1}(a + b)", "given x[m], a, b\ny = 1/m * sum[i] x[i] + (a + b)/m")


UNREAD = [r"\arcsin(x)", r"2 \arccos x", r"\sec(x)", r"\lg x", r"\det A", r"\arg\max_i x_i"]


@pytest.mark.parametrize("latex", UNREAD)
def test_functions_that_are_not_read(latex: str) -> None:
    assert "is not in the table of functions" in refused(f"y = {latex}").message


def test_an_operator_before_a_symbol_is_no_factor() -> None:
    assert "a function of it, or a factor?" in refused(r"y = \operatorname{tr} A").message
    assert "a function of it, or a factor?" in refused(r"y = \operatorname{softmax} z").message
    assert "tr is not defined on this page" in refused(r"y = \operatorname{tr}(A)").message
    read(r"\operatorname{MSE} = 2 x", "given x\nMSE = 2*x")


# ---------------------------------------------------------------- prose


PROSE = [
    r"y = x^2 \text{ for all } x",
    r"y = 2 x \text{ otherwise}",
    r"y = 2 x \text{otherwise}",
    r"y = x \text{ [m]}",
    r"y = x \text{kg/m}",
    r"y = x \text{the length}",
    r"y = 2a \quad \text{where a is big}",
]


@pytest.mark.parametrize("latex", PROSE)
def test_prose_is_no_factor(latex: str) -> None:
    assert "reads as prose" in refused(latex).message


def test_several_words_are_a_name_where_the_page_defines_it() -> None:
    read(r"\text{Total Loss} = 2 x", "given x\nTotal_Loss = 2*x")
    read(r"y = 2 \text{Total Loss}", "given Total_Loss\ny = 2*Total_Loss", r"$$\text{Total Loss} = 2 x$$")
    assert "no equation on this page defines Total_Loss" in refused(r"y = 2 \text{Total Loss}").message


@pytest.mark.parametrize(
    "clause", [r"\text{for } i = 1", r"\text{if } x > 0", r"\text{for all } i > 1", r"\text{or } a = 3"]
)
def test_a_condition_after_an_equation_is_refused(clause: str) -> None:
    page = read_page(rf"$$y_i = 2 x_i \quad {clause}$$")
    assert [e.error is not None and "a condition after the equation" in e.error.message for e in page.entries] == [True]


def test_a_range_after_an_equation_and_a_definition_are_read() -> None:
    read(r"y_i = 2 x_i, \quad \text{for } i = 1, \dots, m", "given x[n]\ny[i] = 2*x[i]")
    page = read_page(r"$$y = 2 a, \quad \text{where } a = 3 x$$")
    assert [e.output for e in page.entries] == ["y", "a"]


def test_the_number_of_an_equation() -> None:
    for tag in (r"\quad (2)", r"\qquad (2.1)", r"\tag{2}", r"\quad (3a)."):
        read(rf"y = x^2 {tag}", "given x\ny = x**2")
    for factor in (r"\; (2)", "(2)", r"\,(2)."):
        assert "a factor, or the number of the equation?" in refused(rf"y = x^2 {factor}").message
    assert "looks like a function" in refused(r"y = \alpha (2) + \alpha").message
    read(r"y = x^2 \cdot (2)", "given x\ny = 2*x**2")


# ---------------------------------------------------------------- numbers and signs


@pytest.mark.parametrize("latex", ["y = 1e-3 x", "y = 1e5", "y = 2.5E+3 x"])
def test_a_power_of_ten_as_programs_write_it(latex: str) -> None:
    error = refused(latex)
    assert "a power of ten, or the number e" in error.message
    assert "10^{" in error.expected


def test_numbers_side_by_side() -> None:
    for latex in ("y = 2 3", "y = 1 000 x", "y = 2^3 4"):
        assert "a product, or one number?" in refused(latex).message
    read(r"y = 2 \cdot 3 + 2 e^x", "given x\ny = 6 + 2*exp(x)")


def test_a_sign_after_a_dot() -> None:
    read(r"y = a \cdot -b + a / -b", "given a, b\ny = -a*b - a/b")
    read(r"y = a \cdot -b c", "given a, b, c\ny = -a*b*c")


# ---------------------------------------------------------------- indicators and the vector of ones


INDICATORS = [
    r"\mathbf{1}[x > 0]",
    r"\mathbf{1}\{x > 0\}",
    r"\mathbf{1}(x > 0)",
    r"\mathbf{1}_{x > 0}",
    r"\mathbf{1}_{\{x > 0\}}",
    r"\boldsymbol{1}_{[x > 0]}",
    r"\mathbb{1}_{\{x > 0\}}",
    r"\mathbb{1}\left[x > 0\right]",
    r"\mathbb{I}[x > 0]",
]


@pytest.mark.parametrize("latex", INDICATORS)
def test_indicators(latex: str) -> None:
    read(f"y = {latex} z", "given x, z\ny = [x > 0]*z")


def test_indicators_of_entries_and_indices() -> None:
    read(r"y_i = \mathbf{1}[x_i > 0] x_i", "given x[n]\ny[i] = [x[i] > 0]*x[i]")
    read(r"y = \sum_i \sum_j \mathbf{1}_{i = j} A_{ij}", "given A[n, k]\ny = sum[i,j] [i == j]*A[i,j]")


def test_what_is_no_indicator() -> None:
    assert "an indicator, or the vector of ones" in refused(r"y = \mathbf{1}_A(x)").message
    assert "an indicator, or a matrix times a bracket" in refused(r"y = \mathbf{I}[x > 0] z").message
    assert "of a set is not read" in refused(r"y = \mathbb{1}_{x \in A}").message
    assert "of a set is not read" in refused(r"y = \mathbf{1}\{x \in A\}").message


def test_the_length_of_the_vector_of_ones() -> None:
    read(r"y = \mathbf{1}_n^\top \mathbf{x}", "given x[n]\ny = sum[i] x[i]")
    read(r"y = \mathbf{1}_3^\top \mathbf{x}", "given x[3]\ny = sum[i] x[i]")
    assert "only a length is read below" in refused(r"y = \mathbf{1}_{m \times n}").message
    assert (
        "two sizes: m in line 1 and n in line 3"
        in refused(r"y = \mathbf{1}_n^\top \mathbf{x}", "where x in R^m").message
    )


# ---------------------------------------------------------------- counts


COUNTS = [
    r"J = \frac{1}{2m} \sum_i (h_i - y_i)^2",
    r"J = \frac1m \sum_i a_i",
    r"J = m^{-1} \sum_i a_i",
    r"J = \frac{\sum_i a_i}{m}",
    r"J = -\frac{1}{m} \left[ \sum_i \sum_c a_{ic} \right]",
    r"J = \frac{1}{m - 1} \sum_i a_i",
    r"J = \frac{1}{m} \sum_i a_i + \sum_{j=1}^{m} c_j",
]


@pytest.mark.parametrize("latex", COUNTS)
def test_a_divisor_of_a_sum_without_limits(latex: str) -> None:
    error = refused(latex)
    assert "m divides a sum over i without limits" in error.message
    assert r"\sum_{i=1}^{m}" in error.expected
    assert "where m in R" in error.hint


def test_a_count_that_the_page_states() -> None:
    mean = "given a[m]\nJ = 1/m * sum[i] a[i]"
    read(r"J = \frac1m \sum_{i=1}^m a_i", mean)
    read(r"J = \frac1m \sum_i a_i", mean, "where a in R^m")
    read(r"J = \frac1m \sum_i a_i", mean, r"$$q = \sum_{i=1}^m b_i$$")
    read(r"J = \frac1m \sum_i a_i", "given m, a[k]\nJ = 1/m * sum[i] a[i]", "where m in R, a in R^k")
    read(r"J = \frac{1}{\sigma} \sum_i a_i", "given σ, a[n]\nJ = 1/σ * sum[i] a[i]")
    read(r"b_i = \frac{1}{2} \sum_j A_{ij}", "given A[n, k]\nb[i] = 1/2 * sum[j] A[i,j]")


def test_a_divisor_that_is_no_length_is_noted() -> None:
    for latex in (r"J = \frac1m \lVert \mathbf{x} \rVert^2", r"J = \sum_i \frac{a_i}{m}", r"J = \sum_i a_i / m"):
        entry = read_page(f"$${latex}$$").entries[0]
        assert "m is read as a number of its own" in entry.note


# ---------------------------------------------------------------- numbers, vectors, matrices


@pytest.mark.parametrize("latex", [r"|\mathbf{w}|", r"|\mathbf{w} - \mathbf{x}|", r"\lvert \mathbf{w} \rvert^2"])
def test_bars_around_a_vector(latex: str) -> None:
    error = refused(f"y = {latex}")
    assert "its norm, or the absolute value of each entry" in error.message
    assert r"\lVert x \rVert" in error.expected


def test_bars_around_a_number() -> None:
    read(r"y = |\mathbf{w}^\top \mathbf{x}|", "given w[n], x[n]\ny = abs(sum[i] w[i]*x[i])")


@pytest.mark.parametrize("latex", ["x^T", "2 x^T", r"x^\top + z", r"\alpha x^T", "(a + b)^T x", "f(x)^T"])
def test_the_transpose_of_what_may_be_a_number(latex: str) -> None:
    assert "the transpose of a vector" in refused(f"y = {latex}").message


def test_a_product_tells_vectors() -> None:
    read("y = x^T z", "given x[n], z[n]\ny = sum[j] x[j]*z[j]")
    read("y = x x^T", "given x[n]\ny[i,j] = x[i]*x[j]")
    read("y = 2 x^T", "given x[n]\ny[i] = 2*x[i]", "where x in R^n")


def test_a_matrix_before_a_letter_of_unknown_rank() -> None:
    matrix = "where W in R^{m x n}"
    for latex in ("W x", r"W \theta", "W (a + x)", r"W \cdot x"):
        assert "a number or a vector?" in refused(f"y = {latex}", matrix).message
    assert "a number or a vector?" in refused(r"y = \mathbf{w}^\top (x + z)").message
    read("y = x W", "given W[m, n], x\ny[i,j] = x*W[i,j]", matrix)
    read("y = W (1 - x)", "given W[m, n], x\ny[i,j] = W[i,j]*(1 - x)", matrix)
