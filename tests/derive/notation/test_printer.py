"""What is printed, exactly; and that it depends on nothing but the mathematics."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import sympy as sp

from gradproof.derive.conditions import at_least_zero, divides, negation
from gradproof.derive.index import Index, Size, fresh
from gradproof.derive.model import Equation
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Product, Quotient, Reduce
from gradproof.derive.notation import format_condition, format_equation, format_expr, format_system, parse_system
from tests.derive.notation.texts import TEXTS

m, C = Size("m"), Size("C")
i, c, k = Index("i", m), Index("c", C), Index("k", C)


def line(declarations: str, equation: str) -> str:
    """Read one equation, and return it as printed, whatever the order of its text was."""
    system = replace(parse_system(f"{declarations}\n{equation}"), written={})
    return format_equation(system.equations[-1], system)


MATRICES = "given X[m, D], W[D, C], b[C], y[m, C], p[m, C], v[m], lam, eps"


@pytest.mark.parametrize(
    "equation",
    [
        "z[i,c] = sum[d] X[i,d]*W[d,c] + b[c]",
        "L = -1/m * sum[i,c] y[i,c]*log(p[i,c])",
        "L = 1/(2*m) * sum[i,c] (p[i,c] - y[i,c])**2",
        "L = lam*sum[c] b[c]**2",
        "q[i,c] = exp(p[i,c])/sum[k] exp(p[i,k])",
        "q[i,c] = p[i,c]/(sum[k] p[i,k]*y[i,k])",
        "q[i,c] = (p[i,c] - y[i,c])/m",
        "q[i,c] = p[i,c]*(y[i,c] - sum[k] p[i,k]*y[i,k])",
        "q[i,c] = p[i,c]/((1 + y[i,c])*sqrt(v[i] + eps))",
        "q[i] = 1/sqrt(v[i] + eps)",
        "q[i] = 2**v[i] + v[i]**(1/3) + v[i]**lam",
        "q[i] = 1 - v[i]**2",
        "q[i] = -v[i]",
        "q[i] = -log(v[i])/m",
        "q[i] = [v[i] > 0]*v[i]",
        "q[i] = [0 <= i-2 < D, v[i] >= lam]*v[i]",
        "q[i] = [i % 2 == 0]*v[i] + [i % 3 != 0]*v[i]",
        "q[i] = where(v[i] > 0, v[i], 0.01*v[i])",
        "q[i] = max(0, v[i])",
        "q[i] = max[c] p[i,c]",
        "q[i] = sum[c, c == argmax[k] p[i,k]] y[i,c]",
        "q[i] = prod[c, c != 3] p[i,c]",
        "q[i] = sum[j<=i] v[j]",
        "q[i] = sum[u<C] v[i]**u",
        "q = (sum[i] v[i])**2",
        "q = (sum[c] b[c])*sum[i] v[i]",
        "q = sum[i] v[i]/m",
        "q = sqrt(2/pi)*lam",
        "q = lam + 1e-8",
        "q = 0.044715*lam**3",
        "q = lam/2",
        "q = eps*(1 - lam)",
    ],
)
def test_prints_as_written(equation: str) -> None:
    left = line(MATRICES, equation)
    assert left == equation


def test_equations_of_backpropagation_read_like_matrix_products() -> None:
    head = "given X[m, D], W[D, C], d_Z[m, C]"
    assert line(head, "A[d,c] = sum[i] d_Z[i,c]*X[i,d]") == "A[d,c] = sum[i] X[i,d]*d_Z[i,c]"
    assert line(head, "A[i,d] = sum[c] W[d,c]*d_Z[i,c]") == "A[i,d] = sum[c] d_Z[i,c]*W[d,c]"


def test_display_products_are_not_distributed() -> None:
    z = Element("z", i)
    shown = Product(sp.Integer(2), z - Element("y", i))
    assert format_expr(shown) == "2*(z[i] - y[i])"
    assert format_expr(sp.Mul(1 / m, shown)) == "2*(z[i] - y[i])/m"
    assert format_expr(Product(sp.Integer(-2), z + 1) + z) == "z[i] - 2*(1 + z[i])"


def test_gradient_in_an_update() -> None:
    w = Element("w", i)
    assert format_expr(w - Element("alpha") * Grad("L", w)) == "w[i] - alpha*grad(L, w[i])"


def test_derivatives_of_unknown_functions_have_primes() -> None:
    assert format_expr(Call("phi''", Element("z"))) == "phi''(z)"


def test_exact_quotients_and_their_bounds_join_to_one_chain() -> None:
    h, u, s, n = Index("h", Size("H")), Index("u", Size("K")), Size("s", 1), Size("Ho")
    a = h - 2 * u
    bracket = Iverson(at_least_zero(a), at_least_zero(s * (n - 1) - a), divides(s, a))
    text = format_expr(bracket * Element("y", Quotient(a, s)))
    assert text == "[0 <= (h-2*u)/s < Ho, (h-2*u) % s == 0]*y[(h-2*u)/s]"


def test_conditions() -> None:
    t, T = Index("t", Size("T")), Size("T")
    assert format_condition(at_least_zero(T - t - 2)) == "t+1 < T"
    assert format_condition(at_least_zero(t - 1)) == "t > 0"
    assert format_condition(at_least_zero(i - t)) == "t <= i"
    assert format_condition(negation(divides(T, t + 1))) == "(t+1) % T != 0"


def test_fresh_indices_get_letters() -> None:
    a, b = fresh(m), fresh(C)
    e = Equation(1, Element("y", a), Reduce("sum", Element("x", a, b), [b]))
    assert format_equation(e) == "y[i] = sum[c] x[i,c]"


def test_bound_letters_avoid_free_ones_and_names() -> None:
    e = Reduce("sum", Element("c") * Element("x", i, k), [k])
    assert format_expr(e) == "sum[k] c*x[i,k]"
    system = parse_system("given z[n], i\ny[j] = i*z[j] + sum[q] z[q]")
    assert "sum[i]" not in format_system(system)


def test_nested_bound_letters_differ() -> None:
    a, b = fresh(m), fresh(m)
    inner = Reduce("sum", Element("x", b) * Element("A", a, b), [b])
    assert format_expr(Reduce("sum", Element("x", a) * inner, [a])) == "sum[i] x[i]*sum[k] A[i,k]*x[k]"


def test_order_does_not_depend_on_history() -> None:
    """Fresh indices made in another order, and earlier ones, change nothing."""

    def expression() -> sp.Expr:
        a, b = fresh(m), fresh(C)
        return Reduce("sum", Element("x", a, b) * (Element("u", a) + Element("v", b)), [a, b])

    first = format_expr(expression())
    for _ in range(10):
        fresh(m)
    assert format_expr(expression()) == first
    b, a = fresh(C), fresh(m)
    assert format_expr(Reduce("sum", Element("x", a, b) * (Element("v", b) + Element("u", a)), [b, a])) == first


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1", "77"])
def test_order_does_not_depend_on_hashes(seed: str) -> None:
    code = (
        "from tests.derive.notation.texts import TEXTS\n"
        "from gradproof.derive.notation import format_system, parse_system\n"
        "print('\\n'.join(format_system(parse_system(TEXTS[n])) for n in sorted(TEXTS)))"
    )
    here = "\n".join(format_system(parse_system(TEXTS[n])) for n in sorted(TEXTS))
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stdout.strip() == here.strip()


@pytest.mark.parametrize(
    "text",
    [
        "given x[n, n], y[n]\nz = sum[i, d<n, a, a>=d, d > 0] x[i,a]*y[i]",
        "given x[n, n], y[n]\nz = max[i, a, d<n, a>=d, d > 0] x[i,a]*y[i]",
        "given x[n, m]\ny = max[u<2, v] x[v,u]",
        "given x[n]\ngiven size k\ny = sum[u<k, j<u] x[j]*u",
        "given x[n], y[n]\nL = sum[i,j,k] [i < j, j < k]*x[i]*y[j]*x[k]",
        "given t\ngiven size q, n\nz = log(sum[i<n] exp(mean[k<q] t))",
    ],
)
def test_bounds_stand_where_a_reader_can_tell_what_they_bind(text: str) -> None:
    """Whatever stands before a bound: binders keep their order, which decides ties of a maximum."""
    system = parse_system(text)
    assert parse_system(format_system(system)) == system
