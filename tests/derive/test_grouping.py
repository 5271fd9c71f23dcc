"""Common factors and signs of the printed form."""

from sympy import Mul, Rational, S

from gradproof.derive.display import compact, multiplied_out
from gradproof.derive.grouping import prefer_differences, product
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, Product, Reduce
from gradproof.derive.normal import Context

M = Size("m")
i, j = Index("i", M), Index("j", M)
p, y, q = Element("p", i), Element("y", i), Element("q", i)
CONTEXT = Context({})


def test_a_number_times_a_sum_is_not_distributed() -> None:
    assert product([S(2), p - y]) == Product(S(2), p - y)
    assert product([S(2), 1 / M, p - y]).args.count(p - y) == 1


def test_a_minus_sign_goes_into_a_difference() -> None:
    assert prefer_differences(product([S(-2), y - p])) == product([S(2), p - y])
    assert prefer_differences(-p) == -p


def test_a_minus_sign_goes_into_a_difference_inside_a_sum() -> None:
    x, e = Element("x", j), Element("y", j) - Element("p", j)
    total = Reduce("sum", x * e, [j])
    assert prefer_differences(-total) == Reduce("sum", x * -e, [j])


def test_a_slope_keeps_the_form_in_which_it_is_known() -> None:
    assert prefer_differences(product([S(-1), p, 1 - y**2])) == product([S(-1), p, 1 - y**2])
    assert prefer_differences(product([S(-1), p, 1 - y])) == product([p, y - 1])


def test_no_fraction_in_a_fraction_where_nothing_is_saved() -> None:
    assert compact(1 / y - p / y**3, CONTEXT) == 1 / y - p / y**3
    assert compact(q / y - p / y**3, CONTEXT) == (q - p / y**2) / y
    assert compact(1 / y - p / y, CONTEXT) == (1 - p) / y


def test_common_factors_are_collected() -> None:
    assert compact(p / M - y / M, CONTEXT) == (p - y) / M


def test_multiplying_out_is_tried() -> None:
    assert compact(p * (1 - y) - y * (1 - p), CONTEXT) == p - y


def test_functions_are_not_reached_into() -> None:
    e = Call("exp", p * (1 + y)) * (1 + q)
    assert multiplied_out(e) == Call("exp", p * (1 + y)) + Call("exp", p * (1 + y)) * q


def test_sums_over_the_same_range_merge_where_that_is_shorter() -> None:
    a, b = Element("a", j), Element("b", j)
    apart = Mul(q, Reduce("sum", a * b, [j])) - Mul(q, Reduce("sum", a, [j]))
    merged = compact(apart, CONTEXT)
    assert merged == Mul(q, Reduce("sum", a * (b - 1), [j]))


def test_rational_content_goes_outside() -> None:
    assert compact(p * Rational(2, 3) - y * Rational(4, 3), CONTEXT) == product([Rational(2, 3), p - 2 * y])
