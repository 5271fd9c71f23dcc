"""What stands below and above a sum means what it says: each reading is compared with loops in the page's own counting.

The loops write 1-based entries as x[i - 1], so that each line can be held against the formula.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
import pytest

from gradproof.derive.interpret import evaluate
from gradproof.derive.latex import read_page
from gradproof.derive.model import System
from gradproof.derive.notation import format_system
from gradproof.errors import InputError

N = 5
RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=N), RNG.normal(size=N)
A = RNG.normal(size=(N, N))
LONG = RNG.normal(size=N + 1)
TO = range(1, N + 1)
PAIRS = [(i, j) for i in TO for j in TO]


def read(latex: str, before: str = "Text.") -> System:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is None, entry.error
    assert entry.system is not None
    return entry.system


def refused(latex: str, before: str = "Text.") -> InputError:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is not None, format_system(entry.system) if entry.system else entry
    assert entry.error.expected or entry.error.hint
    return entry.error


def value(latex: str, **more: object) -> np.ndarray:
    """Return what the page's equation gives for x, y, A; a name in `more` replaces one."""
    system = read(latex)
    given = {"x": X, "y": Y, "A": A, "n": N, **more}
    wanted = {t.name for t in system.inputs} | {s.name for s in system.sizes}
    return np.asarray(evaluate(system, {k: v for k, v in given.items() if k in wanted})["S"], dtype=float)


NUMBERS: list[tuple[str, Callable[[], float]]] = [
    (r"\sum_{1 \leq i < j \leq n} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i < j)),
    (r"\sum_{1 \leq i \leq j \leq n} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i <= j)),
    (r"\sum_{0 \leq i < j < n} x_i x_j^2", lambda: sum(X[i] * X[j] ** 2 for i in range(N) for j in range(i + 1, N))),
    (
        r"\sum_{1 \leq i < j < k \leq n} x_i x_j^2 x_k^3",
        lambda: sum(X[i - 1] * X[j - 1] ** 2 * X[k - 1] ** 3 for i, j in PAIRS for k in TO if i < j < k),
    ),
    (r"\sum_{1 \leq i, j \leq n} A_{ij} x_i", lambda: sum(A[i - 1, j - 1] * X[i - 1] for i, j in PAIRS)),
    (r"\sum_{i=1}^{n} \sum_{j=i+1}^{n} y_i y_j^2", lambda: sum(Y[i - 1] * Y[j - 1] ** 2 for i, j in PAIRS if j > i)),
    (r"\sum_{i=1}^{n} \sum_{j=i}^{n} y_i y_j^2", lambda: sum(Y[i - 1] * Y[j - 1] ** 2 for i, j in PAIRS if j >= i)),
    (r"\sum_{i=1}^{n-1} \sum_{j=i+1}^{n} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if j > i)),
    (r"\sum_{i=1}^n \sum_{j \neq i} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i != j)),
    (r"\sum_{i \neq j} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i != j)),
    (r"\sum_{i, j : i \neq j} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i != j)),
    (r"\sum_{i, j = 1}^{n} A_{ij} x_i", lambda: sum(A[i - 1, j - 1] * X[i - 1] for i, j in PAIRS)),
    (r"\sum_{ij} A_{ij} x_i y_j", lambda: float(X @ A @ Y)),
    (r"\sum_{i<j} x_i x_j^2", lambda: sum(X[i - 1] * X[j - 1] ** 2 for i, j in PAIRS if i < j)),
    (r"\sum_{i \geq j} A_{ij}", lambda: sum(A[i - 1, j - 1] for i, j in PAIRS if i >= j)),
    (r"\sum_{i=1}^n \sum_{j=1}^{i} x_i y_j", lambda: sum(X[i - 1] * Y[j - 1] for i, j in PAIRS if j <= i)),
    (r"\sum_{i=1}^n \sum_{j=1}^{i-1} x_i y_j", lambda: sum(X[i - 1] * Y[j - 1] for i, j in PAIRS if j <= i - 1)),
    (r"\sum_{i=0}^{n-1} \sum_{j=0}^{i} x_i y_j", lambda: sum(X[i] * Y[j] for i in range(N) for j in range(i + 1))),
    (
        r"\sum_{i=0}^{n-1} \sum_{j=1}^{i} x_i y_j",
        lambda: sum(X[i] * Y[j - 1] for i in range(N) for j in range(1, i + 1)),
    ),
    (r"\sum_{i=0}^{n-1} i x_i", lambda: sum(i * X[i] for i in range(N))),
    (r"\sum_{i=1}^{n} i x_i", lambda: sum(i * X[i - 1] for i in TO)),
    (r"\sum_{i=1}^{n} [i > 1] x_i", lambda: sum(X[i - 1] for i in TO if i > 1)),
    (r"\sum_{i=0}^{n-1} [i > 1] x_i", lambda: sum(X[i] for i in range(N) if i > 1)),
    (r"\sum_{i=1}^n \sum_{j=1}^n [i = j] x_i y_j", lambda: float(X @ Y)),
    (
        r"\sum_{i=1}^n \sum_{j=1}^n \mathbf{1}[i \neq j] x_i y_j",
        lambda: sum(X[i - 1] * Y[j - 1] for i, j in PAIRS if i != j),
    ),
    (
        r"\sum_{i=1}^n \sum_{j=1}^n [i \geq j + 1] x_i y_j",
        lambda: sum(X[i - 1] * Y[j - 1] for i, j in PAIRS if i >= j + 1),
    ),
    (
        r"\sum_{i=0}^{n-1} \sum_{j=1}^{n} [i = j] x_i y_j",
        lambda: sum(X[i] * Y[j - 1] for i in range(N) for j in TO if i == j),
    ),
    (r"\sum_{i : y_i > 0} x_i", X[Y > 0].sum),
    (r"\sum_{t=1}^{n} [t > 1] (x_t - x_{t-1})^2", lambda: sum((X[t - 1] - X[t - 2]) ** 2 for t in TO if t > 1)),
    (r"\sum_{t=1}^{n-1} (x_{t+1} - x_t)^2", lambda: sum((X[t] - X[t - 1]) ** 2 for t in range(1, N))),
    (r"\sum_{i=1}^{n} x_i y_{n-i+1}", lambda: sum(X[i - 1] * Y[N - i] for i in TO)),
    (r"\prod_{i=1}^{n} x_i", lambda: prod(X)),
    (r"\prod_{1 \leq i < j \leq n} (x_i - x_j)", lambda: prod(X[i - 1] - X[j - 1] for i, j in PAIRS if i < j)),
    (r"\max_j x_j", X.max),
    (r"\max_{i \neq j} x_i x_j", lambda: max(X[i - 1] * X[j - 1] for i, j in PAIRS if i != j)),
    (r"\frac1n \sum_{i=1}^{n} x_i", X.mean),
]


@pytest.mark.parametrize(("latex", "expected"), NUMBERS, ids=[latex for latex, _ in NUMBERS])
def test_a_sum_means_what_its_limits_say(latex: str, expected: Callable[[], float]) -> None:
    np.testing.assert_allclose(value(f"S = {latex}"), expected(), rtol=1e-12)


ARRAYS: list[tuple[str, Callable[[int], float]]] = [
    (r"\sum_{j=1}^{i} x_j", lambda i: sum(X[j - 1] for j in range(1, i + 1))),
    (r"\sum_{j=0}^{i-1} x_j, \quad i = 1, \dots, n", lambda i: sum(X[j] for j in range(i))),
    (r"\sum_{j=1}^{n} [j < i] x_j y_i", lambda i: sum(X[j - 1] * Y[i - 1] for j in TO if j < i)),
    (r"\sum_{j \neq i} x_i x_j", lambda i: sum(X[i - 1] * X[j - 1] for j in TO if j != i)),
    (r"\sum_{j=1, j \neq i}^{n} x_i x_j", lambda i: sum(X[i - 1] * X[j - 1] for j in TO if j != i)),
    (r"\prod_{j \neq i} (x_i - x_j)", lambda i: prod(X[i - 1] - X[j - 1] for j in TO if j != i)),
    (r"\max_{j \neq i} A_{ij}", lambda i: max(A[i - 1, j - 1] for j in TO if j != i)),
    (r"i x_i \quad \text{for } i = 1, \dots, n", lambda i: i * X[i - 1]),
    (r"[i \geq 2] x_i \text{ for } i = 1, 2, \dots, n", lambda i: (i >= 2) * X[i - 1]),
]


@pytest.mark.parametrize(("latex", "expected"), ARRAYS, ids=[latex for latex, _ in ARRAYS])
def test_an_entry_for_each_index_at_the_left(latex: str, expected: Callable[[int], float]) -> None:
    np.testing.assert_allclose(value(f"S_i = {latex}"), [expected(i) for i in TO], rtol=1e-12)


def test_a_sum_from_zero_has_one_more_entry() -> None:
    np.testing.assert_allclose(value(r"S = \sum_{i=0}^{n} x_i", x=LONG), LONG.sum())
    with pytest.raises(InputError):
        value(r"S = \sum_{i=0}^{n} x_i + \sum_{i=1}^{n} y_i")


def test_a_range_beside_the_equation_says_what_the_index_counts_from() -> None:
    one = r"S_i = \sum_{j=1}^{n} [j < i] x_j y_i, \quad i = "
    from_zero = [sum(X[j - 1] * Y[i] for j in TO if j < i) for i in range(N)]
    np.testing.assert_allclose(value(one + r"0, \dots, n-1"), from_zero)
    from_one = [sum(X[j - 1] * Y[i - 1] for j in TO if j < i) for i in TO]
    np.testing.assert_allclose(value(one + r"1, \dots, n"), from_one)
    np.testing.assert_allclose(value(r"S_i = i x_i, \quad 0 \leq i < n"), [i * X[i] for i in range(N)])


WINDOWS = [
    (r"\sum_{k=0}^{2} x_{i+k} w_k", lambda i: i),
    (r"\sum_{k=1}^{3} x_{i+k-1} w_k", lambda i: i),
    (r"\sum_{k=0}^{2} x_{2i+k} w_k, \quad i = 0, \dots, p-1", lambda i: 2 * i),
]


@pytest.mark.parametrize(("latex", "start"), WINDOWS, ids=[w for w, _ in WINDOWS])
def test_a_window_starts_at_the_index(latex: str, start: Callable[[int], int]) -> None:
    system = read(f"S_i = {latex}", "where x in R^{9}, S in R^{3}.")
    x, w = RNG.normal(size=9), RNG.normal(size=3)
    expected = [x[start(i) : start(i) + 3] @ w for i in range(3)]
    np.testing.assert_allclose(np.asarray(evaluate(system, {"x": x, "w": w})["S"], dtype=float), expected)


# ---------------------------------------------------------------- what is asked about


ASKED = [
    (r"S = \sum_{i=2}^{n} x_i", "a lower limit other than 0, 1"),
    (r"S = \sum_i [i > 1] x_i", "does it count from 0 or from 1"),
    (r"S_i = \sum_{j=0}^{i-1} x_j", "does its index count from 0 or from 1"),
    (r"S_i = \sum_{j=i}^{n} x_j", "does that count from 0 or from 1"),
    (r"S_i = \sum_{k=1}^{K} x_{i+k} w_k", "does this index count from 0 or from 1"),
    (r"S_i = \sum_{k=0}^{K-1} x_{2i+k} w_k", "does this index count from 0 or from 1"),
    (r"S = \frac1n \sum_i x_i", "is it the number of values of i"),
    (r"S = \sum_{t=1}^{T} x_{t-1} y_t", "before its first row"),
    (r"S = \sum_{y_i > 0} x_i", "which index does this condition bind"),
    (r"S = \sum_{i=1}^{n} x_i \sum_{i=1}^{n} y_i", "bound twice"),
    (r"S = \sum_{i, j}^{n} A_{ij}", "which index does the upper limit bound"),
    (r"S = \max_{0 \leq t \leq 1} t x", "over an interval, or over whole numbers"),
    (r"y_i = x_i^2 \quad \forall i > 1", "holds for some indices only"),
    (r"y_i = x_i^2 \quad \forall i \in B", "holds for some indices only"),
    (r"y_i = x_i^2, \quad i = 2, \dots, m", "a range that starts at 2"),
    (r"y_i = x_i^2, \quad i \neq k", "a condition after the equation"),
    (r"y_i = x_i^2 \quad x_i > 0", "a condition after the equation"),
    (r"y_i = x_i, \quad i = 0, \dots, m, \quad i = 1, \dots, m", "counts from 0 and from 1"),
]


@pytest.mark.parametrize(("latex", "message"), ASKED)
def test_what_is_not_clear_is_asked(latex: str, message: str) -> None:
    assert message in refused(latex).message


def test_an_entry_before_the_first_says_what_to_write() -> None:
    hint = refused(r"S = \sum_{t=1}^{T} (x_t - x_{t-1})^2").hint
    assert "outside x = 0, in a ```gradproof block" in hint
    assert "[t > 1]" in hint


def test_ranges_that_say_nothing_new_are_passed_over() -> None:
    plain = read("y_i = x_i^2")
    for clause in (
        r", \quad i = 1, \dots, m.",
        r" \quad \forall i",
        r" \quad \forall i \in \{1, \dots, m\}",
        r" \quad (i = 1, \dots, m)",
        r" \qquad 1 \leq i \leq m",
        r" \text{ for } i = 1, \dots, m",
        r" \quad \text{for all } i",
    ):
        assert read(f"y_i = x_i^2{clause}").equations == plain.equations
