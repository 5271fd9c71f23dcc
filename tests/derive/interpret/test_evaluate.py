import math

import numpy as np
import pytest
from flint import arb, ctx

from gradproof.derive.interpret import evaluate
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError, NotYet

RNG = np.random.default_rng(3)
X = RNG.normal(size=(3, 4))
ROW = RNG.normal(size=4)
LABEL = np.array([2, 0, 3])


def shifted(x):
    return np.concatenate([np.zeros((3, 1)), x[:, :-1]], axis=1)


#: By case: the text, the inputs, the name that is looked at, what it should be.
CASES = {
    "sum of a product": ("given x[m,C], v[C]\nz[i] = sum[c] x[i,c]*v[c]", {"x": X, "v": ROW}, "z", X @ ROW),
    "mean and size": ("given x[m,C]\na = mean[i,c] x[i,c] + 1/m", {"x": X}, "a", X.mean() + 1 / 3),
    "product": ("given x[m,C]\na[i] = prod[c] x[i,c]", {"x": X}, "a", X.prod(1)),
    "max and min": ("given x[m,C]\na[i] = max[c] x[i,c] - min[c] x[i,c]", {"x": X}, "a", np.ptp(X, axis=1)),
    "transpose": ("given x[m,C]\na[c,i] = x[i,c]", {"x": X}, "a", X.T),
    "flip": ("given v[n]\nshape a[n]\na[i] = v[n-1-i]", {"v": ROW}, "a", ROW[::-1]),
    "index as a number": ("given v[n]\na[i] = i*v[i]", {"v": ROW}, "a", np.arange(4) * ROW),
    "outside": ("given x[m,C]\noutside x = 0\na[i,c] = x[i,c-1]\nshape a[m,C]", {"x": X}, "a", shifted(X)),
    "bracket": ("given x[m,C]\na[i,c] = [c >= 1]*x[i,c-1]\nshape a[m,C]", {"x": X}, "a", shifted(X)),
    "bracket hides a logarithm": ("given v[n]\na[i] = [v[i] > 0]*log(v[i])", {"v": ROW}, "a",
                                  np.log(np.where(ROW > 0, ROW, 1.0))),
    "where": ("given v[n]\na[i] = where(v[i] > 0, v[i], 2*v[i])", {"v": ROW}, "a", np.where(ROW > 0, ROW, 2 * ROW)),
    "bounded sum": ("given v[n]\na[i] = sum[j<=i] v[j]", {"v": ROW}, "a", np.cumsum(ROW)),
    "sum over nothing": ("given v[n]\na[i] = sum[j<i] v[j]", {"v": ROW}, "a", np.cumsum(ROW) - ROW),
    "excluded": ("given v[n]\na[i] = sum[j, j != i] v[j]", {"v": ROW}, "a", ROW.sum() - ROW),
    "labels": ("given label[m] in C\ngiven x[m,C]\na[i] = x[i,label[i]]", {"x": X, "label": LABEL}, "a",
               X[np.arange(3), LABEL]),
    "argmax": ("given x[m,C], y[m,C]\na[i] = sum[c, c == argmax[k] x[i,k]] y[i,c]", {"x": X, "y": 2 * X}, "a",
               2 * X.max(1)),
    "stride": ("given size Ho\ngiven v[n]\nshape a[Ho]\na[i] = v[2*i]", {"v": ROW, "Ho": 2}, "a", ROW[::2]),
    "functions": (
        "given v[n]\na[i] = sigmoid(v[i]) + softplus(v[i]) + sqrt(abs(v[i])) + log1p(expm1(v[i])) + erf(v[i])",
                  {"v": ROW}, "a", 1 / (1 + np.exp(-ROW)) + np.log1p(np.exp(ROW)) + np.sqrt(np.abs(ROW)) + ROW
                  + np.array([math.erf(v) for v in ROW])),
    "max of two": ("given v[n]\na[i] = max(v[i], 0) + min(v[i], 1) + relu(v[i])", {"v": ROW}, "a",
                   2 * np.maximum(ROW, 0) + np.minimum(ROW, 1)),
    "constants": ("given v[n]\na[i] = pi*v[i] + 0.5 + 1/3", {"v": ROW}, "a", math.pi * ROW + 0.5 + 1 / 3),
    "powers": ("given v[n]\na[i] = v[i]**3 - 1/v[i]**2", {"v": ROW}, "a", ROW**3 - 1 / ROW**2),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_float64_reads_the_notation_plainly(case):
    text, inputs, name, expected = CASES[case]
    np.testing.assert_allclose(evaluate(parse_system(text), inputs)[name], expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_balls_enclose_the_float_result(case):
    text, inputs, name, expected = CASES[case]
    balls = evaluate(parse_system(text), inputs, field="arb", digits=40)[name]
    assert balls.shape == np.shape(expected)
    for ball, number in zip(balls.reshape(-1), np.reshape(expected, -1), strict=True):
        assert abs(float(ball.mid()) - number) <= 1e-12 * max(1, abs(number))
        assert ball.rad() < 1e-38


def test_balls_are_good_to_the_digits_asked_for():
    third = evaluate(parse_system("given v[n]\na = sum[i] v[i]/3"), {"v": np.array([1.0])}, field="arb", digits=60)["a"]
    with ctx.workprec(400):
        assert abs(third.item() - arb(1) / 3) < arb(10) ** -60


def test_working_precision_is_restored():
    before = ctx.prec
    evaluate(parse_system("given v[n]\na = sum[i] v[i]"), {"v": ROW}, field="arb", digits=100)
    assert ctx.prec == before


def test_ties_take_the_first_in_binder_order():
    text = "given x[m,C], y[m,C]\na = sum[i,c, (i, c) == argmax[j,k] x[j,k]] y[i,c]"
    ties = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert evaluate(parse_system(text), {"x": ties, "y": np.array([[1.0, 2.0], [3.0, 4.0]])})["a"] == 2.0


def test_a_read_past_the_edge_under_a_false_bracket_is_zero():
    text = "given v[n]\nshape a[n]\na[i] = [i+1 < n]*exp(v[i+1])"
    np.testing.assert_allclose(evaluate(parse_system(text), {"v": ROW})["a"], [*np.exp(ROW[1:]), 0.0])


def test_recurrence_with_a_start_row():
    text = "given x[T,n], h0[n]\nstart h[-1,k] = h0[k]\nh[t,k] = tanh(h[t-1,k] + x[t,k])"
    state, expected = ROW[:2], []
    for x in X[:, :2]:
        state = np.tanh(state + x)
        expected.append(state)
    found = evaluate(parse_system(text), {"x": X[:, :2], "h0": ROW[:2]})["h"]
    np.testing.assert_allclose(found, expected)


def test_reverse_recurrence():
    text = "given x[T]\nshape b[T]\nb[t] = x[t] + [t+1 < T]*2*b[t+1]"
    b, expected = 0.0, []
    for x in ROW[::-1]:
        b = x + 2 * b
        expected.append(b)
    np.testing.assert_allclose(evaluate(parse_system(text), {"x": ROW})["b"], expected[::-1])


def test_recurrence_over_two_axes():
    text = "given x[T,n]\nshape h[T,n]\nh[t,l] = x[t,l] + [t >= 1]*h[t-1,l] + [l >= 1]*h[t,l-1]"
    h = np.zeros((3, 4))
    for t in range(3):
        for k in range(4):
            h[t, k] = X[t, k] + (h[t - 1, k] if t else 0) + (h[t, k - 1] if k else 0)
    np.testing.assert_allclose(evaluate(parse_system(text), {"x": X})["h"], h)


def test_unknown_function_is_supplied_by_name():
    system = parse_system("given function phi\ngiven z[n]\na[i] = phi(z[i])")
    np.testing.assert_allclose(evaluate(system, {"z": ROW}, functions={"phi": np.sin})["a"], np.sin(ROW))
    with pytest.raises(InputError, match="unknown function phi has no values"):
        evaluate(system, {"z": ROW})


def test_update_needs_its_gradient():
    system = parse_system("given alpha\nparam w[n]\nL = sum[j] w[j]**2\nw[j] := w[j] - alpha*grad(L, w[j])")
    inputs = {"alpha": 0.1, "w": ROW}
    assert set(evaluate(system, inputs)) == {"L"}
    with pytest.raises(InputError, match="derive the system first"):
        evaluate(system, inputs, updates=True)


def test_update_without_a_gradient_is_evaluated():
    system = parse_system("param w[n]\nL = sum[j] w[j]\nw[j] := w[j]/2")
    np.testing.assert_allclose(evaluate(system, {"w": ROW}, updates=True)["w"], ROW / 2)


def test_size_zero_sums_to_zero():
    assert evaluate(parse_system("given v[n]\na = sum[i] v[i]"), {"v": np.zeros(0)})["a"] == 0.0


def test_cycle_without_an_order_is_refused():
    with pytest.raises((NotYet, InputError)):
        evaluate(parse_system("given x[n]\nshape a[n]\na[i] = x[i] + sum[j] a[j]"), {"x": ROW})


def test_no_index_is_the_place_of_a_maximum_over_nothing():
    text = "given size k\ngiven x[n], y[m]\nshape a[n]\na[h] = sum[i, h - 2*i == argmax[j<k] x[2*i+j]] y[i]"
    given = {"x": ROW, "y": ROW[:2]}
    assert not evaluate(parse_system(text), given | {"k": 0})["a"].any()
    assert np.count_nonzero(evaluate(parse_system(text), given | {"k": 2})["a"]) == 2
