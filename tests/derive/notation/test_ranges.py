"""The range of an index: by declared shape, axis, bracket, comparison, in this order of authority."""

import pytest

import gradproof as gp
from gradproof.derive.index import Index
from gradproof.derive.model import Role, System
from gradproof.derive.nodes import Reduce
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError


def shapes(text: str) -> dict[str, str]:
    return {t.name: str(t.shape) for t in parse_system(text).tensors}


def reduction(system: System) -> Reduce:
    return next(iter(system.equations[-1].value.atoms(Reduce)))


def test_an_axis_gives_the_range() -> None:
    assert shapes("given x[m, D]\ny[i] = sum[d] x[i,d]")["y"] == "(m,)"


def test_shapes_pass_from_equation_to_equation() -> None:
    assert shapes("given x[m, D]\na[i,d] = 2*x[i,d]\nb[d,i] = a[i,d]\nc[e] = b[e,0]")["c"] == "(D,)"


def test_the_declared_shape_is_first() -> None:
    found = shapes("given x[n+1]\nshape d[n]\nd[t] = x[t+1] - x[t]")
    assert found["d"] == "(n,)"


def test_an_axis_goes_before_a_bracket() -> None:
    system = parse_system("given x[n]\ngiven size k\ny = sum[u<k] x[u]")
    assert [str(n) for n in reduction(system).sizes] == ["n"]
    assert len(reduction(system).conditions) == 1


def test_a_bracket_gives_the_range() -> None:
    system = parse_system("given lam\ngiven size k\ny = sum[u<k] lam**u")
    assert [str(n) for n in reduction(system).sizes] == ["k"]
    assert not reduction(system).conditions


def test_an_inclusive_bracket() -> None:
    system = parse_system("given lam\ngiven size k\ny = sum[u<=k] lam**u")
    assert [str(n) for n in reduction(system).sizes] == ["k + 1"]


def test_a_comparison_gives_the_range_of_the_other_index() -> None:
    system = parse_system("given th[n]\ny[i] = th[i]*sum[j<=i] cos(j)")
    assert reduction(system).sizes == (Index("i", system["th"].shape[0]).size,)


def test_a_candidate_that_certainly_leaves_an_axis_is_dropped() -> None:
    """k runs over n + h places in a and over n in b; q[k+h] has n + h: only n fits."""
    found = shapes("given q[n+h], a[n+h], b[n], c[h]\ny[k] = q[k+h]*a[k]*b[k]")
    assert found["y"] == "(n,)"


def test_sizes_of_axes_and_divisors_are_at_least_one() -> None:
    system = parse_system("given x[m], l[m] in C\ngiven size s, p\nshape y[n, 2*q]\ny[i,j] = x[0]/s + p + i + j")
    assert {s.name: s.least for s in system.sizes} == {"C": 1, "m": 1, "n": 1, "p": 0, "q": 0, "s": 1}


def test_roles() -> None:
    system = parse_system(
        "given x[T], h0\nparam w\nstart h[-1] = h0\na[t] = w*h[t-1] + x[t]\nh[t] = tanh(a[t])\ny[t] = h[t]**2"
    )
    roles = {t.name: t.role for t in system.tensors}
    assert roles == {
        "x": Role.GIVEN,
        "h0": Role.GIVEN,
        "w": Role.PARAM,
        "h": Role.STATE,
        "a": Role.OUTPUT,
        "y": Role.OUTPUT,
    }


def test_an_assumption_holds_for_all_values_of_its_indices() -> None:
    system = parse_system(
        "given y[m, C]\nassume sum[c] y[i,c] = 1\nassume sum[c] y[i,c]**2 = 1\nassume y[i,c] = y[i,0]\nL = y[0,0]"
    )
    assert [a.name for a in system.assumptions] == ["sum_y", "sum_y.2", "y"]


def test_letters_are_remembered() -> None:
    system = parse_system("given x[m, C]\ny[i] = sum[c] x[i,c]\nz[i] = sum[k] x[i,k]")
    assert [(str(n), names) for n, names in system.index_names] == [("m", ("i",)), ("C", ("c", "k"))]


def test_two_ranges_from_comparisons_are_refused() -> None:
    with pytest.raises(InputError, match="different ranges"):
        parse_system("given a[n], b[m]\ny[i,k] = a[i]*b[k]*sum[j, j<=i, j<=k] cos(j)")


def test_conditions_that_hold_together_guard_each_other() -> None:
    """`back[j-1]` is read where j > 0 alone, though both stand in one bracket."""
    system = gp.system("given x[n], back[m] in n\nshape y[m]\ny[j] = [j > 0]*x[back[j-1]]")
    (gradient,) = gp.derive(system).gradients.values()
    assert str(gradient) == "d_x[i] = sum[k>0, i == back[k-1]] d_y[k]"
