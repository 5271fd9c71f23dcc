"""What an index counts from, and how many values it takes: n from 1, n + 1 from 0; nothing is identified silently."""

from __future__ import annotations

import pytest

from gradproof.derive.latex import latex_system, read_page
from gradproof.derive.model import System
from gradproof.derive.notation import format_system, parse_system
from gradproof.errors import InputError


def one(latex: str, before: str = "") -> System:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is None, entry.error
    assert entry.system is not None
    return entry.system


def refused(latex: str, before: str = "") -> InputError:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is not None, format_system(entry.system) if entry.system else entry
    return entry.error


READ = [
    (r"a = \sum_{i=0}^{n} x_i", "given x[n+1]\na = sum[i] x[i]"),
    (r"a = \frac{1}{n} \sum_{i=0}^{n} x_i", "given x[n+1]\na = 1/n * sum[i] x[i]"),
    (r"a = \frac{1}{n+1} \sum_{i=0}^{n} x_i", "given x[n+1]\na = 1/(n+1) * sum[i] x[i]"),
    (r"a = \sum_{i=0}^{5} x_i", "given x[6]\na = sum[i] x[i]"),
    (r"a = \sum_{i=0}^{n-1} x_i + \sum_{j=0}^{n-1} x_j", "given x[n]\na = 2*sum[i] x[i]"),
    (r"a = \prod_{i=0}^{n} x_i", "given x[n+1]\na = prod[i] x[i]"),
    (r"a = \sum_{t=0}^{T} x_t + \sum_{t=0}^{T-1} x_{t+1}", "given x[T+1]\na = sum[t<T] x[t+1] + sum[t] x[t]"),
    (r"a = \sum_{i=0}^{n} \sum_{j=1}^{n} A_{ij}", "given A[n+1, n]\na = sum[i,j] A[i,j]"),
]


@pytest.mark.parametrize(("latex", "expected"), READ)
def test_as_many_values_as_the_limits_say(latex: str, expected: str) -> None:
    system, wanted = one(latex), parse_system(expected)
    assert system.equations == wanted.equations
    assert system.tensors == wanted.tensors


def test_two_counts_of_one_axis_name_both_places() -> None:
    text = "$$a = \\sum_{i=0}^{n} x_i$$\n\n$$b = a + \\sum_{j=1}^{n} x_j$$"
    with pytest.raises(InputError, match=r"axis 1 of x is counted from 1 here, but from 0 in line 1, column 24"):
        read_page(text).chain("b")
    assert "counted from 1 here, but from 0" in refused(r"y = \sum_{i=0}^{n} x_i + \sum_{j=1}^{n} x_j").message


def test_the_trapezoidal_rule_is_no_double_sum() -> None:
    error = refused(r"a = \sum_{i=0}^{n-1} f_i + \sum_{i=1}^{n} f_i")
    assert "counted from 1 here, but from 0 in line 3" in error.message


def test_two_sizes_name_both_places() -> None:
    assert (
        "two sizes: n in line 3 and n+1 in line 3" in refused(r"a = \sum_{i=0}^{n-1} x_i + \sum_{i=0}^{n} x_i").message
    )
    assert "two sizes: n in line 1 and n+1 in line 3" in refused(r"a = \sum_{i=0}^{n} x_i", "where x in R^{n}").message


def test_an_axis_is_not_named_after_a_range_of_another_length() -> None:
    page = read_page("$$a = \\sum_{i=0}^{n} x_i$$\n\n$$z_i = 2 u_i$$")
    system = page.entries[1].system
    assert system is not None
    assert [str(t.shape) for t in system.inputs] == ["(k,)"]


def test_sums_that_share_a_tensor_are_written_with_one_way_of_counting() -> None:
    system = parse_system("given x[n]\na = sum[t<n] t*x[t]\nb = a + sum[i] x[i]")
    assert latex_system(system).count(r"\sum_{t=0}^{n-1}") == 2
    assert read_page(latex_system(system)).system().equations == system.equations
