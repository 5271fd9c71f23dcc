"""`solve Y: left = right` as it is read: what is refused, and where the caret stands."""

from __future__ import annotations

import pytest

import gradproof as gp

WRONG = {
    "squared": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*v[j]**2 = b[i]", 1, "not linear in v"),
    "in a function": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*tanh(v[j]) = b[i]", 1, "not linear in v"),
    "in a bracket": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*v[j] = b[i]*[v[i] > 0]", 1, "not linear in v"),
    "held constant": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*v[j] = stop(v[i])", 1, "not linear in v"),
    "below": ("given a[n], b[n]\nsolve v: a[i]/v[i] = b[i]", 1, "not linear in v"),
    "too few unknowns": ("given A[m,n], b[m]\nsolve v: sum[j] A[i,j]*v[j] = b[i]", 1, "m equations for n unknowns"),
    "one index too many": (
        "given A[n,n], B[n,p]\nsolve v: sum[j] A[i,j]*v[j] = B[i,k]", 1, "n x p equations for n unknowns",
    ),
    "absent": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*b[j] = b[i]", 1, "v does not stand in the equation"),
    "undeclared": ("given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*w[j] = v[i]", 24, "w is not declared"),
    "given": ("given A[n,n], b[n]\nsolve b: sum[j] A[i,j]*b[j] = 1", 24, "b is given in line 1 and defined here"),
    "twice": ("given a\nv = 2\nsolve v: a*v = 3", 12, "v is defined twice"),
    "with indices": ("given A[n,n], b[n]\nsolve v[j]: sum[j] A[i,j]*v[j] = b[i]", 8, "'[' cannot stand here"),
    "no right side": ("given A[n,n]\nsolve v: sum[j] A[i,j]*v[j]", 28, "the line ends too early"),
    "past the edge": (
        "given A[T,n,n]\nsolve v: sum[j] A[t,i,j]*v[t,j] = v[t-1,i]", 1, "v[t-1,i] may lie past its edge",
    ),
    "no plain index": ("given b[n]\nsolve v: v[1] = b[i]", 10, "axis 0 of v has no index of its own"),
    "log-determinant of a diagonal": ("given A[n,n]\nl = logdet[i] A[i,i]", 5, "row and the column of a square"),
    "log-determinant of no square": ("given A[n,m]\nl = logdet[i,j] A[i,j]", 5, "row and the column of a square"),
    "log-determinant of a part": ("given A[n,n]\nl = logdet[i,j, j<i] A[i,j]", 5, "row and the column of a square"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_refusals(name: str) -> None:
    text, column, message = WRONG[name]
    with pytest.raises(gp.InputError) as caught:
        gp.system(text)
    assert message in str(caught.value)
    assert caught.value.where is not None
    assert (caught.value.where.line, caught.value.where.column) == (text.count("\n") + 1, column)


TEXTS = (
    "given A[n,n], b[n]\nsolve v: sum[j] A[i,j]*v[j] = b[i]",
    "given A[n,n], b[n]\nsolve v: sum[k] A[i,k]*v[k] - 2*v[i] = -b[i]",
    "given A[n,n], B[n,n]\nsolve v: sum[j] (A[i,j] + B[i,j])*v[j] = sum[j] B[i,j]",
    "given A[n,n], B[n,n], C[n,n]\nsolve X: sum[k] A[i,k]*X[k,j] + sum[k] X[i,k]*B[k,j] = C[i,j]",
    "given b[n]\noutside u = 0\nsolve u: 3*u[i] - u[i-1] = b[i]",
    "given a[n], b[n]\nsolve u: a[i]*u[i] + u[n-1-i] = b[i]",
    "given T[p,q,p,q], b[p,q]\nsolve x: sum[k,l] T[i,j,k,l]*x[k,l] = b[i,j]",
    "given A[n,n]\nf = 2*logdet[i,j] (A[i,j] + [i == j]) + 1",
)


@pytest.mark.parametrize("text", TEXTS)
def test_round_trip(text: str) -> None:
    system = gp.system(text)
    assert gp.system(str(system)) == system
    assert str(gp.system(str(system))) == str(system)
