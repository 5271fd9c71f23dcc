"""A read past a tensor's edge is an error, unless a false bracket takes it out of the value."""

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError

V = np.array([1.0, 2.0, 3.0])
L = np.array([0, 2, 1])

#: By case: the text, the inputs, what the message says.
LEAVES = {
    "a fixed position": ("given x[n]\ny = x[5]", {"x": V}, r"equation \(1\): y reads x at 5 in axis 0, .*length 3"),
    "a longer result": ("given x[n], w[m]\ny[i] = x[i+1]*w[i]", {"x": V, "w": V}, r"y\[2\] reads x at 3 in axis 0"),
    "a label": ("given x[n], l[m] in n\ny[i] = x[l[i]+1]", {"x": V, "l": L}, r"y\[1\] reads x at 3 in axis 0"),
    "a label past its own edge": (
        "given x[n], l[m] in n\nshape y[n]\ny[i] = x[l[i]]", {"x": V, "l": L[:2]}, r"y\[2\] reads l at 2 in axis 0"),
    "the second equation": ("given x[n]\na[i] = 2*x[i]\ny = a[4]", {"x": V}, r"equation \(2\): y reads a at 4"),
    "before the first": ("given x[n]\ngiven size k\nshape y[n]\ny[i] = x[i-k]", {"x": V, "k": 1},
                         r"y\[0\] reads x at -1"),
    "a sum": ("given x[n], w[m]\ny = sum[i] x[i+1]*w[i]", {"x": V, "w": V}, "y reads x at 3"),
    "a true bracket": ("given x[n], w[m]\ny[i] = [i >= 1]*x[i+1]*w[i]", {"x": V, "w": V}, r"y\[2\] reads x at 3"),
    "a bracket beside": (
        "given x[n], w[m]\ny[i] = [i == 0]*w[i] + x[i+1]*w[i]", {"x": V, "w": V}, r"y\[2\] reads x at 3"),
    "a comparison": ("given x[n], w[m]\ny[i] = [x[i+1] > 0]*w[i]", {"x": V, "w": V}, r"y\[2\] reads x at 3"),
    "two comparisons": (
        "given x[n], w[m]\ny[i] = [x[i+1] > 0, x[i+1] < 1]*w[i]", {"x": V, "w": V}, r"y\[2\] reads x at 3"),
    "a divisor": ("given x[n], w[m]\ny[i] = w[i]/x[i+1]", {"x": V, "w": V}, r"y\[2\] reads x at 3"),
    "a maximum": ("given x[n], w[m]\ny = max[i] x[i+1]*w[i]", {"x": V, "w": V}, "y reads x at 3"),
    "rows of a start": (
        "given x[T], e\ngiven size k\nstart h[-1] = e\nh[t] = x[t] + h[t-1]\nshape y[T]\ny[t] = h[t-k]",
        {"x": V, "e": 1.0, "k": 2}, "rows are -1 to 2"),
}  # fmt: skip

#: By case: the text, the inputs, the value of y.
STAYS = {
    "a false bracket": ("given x[n], w[m]\ny[i] = [i+1 < n]*x[i+1]*w[i]", {"x": V, "w": V}, [2.0, 6.0, 0.0]),
    "around a call": ("given x[n]\nshape y[n]\ny[i] = [i >= 1]*exp(x[i-1]*0)/x[i-1]", {"x": V}, [0.0, 1.0, 0.5]),
    "around a sum": ("given x[n], w[m]\nshape y[n]\ny[i] = [i+1 < n]*(sum[k] x[i+1]*w[k])",
                     {"x": V, "w": V}, [12.0, 18.0, 0.0]),
    "of a sum": ("given x[n], w[m]\ny = sum[i, i+1 < n] x[i+1]*w[i]", {"x": V, "w": V}, 8.0),
    "bounds of a maximum": ("given x[n], w[m]\ny = max[i, i+1 < n] x[i+1]*w[i]", {"x": V, "w": V}, 6.0),
    "around a comparison": ("given x[n], w[m]\ny[i] = [i+1 < n, x[i+1] > 0]*w[i]", {"x": V, "w": V}, [1.0, 2.0, 0.0]),
    "another factor": ("given x[n], w[m]\ny[i] = [x[i+1] > 0]*[i+1 < n]*w[i]", {"x": V, "w": V}, [1.0, 2.0, 0.0]),
    "data beside data": ("given x[n], w[m]\ny[i] = [w[i] < 3]*[x[i+1] > 0]*w[i]", {"x": V, "w": V}, [1.0, 2.0, 0.0]),
    "in a label": (
        "given x[n], l[m] in n\nshape y[n]\ny[i] = [i < m]*x[l[i]]", {"x": V, "l": L[:2]}, [1.0, 3.0, 0.0]),
    "where": ("given x[n], w[m]\ny[i] = where(i+1 < n, x[i+1], w[i])", {"x": V, "w": V}, [2.0, 3.0, 3.0]),
    "a sum over nothing": ("given x[n], w[m]\ny = sum[j] w[j]*x[5]", {"x": V, "w": V[:0]}, 0.0),
    "no entry": ("given x[n], w[m]\ny[i] = w[i]*x[5]", {"x": V, "w": V[:0]}, []),
    "an outside": ("given x[n], w[m]\noutside x = 0\ny[i] = x[i+1]*w[i]", {"x": V, "w": V}, [2.0, 6.0, 0.0]),
}  # fmt: skip


@pytest.mark.parametrize("field", ["float64", "arb"])
@pytest.mark.parametrize("case", LEAVES)
def test_a_read_past_the_edge_is_refused(case, field):
    text, inputs, message = LEAVES[case]
    with pytest.raises(InputError, match=message) as caught:
        gp.evaluate(parse_system(text), inputs, field=field)
    assert "outside" in str(caught.value)


@pytest.mark.parametrize("field", ["float64", "arb"])
@pytest.mark.parametrize("case", STAYS)
def test_a_read_past_the_edge_under_a_false_bracket_is_none(case, field):
    text, inputs, expected = STAYS[case]
    found = gp.evaluate(parse_system(text), inputs, field=field)["y"]
    values = np.array([float(x) for x in found.reshape(-1)]).reshape(found.shape)
    np.testing.assert_allclose(values, expected)


def test_a_not_a_number_that_comes_in_is_no_read_past_an_edge():
    found = gp.evaluate(parse_system("given x[n]\ny[i] = 2*x[i]"), {"x": [1.0, np.nan]})["y"]
    np.testing.assert_array_equal(found, [2.0, np.nan])


def test_gradients_of_guarded_reads_are_evaluated():
    net = gp.system("given x[n], w[m]\ny = sum[i] [i+1 < n]*x[i+1]**2*w[i]")
    found = gp.derive(net, of="y").evaluate({"x": V, "w": V})
    np.testing.assert_allclose(found["x"], [0.0, 4.0, 12.0])
    np.testing.assert_allclose(found["w"], [4.0, 9.0, 0.0])
