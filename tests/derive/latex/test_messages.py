"""What cannot be read is reported with its place and what was expected; nothing is skipped and nothing guessed."""

from __future__ import annotations

import contextlib
import time
from itertools import pairwise

import pytest

from gradproof.derive.latex import read_page
from gradproof.errors import InputError

#: a display, a piece of the message, and the text under the caret
REFUSED = [
    (r"y = a / b c", "a / b c may mean", "c"),
    (r"y = \log a b", "how far", "b"),
    (r"y = t \log p (1 - t) + p", "how far", "(1 - t)"),
    (r"y = a(b) + a", "looks like a function", "a(b)"),
    (r"y := a = b", "an update in a chain of equalities", "="),
    (r"MSE = 3", "product of 3 letters", "MSE"),
    (r"z = \mathbf{w} \mathbf{x}", "a column vector and a column vector", r"\mathbf{w} \mathbf{x}"),
    (r"z = \frac{1}{N} \sum_{i=1}^{m} x_i", "is N a number, a vector or a matrix", "N"),
    (r"z = {{a + b}", "expected `}`", "}"),
    (
        r"\frac{\partial^3 L}{\partial z^2} = p - y",
        "a derivative of order 3, but 2",
        r"\frac{\partial^3 L}{\partial z^2}",
    ),
    (r"E = \mathbb{E}[x]", r"`\mathbb{E}` is not understood", r"\mathbb{E}"),
    (r"x_{t} = x_{t-1} + 1", "x is defined by itself", "x_{t}"),
    (r"D_{KL} = \sum_i p_i", "K and L at the left", "D_{KL}"),
    (r"\ddot{x} = 2", r"`\ddot` is not understood", r"\ddot"),
    (r"f = g' + 3", "with a prime", "g'"),
    (r"a = b_j", "the index j is not bound", "j"),
    (r"a = \sum_{i=1}^{m} x_i + y_1 + \sum_{i=1}^{m} y_i", "is y_1 an entry of it", "y_1"),
    (r"x + 1", "no equals sign", "x + 1"),
    (r"a = \text{softmax}(q)", "softmax is not defined on this page", r"\text{softmax}(q)"),
    (r"a = \sum_i i", "does it count from 0 or from 1", "i"),
    (r"a = b^2^3", "two superscripts", "^"),
    (r"a = (b + c", "`(` is not closed", "("),
    (r"a = \begin{matrix} 1 \end{matrix}", r"`\begin{matrix}` is not understood", r"\begin{matrix}"),
    (r"a = \sum_{i \in B} x_i", "over a set", r"\in"),
    (r"a = \sum_{i=1}^{m} x_i + \sum_{i=1}^{n} x_i", "two sizes: m in line 2 and n", "i"),
]


@pytest.mark.parametrize(("latex", "message", "under"), REFUSED)
def test_refused_with_a_caret(latex: str, message: str, under: str) -> None:
    entry = read_page(f"Text.\n$${latex}$$\n").entries[0]
    assert entry.system is None
    assert entry.line == 2
    assert entry.error is not None
    assert message in entry.error.message
    where = entry.error.where
    assert where is not None
    assert where.line == 2
    assert where.text[where.column - 1 :].startswith(under)
    assert entry.error.expected or entry.error.hint


def test_an_undeclared_matrix_asks_for_the_declaration() -> None:
    error = read_page("$$Z = XW + b$$").entries[0].error
    assert error is not None
    assert "where X in R^{m x n}" in error.hint


def test_conflicting_shapes_name_both_places() -> None:
    error = read_page("where w in R^{d}.\n\n$$z = \\sum_{j=1}^{n} w_j$$").entries[0].error
    assert error is not None
    assert "d in line 1" in str(error)
    assert "n in line 3" in str(error) or ":3:" in str(error)


def test_two_declarations_name_both_places() -> None:
    page = read_page("where w in R^{d}.\n\nwhere w in R^{m x d}.\n\n$$z = \\mathbf{w}^T \\mathbf{w}$$")
    errors = [e.error for e in page.entries if e.error]
    assert "first in line 1" in errors[0].message


def test_a_wrong_notation_block_is_reported_at_its_place() -> None:
    page = read_page("a\n\n```gradproof\ngiven x[m\n```\n")
    assert page.entries[0].error is not None
    assert page.entries[0].error.where is not None
    assert page.entries[0].error.where.line in (4, 5)


@pytest.mark.parametrize("text", ["a $$ b = c", "a\n\n\\[ b = c\n\nd", "```math\na = b\n"])
def test_what_is_not_closed_is_reported(text: str) -> None:
    page = read_page(text)
    assert ["is not closed" in e.error.message for e in page.entries if e.error] == [True]


def test_prose_is_no_equation() -> None:
    text = "The weight $w$, it costs $5 or $6, and \\( z \\); `$a = 1$`; \\$x = 1\\$.\n\n    $m \\geq 2$\n"
    assert read_page(text).entries == ()


def test_inline_mathematics_with_an_equals_sign_is_an_equation() -> None:
    entry = read_page("So $y = 2 x$ holds.").entries[0]
    assert entry.inline
    assert entry.output == "y"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("\x00\x01", "binary"),
        ("x = y " * 1_700_000, "characters"),
        ("$" * 1_000_000, "more than"),
        ("$$a = b$$\n" * 3_000, "more than 500 equations"),
        (" in R^n" * 20_000, "declarations"),
    ],
    ids=["empty", "blank", "binary", "10 MB", "dollars", "3000 equations", "declarations"],
)
def test_what_is_no_page_is_refused_at_once(text: str, message: str) -> None:
    start = time.thread_time()
    with pytest.raises(InputError, match=message):
        read_page(text)
    assert time.thread_time() - start < 5


DEEP = [
    ("(", ")"), ("{", "}"), (r"\left[", r"\right]"), (r"\frac{1}{", "}"), ("b^{", "}"),
    (r"\log ", ""), (r"\hat", ""), ("|", "|"), ("-", ""),
]  # fmt: skip


@pytest.mark.parametrize("count", [150, 1_000, 10_000])
@pytest.mark.parametrize(("opening", "closing"), DEEP)
def test_deep_nesting_is_refused_in_bounded_time(opening: str, closing: str, count: int) -> None:
    start = time.thread_time()
    entry = read_page(f"$$a = {opening * count}b{closing * count}$$").entries[0]
    assert entry.error is not None
    assert time.thread_time() - start < 5


@pytest.mark.parametrize("opening", ["\\(", "\\[", "`", "<!--", "```\n", "~~~math\n", "$$ ", "$a "])
def test_time_grows_linearly_with_open_delimiters(opening: str) -> None:
    start = time.thread_time()
    with contextlib.suppress(InputError):
        read_page(opening * (600_000 // len(opening)))
    assert time.thread_time() - start < 5


def test_functions_of_functions_are_bounded() -> None:
    names = [f"f{chr(97 + k)}" for k in range(20)]
    steps = [rf"$$\text{{{a}}}(x) = \text{{{b}}}(x) + \text{{{b}}}(2x)$$" for a, b in pairwise(names)]
    page = read_page("\n\n".join([*steps, rf"$$\text{{{names[-1]}}}(x) = x^3$$"]))
    assert any(e.error is not None and "more than" in e.error.message for e in page.entries)


def test_huge_numbers_do_not_hang() -> None:
    for latex in (r"f(x) = 9^{9^{9^9}} + x", r"f(x) = (x+1)^{100000}", r"a = 10^{1000000}"):
        start = time.thread_time()
        read_page(f"$${latex}$$")
        assert time.thread_time() - start < 2


def test_line_ends_do_not_matter() -> None:
    unix = "# a\n\n$$\nz = x + b\n$$\n"
    assert read_page(unix).entries == read_page(unix.replace("\n", "\r\n")).entries
