"""What the text means: exact numbers, conditions, edges, forms that are sugar for others."""

import pytest
import sympy as sp

from gradproof.derive.conditions import at_least_zero, divides, equals_zero, greater, is_arg, negation, not_zero, same
from gradproof.derive.index import Index, Size
from gradproof.derive.model import Kind
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Quotient, Reduce
from gradproof.derive.notation import parse_system

m, n, s = Size("m"), Size("n"), Size("s")
i, j = Index("i", m), Index("j", n)
x, X = Element("x", i), Element("X", i, j)
HEAD = "given x[m], X[m, n], lam, label[m] in n\ngiven size s\nshape y[m, n]\ny[i,j] = "


def value(text: str) -> sp.Expr:
    return parse_system(f"{HEAD}{text} + i*j*lam*0/s").equations[0].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", sp.Rational(1, 10)),
        ("1e-5", sp.Rational(1, 100000)),
        (".5", sp.Rational(1, 2)),
        ("2.50e1", sp.Integer(25)),
        ("-2**2", sp.Integer(-4)),
        ("2**-1", sp.Rational(1, 2)),
        ("2**3**2", sp.Integer(512)),
        ("7/2/2", sp.Rational(7, 4)),
        ("x[i]²", x**2),
        ("x[i]·x[i] − 1", x**2 - 1),
        ("pi", sp.pi),
        ("sqrt(x[i])", x ** sp.Rational(1, 2)),
        ("m*i + s", m * i + s),
        ("exp(x[i])*exp(x[i])", Call("exp", x) ** 2),
        ("max(x[i], lam, 2)", Call("max", Call("max", x, Element("lam")), sp.Integer(2))),
        ("mean[k] X[i,k]", Reduce("sum", Element("X", i, Index("k", n)), [Index("k", n)]) / n),
        ("Σ[k] X[i,k]", Reduce("sum", Element("X", i, Index("k", n)), [Index("k", n)])),
        ("X[i,label[i]]", Element("X", i, Element("label", i))),
        ("x[m-1-i]", Element("x", m - 1 - i)),
        ("[i == 0]", Iverson(equals_zero(i))),
        ("[label[i] == j]", Iverson(equals_zero(Element("label", i) - j))),
        ("[i != 0]", Iverson(not_zero(i))),
        ("[i < j]", Iverson(at_least_zero(j - i - 1))),
        ("[j > i]", Iverson(at_least_zero(j - i - 1))),
        ("[1 <= i <= j]", Iverson(at_least_zero(i - 1), at_least_zero(j - i))),
        ("[(i+1) % s == 0]", Iverson(divides(s, i + 1))),
        ("[i % s == 1]", Iverson(divides(s, i - 1))),
        ("[i % s != 0]", Iverson(negation(divides(s, i)))),
        ("[x[i] > 0]", Iverson(greater(x, sp.S.Zero))),
        ("[x[i] < 0]", Iverson(greater(sp.S.Zero, x))),
        ("[x[i] == lam]", Iverson(same(x, Element("lam")))),
        ("[not(i < j, x[i] > 0)]", Iverson(negation(at_least_zero(j - i - 1), greater(x, sp.S.Zero)))),
        ("[not(i < j)]", Iverson(at_least_zero(i - j))),
        ("[3 < 2]", sp.S.Zero),
        ("[2 < 3]", sp.S.One),
        # A comparison with a quotient is multiplied through; with the divisibility beside it the bounds are exact.
        ("[i/s < n]", Iverson(at_least_zero(s * n - i - 1))),
        ("[i/s < n, i % s == 0]", Iverson(at_least_zero(s * n - i - s), divides(s, i))),
        ("[i % s == 0]*x[i/s]", Iverson(divides(s, i)) * Element("x", Quotient(i, s))),
        ("x[s*i/s]", x),
        ("where(x[i] > 0, x[i], 2)", Iverson(greater(x, sp.S.Zero)) * x + 2 * Iverson(negation(greater(x, sp.S.Zero)))),
        ("where(i == 0, lam, x[i])", Iverson(equals_zero(i)) * Element("lam") + Iverson(not_zero(i)) * x),
    ],
)
def test_values(text: str, expected: sp.Expr) -> None:
    assert value(text) == expected


def test_a_reduction_reaches_as_far_as_a_product() -> None:
    k = Index("k", n)
    total = Reduce("sum", Element("X", i, k) * x, [k])
    assert value("sum[k] X[i,k]*x[i] + 1") == total + 1
    assert value("2*sum[k] X[i,k]*x[i]") == 2 * total
    assert value("-sum[k] X[i,k]*x[i]") == -total
    assert value("(sum[k] X[i,k])*x[i]") == x * Reduce("sum", Element("X", i, k), [k])
    assert value("x[i] / sum[k] X[i,k]") == x / Reduce("sum", Element("X", i, k), [k])


def test_argmax_is_compared_with_a_position() -> None:
    a, b = Index("a", m), Index("b", n)
    best = Reduce("max", Element("X", a, b), [a, b])
    assert value("[(i, j) == argmax[a,b] X[a,b]]") == Iverson(is_arg(best, (i, j)))
    assert value("[argmax[b] X[i,b] == j]") == Iverson(is_arg(Reduce("max", Element("X", i, b), [b]), (j,)))
    assert value("[j != argmin[b] X[i,b]]") == Iverson(negation(is_arg(Reduce("min", Element("X", i, b), [b]), (j,))))


def test_reads_past_the_edge_are_guarded() -> None:
    system = parse_system("given x[m]\noutside x = 0\nshape y[m]\ny[i] = x[i-1] + x[i+1] + x[i]")
    before = Iverson(at_least_zero(i - 1)) * Element("x", i - 1)
    after = Iverson(at_least_zero(m - 2 - i)) * Element("x", i + 1)
    assert system.equations[0].value == before + after + x


def test_rows_of_start_lines_count_as_inside() -> None:
    t = Index("t", Size("T"))
    system = parse_system("given x[T], h0\noutside h = 0\nstart h[-1] = h0\nh[t] = h[t-1] + h[t-2] + x[t]")
    expected = Element("h", t - 1) + Iverson(at_least_zero(t - 1)) * Element("h", t - 2) + Element("x", t)
    assert system.equations[1].value == expected


def test_data_within_its_bound_needs_no_guard() -> None:
    system = parse_system("given E[V], tok[m] in V\noutside E = 0\ny[i] = E[tok[i]]")
    assert system.equations[0].value == Element("E", Element("tok", i))


def test_updates_keep_their_gradient() -> None:
    system = parse_system("given x[m], alpha\nparam w[m]\nL = sum[i] w[i]*x[i]\nw[i] := w[i] - alpha*grad(L, w[i])")
    update = system.updates[0]
    w = Element("w", i)
    assert update.kind is Kind.UPDATE
    assert update.value == w - Element("alpha") * Grad("L", w)
    assert system.outputs == ("L",)


def test_unknown_functions_and_their_derivatives() -> None:
    system = parse_system("given z\ngiven function phi\na = phi(z)*phi''(z)")
    z = Element("z")
    assert system.equations[0].value == Call("phi", z) * Call("phi''", z)


def test_unicode_names_are_normalised() -> None:
    composed, combining = "ŷ", "y\u0302"
    assert parse_system(f"given {combining}\na = {composed}").tensors[0].name == composed


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    assert parse_system("\ufeffgiven x\r\ny = x\r\n") == parse_system("given x\ny = x")


def test_docstring_and_comments() -> None:
    system = parse_system('# first\n"""Title.\nSource: a book."""  # here\ngiven x # there\ny = x # "not a docstring"')
    assert (system.title, system.source) == ("Title.", "Source: a book.")


def test_a_line_goes_on_while_a_bracket_is_open() -> None:
    assert parse_system("given x, z\ny = (x +\n     z)") == parse_system("given x, z\ny = x + z")
