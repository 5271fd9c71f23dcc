from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.implicit import is_solution
from gradproof.derive.interpret import evaluate
from gradproof.derive.notation import parse_system
from gradproof.derive.render import matrix_nodes as mx
from gradproof.derive.render.mathtext import Writer, flat_text
from gradproof.derive.render.matrix import matrix_form
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.symbols import Symbols

FORMS = [
    ("sum[k] A[i,k]*B[k,j]", "A B", "A @ B"),
    ("sum[k] A[k,i]*B[k,j]", "Aᵀ B", "A.T @ B"),
    ("sum[k] A[i,k]*B[j,k]", "A Bᵀ", "A @ B.T"),
    ("sum[k,l] A[i,k]*B[k,l]*A[l,j]", "A B A", "A @ B @ A"),
    ("sum[k] A[i,k]*u[k]*B[k,j]", "A diag(u) B", "A @ diag(u) @ B"),
    ("A[i,j]*B[i,j]", "A ⊙ B", "A * B"),
    ("A[i,j]/B[i,j]", "A ⊘ B", "A / B"),
    ("A[j,i] + 2*B[i,j]", "Aᵀ + 2·B", "A.T + 2*B"),
    ("u[i]*v[j]", "u vᵀ", "u @ v.T"),
    ("u[i]*A[i,j]*v[j]", "diag(u) A diag(v)", "diag(u) @ A @ diag(v)"),
    ("u[i]*([i == j] - u[j])", "diag(u) − u uᵀ", "diag(u) - u @ u.T"),
    ("(A[i,j] - [i == j])/n", "(A − I)/n", "(A - I)/n"),
    ("sum[k] (A[k,i]*B[k,j] + B[k,i]*C[k,j])", "Aᵀ B + Bᵀ C", "A.T @ B + B.T @ C"),
    ("A[i,j] + sum[k] (A[i,k]*B[k,j] - B[i,k]*C[k,j])", "A + A B − B C", "A + A @ B - B @ C"),
    ("[j <= i]*A[i,j]*B[i,j]", "tril(A ⊙ B)", "tril(A * B)"),
    ("[j >= i]*(sum[k] A[i,k]*B[k,j])", "triu(A B)", "triu(A @ B)"),
    ("sum[k, k >= i] A[k,i]*B[k,j]", "tril(A)ᵀ B", "tril(A).T @ B"),
    ("sum[k<=j] A[i,k]*B[k,j]", "A triu(B)", "A @ triu(B)"),
    ("A[i,j] - u[i]", "A − u 1ᵀ", "A - u @ 1.T"),
    ("A[i,j] + v[j]", "A + 1 vᵀ", "A + 1 @ v.T"),
    ("(sum[k] A[i,k]*B[k,j])*C[i,j]", "C ⊙ (A B)", "C * (A @ B)"),
    ("A[i,j]*(1 - A[i,j])", "A ⊙ (1 − A)", "A * (1 - A)"),
    ("tanh(A[i,j])*[B[i,j] > 0]", "[B > 0] ⊙ tanh(A)", "(B > 0) * tanh(A)"),
    ("A[i,j]*sum[k] B[i,k]*C[i,k]", "diag((B ⊙ C) 1) A", "diag((B * C) @ 1) @ A"),
    ("A[i,j]*sum[k,l] B[k,l]*C[k,l]", "⟨B, C⟩·A", "sum(B * C)*A"),
    ("sum[k] A[k,i]*B[k,j]*(1 - B[k,j])", "Aᵀ (B ⊙ (1 − B))", "A.T @ (B * (1 - B))"),
    ("-(A[i,j] - B[i,j])/(2*s)", None, None),
]


def written(value, target="Y[i,j]", *, numpy=False):
    text = f"given A[n, n], B[n, n], C[n, n], u[n], v[n], s, T[n, n, n], label[n] in n\n{target} = {value}"
    system = parse_system(text)
    form = matrix_form(system.equations[0])
    writer = hand_of(Writer(Symbols(ascii=numpy), system))
    return None if form is None else flat_text(matrix_doc(form[1], writer))


@pytest.mark.parametrize(("value", "unicode", "numpy"), [f for f in FORMS if f[1]])
def test_forms(value, unicode, numpy):
    assert written(value) == unicode
    assert written(value, numpy=True) == numpy


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("sum[k] A[i,k]*u[k]", "A u"),
        ("sum[k] A[k,i]", "Aᵀ 1"),
        ("u[i]*(v[i] - sum[k] v[k]*u[k])", "u ⊙ (v − ⟨u, v⟩)"),
        ("s*u[i]", "s·u"),
        ("sum[k] A[k,i]*B[k,i]", "(A ⊙ B)ᵀ 1"),
        ("sum[k] A[k,i]*(1 - B[k,i])", "(A ⊙ (1 − B))ᵀ 1"),
        ("u[i]/sqrt(n)", "u/√n"),
    ],
)
def test_columns(value, form):
    assert written(value, "y[i]") == form


@pytest.mark.parametrize("value", ["T[i,j,j]", "A[i,label[j]]", "A[i,i]*B[i,j]", "A[i,j]*i", "max[k] A[i,k]*B[k,j]"])
def test_no_form_is_none(value):
    assert written(value) is None


def test_three_axes_and_bare_scalars_have_none():
    assert written("T[i,j,k]*A[i,j]", "Y[i,j,k]") is None
    assert written("s**2", "y") is None


# ---------------------------------------------------------------- the matrix form has the value of the index form


def column(x):
    return x.reshape(-1, 1) if x.ndim == 1 else x


class Reading:
    """The plain reading of matrix notation, in NumPy; ones (a text) are as long as what stands beside them."""

    def __init__(self, arrays, shape):
        self.arrays, self.shape = arrays, shape

    def value(self, m):
        return getattr(self, type(m).__name__.lower())(m)

    def whole(self, m):
        return column(self.arrays[m.name])

    def scalar(self, m):
        return float(evaluate_scalar(m.value, self.arrays))

    def ones(self, _):
        return "1"

    def eye(self, _):
        return np.eye(self.shape[0])

    def turned(self, m):
        return "1T" if isinstance(m.body, mx.Ones) else self.value(m.body).T

    def times(self, m):
        return np.multiply.reduce(np.broadcast_arrays(*[self.value(p) for p in m.parts]))

    def over(self, m):
        return self.value(m.top) / self.value(m.bottom)

    def scaled(self, m):
        above, below = (float(np.prod([np.squeeze(self.value(p)) for p in parts])) for parts in (m.top, m.bottom))
        return self.value(m.body) * above / below

    def plus(self, m):
        return sum((-self.value(t) if negative else self.value(t)) for negative, t in m.terms)

    def diagonal(self, m):
        return self.eye(m) if isinstance(m.body, mx.Ones) else np.diag(np.ravel(self.value(m.body)))

    def triangle(self, m):
        return (np.triu if m.upper else np.tril)(self.value(m.body))

    def inner(self, m):
        return float(np.sum(self.value(m.left) * self.value(m.right)))

    def power(self, m):
        return self.value(m.body) ** float(evaluate_scalar(m.exponent, self.arrays))

    def applied(self, m):
        return FUNCTIONS[m.name](*[self.value(a) for a in m.arguments])

    def holds(self, m):
        relation = {">": np.greater, ">=": np.greater_equal, "==": np.equal}[m.op]
        return np.asarray(relation(self.value(m.left), self.value(m.right)), float)

    def dot(self, m):
        parts = [self.value(p) for p in m.parts]
        while len(parts) > 1:
            k = next(j for j in range(len(parts) - 1) if not all(isinstance(p, str) for p in parts[j : j + 2]))
            parts = [*parts[:k], self.product(*parts[k : k + 2]), *parts[k + 2 :]]
        return parts[0]

    def product(self, a, b):
        if isinstance(b, str):
            return np.sum(a, 1, keepdims=True) if b == "1" else np.repeat(a, self.shape[-1], axis=1)
        if isinstance(a, str):
            return np.sum(b, 0, keepdims=True) if a == "1T" else np.repeat(b, self.shape[0], axis=0)
        return a @ b


FUNCTIONS = {
    "log": np.log,
    "exp": np.exp,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "sign": np.sign,
    "abs": np.abs,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def evaluate_scalar(e, arrays):
    from sympy import Integer, sympify

    from gradproof.derive.nodes import Element, Iverson

    known = {x: sympify(arrays[x.name].item()) for x in e.atoms(Element)}
    known |= {s: sympify(arrays[s.name]) for s in e.free_symbols}
    found = e.xreplace(known)
    return found.xreplace({b: Integer(int(all(holds(c) for c in b.args))) for b in found.atoms(Iverson)})


def holds(condition):
    if condition.kind == "not":
        return not all(holds(c) for c in condition.operands)
    assert condition.kind == "gt"
    left, right = condition.operands
    return left > right


def inputs_for(system, seed):
    rng = np.random.default_rng(seed)
    sizes = dict(zip(system.sizes, (3, 4, 2, 5), strict=False))
    arrays = {}
    for t in system.inputs:
        shape = tuple(int(n.xreplace(sizes)) for n in t.shape)
        arrays[t.name] = (
            rng.uniform(0.2, 0.8, shape) if t.bound is None else rng.integers(0, int(t.bound.xreplace(sizes)), shape)
        )
    return arrays, {s.name: n for s, n in sizes.items()}


def compare(system, equations):
    arrays, sizes = inputs_for(system, 7)
    everything = {**arrays, **evaluate(system, arrays)}
    everything = {k: np.asarray(v, float) for k, v in everything.items()}
    for e in equations:
        form = matrix_form(e)
        if form is not None:
            expected = everything[e.name]
            if is_solution(e.value):
                left, right = (Reading({**everything, **sizes}, expected.shape).value(m) for m in form)
                np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)
                yield e.name
                continue
            found = Reading({**everything, **sizes}, expected.shape).value(form[1])
            np.testing.assert_allclose(np.broadcast_to(np.squeeze(found), expected.shape), expected, rtol=1e-12)
            yield e.name


def test_the_catalogue_has_the_same_value_in_both_notations(derivation):
    if derivation.system.functions:
        pytest.skip("an unknown function has no value")
    joint = derivation.joint
    names = {e.name for e in derivation.backward.definitions}
    done = list(compare(joint, [e for e in joint.definitions if e.name in names]))
    assert done == [e.name for e in derivation.backward.definitions if matrix_form(e)]


@pytest.mark.parametrize("row", [f for f in FORMS if f[1]], ids=lambda r: r[0])
def test_forms_have_the_value_of_the_index_notation(row):
    system = parse_system(f"given A[n, n], B[n, n], C[n, n], u[n], v[n]\nY[i,j] = {row[0]}")
    assert list(compare(system, system.equations)) == ["Y"]


def test_a_causal_mask_is_a_triangle(derived):
    page = derived("causal_attention").plain()
    assert "∂P = tril(∂O Vᵀ)" in page
    assert "∂V = tril(P)ᵀ ∂O" in page
    assert "tril keeps the diagonal and what is below it" in " ".join(page.split())
    assert r"\bar{V} &= \operatorname{tril}(P)^{\top}\, \bar{O}" in derived("causal_attention").latex()
    assert "<mi>tril</mi>" in derived("causal_attention").html()
    assert "∂V = tril(P)ᵀ ∂O" not in derived("attention").plain()
