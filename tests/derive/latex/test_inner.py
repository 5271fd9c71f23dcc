"""Angle brackets: the inner product of two vectors or of two matrices."""

from __future__ import annotations

import pytest

from gradproof.derive.latex import read_page
from gradproof.derive.notation import format_system, parse_system
from gradproof.errors import InputError

DOT = "given u[n], x[n]\ny = sum[j] u[j]*x[j]"
MATRICES = "where A, B in R^{m x n}"


def read(latex: str, expected: str, before: str) -> None:
    entry = read_page(f"{before}\n\n$${latex}$$\n").entries[-1]
    assert entry.error is None, entry.error
    assert entry.system is not None
    assert entry.system.equations == parse_system(expected).equations, format_system(entry.system)


def refused(latex: str, before: str) -> InputError:
    error = read_page(f"{before}\n\n$${latex}$$\n").entries[-1].error
    assert error is not None
    assert error.expected
    return error


@pytest.mark.parametrize(
    "latex",
    [
        r"\langle \mathbf{u}, \mathbf{x} \rangle",
        r"\left\langle \mathbf{u}, \mathbf{x} \right\rangle",
        r"\big\langle \mathbf{u} ,\, \mathbf{x} \big\rangle",
        "⟨\\mathbf{u}, \\mathbf{x}⟩",
        r"\langle u, x \rangle",
    ],
)
def test_two_vectors(latex: str) -> None:
    read(f"y = {latex}", DOT, "Text.")


def test_in_larger_expressions() -> None:
    read(
        r"y = c \langle u, x \rangle^2 + \exp(\langle x + u, x \rangle)",
        "given u[n], x[n], c\ny = c*(sum[j] u[j]*x[j])**2 + exp(sum[j] (u[j] + x[j])*x[j])",
        "Text.",
    )
    read(
        r"y = \langle A x, u \rangle",
        "given A[m, n], x[n], u[m]\ny = sum[j] (sum[k] A[j,k]*x[k])*u[j]",
        r"where $A \in \mathbb{R}^{m \times n}, x \in \mathbb{R}^n, u \in \mathbb{R}^m$",
    )


@pytest.mark.parametrize("latex", [r"\langle A, B \rangle", r"\langle A, B \rangle_F", r"\langle A, B \rangle_{F}"])
def test_two_matrices(latex: str) -> None:
    read(f"y = {latex}", "given A[m, n], B[m, n]\ny = sum[i,j] A[i,j]*B[i,j]", MATRICES)


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\langle x \rangle", "an average in angle brackets"),
        (r"\langle x, z \rangle_M", "an inner product with a weight"),
        (r"\langle \mathbf{x}, A \rangle", "the inner product of a column vector and a matrix"),
        (r"\langle 2, 3 \rangle", "the inner product of a number and a number"),
        (r"\langle \mathbf{x}, \mathbf{z}^\top \rangle", "do not fit together"),
        (r"\langle x, z, w \rangle", "expected"),
        (r"\langle x | z \rangle", "expected"),
        (r"\langle x, z", "expected"),
    ],
)
def test_what_is_something_else(latex: str, message: str) -> None:
    error = refused(f"y = {latex}", MATRICES)
    assert message in f"{error.message} expected {error.expected}"
