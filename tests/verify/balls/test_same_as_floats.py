"""NumPy's and Python's own behaviour in balls: the same as in floats."""

import copy
import math

import numpy as np
import pytest

from tests.verify.balls.support import A, X, differences, slopes


def transpose_is_a_view(a):
    b = a.T
    b[0] = b[1] * 2
    return np.sum(a**2)


def slice_is_a_view(a):
    row = a[1]
    row *= 3
    row[0] = 1.0
    return a.sum() * a[1, 2]


def fancy_is_a_copy(a):
    rows = a[[0, 1]]
    rows *= 3
    return a.sum() + rows.sum() ** 2


def reshape_is_a_view(a):
    a.reshape(-1)[4] = 7.0
    a.ravel()[0] += a[2, 2]
    return np.prod(a[0]) + a[1, 1]


def flatten_is_a_copy(a):
    f = a.flatten()
    f[:] = 0
    return a.sum()


def diagonal_through_strides(a):
    a.flat[:: a.shape[0] + 1] = 1.0
    return np.sum(a**3)


def a_number_is_no_view(x):
    s = x[0]
    t = s
    s += 10
    return s * t + x[0]


def a_number_is_no_view_of_a_sum(x):
    total = np.sum(x)
    kept = total
    total *= 2
    total -= 1
    return total * kept


def rank_0_is_a_view(x):
    s = x[0, ...]
    s += 1
    return x[0] ** 2 + s


def swapped_by_assignment(x):
    x[0], x[1] = x[1], x[0]
    x[[0, 2]] = x[[2, 0]]
    return x[0] * 3 + x[1] ** 2


def overlapping(x):
    x[1:] = x[:-1]
    return x @ np.arange(3.0)


def overlapping_in_place(x):
    x[1:] += x[:-1]
    return x @ np.arange(1.0, 4.0)


def repeated_places(x):
    out = np.zeros(2)
    out[[0, 0, 1]] += x
    return out @ np.array([3.0, 5.0])


def added_at_repeated_places(x):
    out = np.zeros(2)
    np.add.at(out, [0, 0, 1], x)
    return out @ np.array([3.0, 5.0])


def into_an_array_of_integers(x):
    out = np.zeros(3, dtype=int)
    out[:] = x
    return out.sum() * x[0]


def into_integers_like(x):
    out = np.zeros_like(np.arange(3))
    out[0] = x[2]
    return out[0] * x[1]


def in_place_on_integers(x):
    n = np.arange(3)
    n //= 2
    return n @ x


def to_integers(x):
    return x.astype(int) @ x + x.astype(np.int32).sum() + x.astype(bool).sum() * x[0]


def integer_division(x):
    return 7 // 2 * x[0] + (7 // 2.5) * x[1] + x[2] // 0.4 * x[2]


def inverse_of_a_mask(x):
    positive = x[0] > 0
    return x[1] if ~positive else x[2] ** 2


def mask_of_a_number(x):
    return (x[0] > 0) * x[1] + np.sum(x > 0) * x[2] - (x[1] > 0)


def catches_everything(x):
    try:
        return np.sum(np.sqrt(x - 100) * math.log(-abs(x[0])))
    except ValueError:
        return np.sum(x**2)


def counts_with_a_float(x):
    n = 0
    while float(x[0]) * n < 5:
        n += 1
    return n * x[1]


def deep_copies(x):
    d = {"a": [x, x[0]], "b": copy.copy(x)}
    e = copy.deepcopy(d)
    e["a"][0][0] = 9.0
    e["b"][1] = 5.0
    return d["a"][0].sum() * e["a"][1] + e["a"][0].sum()


def views_of_copies(a):
    b = np.array(a)
    c = np.asarray(b)
    c[0, 0] = 3.0
    d = np.asarray(b, dtype=float)
    d[1, 1] = 4.0
    return b.sum() * a.sum()


def ordered_ties(x):
    order = np.argsort(np.array([1, 0, 1]))
    return x[order] @ np.arange(3.0)


def not_a_number(x):
    y = np.where(x > 0, x, np.nan)
    return np.nansum(y) * np.isnan(y).sum()


def truth(x):
    return x[0] if (x[0] and x[1]) or x[2] else 0.0


def reversed_in_place(x):
    x[:] = x[::-1].copy()
    return x @ np.arange(3.0)


def broadcast_in_place(a):
    a -= a.mean(axis=0)
    a /= 1 + np.abs(a).max(axis=1, keepdims=True)
    return np.sum(a**3)


def exact_halves(x):
    return round(2.5) * x[0] + np.rint(3.5) * x[1] + np.round(-0.5) * x[2]


def shadowed(x):
    float = lambda v: v * 2  # noqa: A001, E731
    return float(x[0]) + np.sum(x)


SAME = {
    f.__name__: (f, x)
    for x, functions in (
        (A, (transpose_is_a_view, slice_is_a_view, fancy_is_a_copy, reshape_is_a_view, flatten_is_a_copy,
             diagonal_through_strides, views_of_copies, broadcast_in_place)),
        (X, (a_number_is_no_view, a_number_is_no_view_of_a_sum, rank_0_is_a_view, swapped_by_assignment, overlapping,
             overlapping_in_place, repeated_places, added_at_repeated_places, into_an_array_of_integers,
             into_integers_like, in_place_on_integers, to_integers, integer_division, inverse_of_a_mask,
             mask_of_a_number, catches_everything, counts_with_a_float, deep_copies, ordered_ties, not_a_number, truth,
             reversed_in_place, exact_halves, shadowed)),
    )
    for f in functions
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_the_same_as_in_floats(name):
    f, x = SAME[name]
    found = slopes(f, x)
    with np.errstate(all="ignore"):
        assert found.value == pytest.approx(float(f(x.copy())), rel=1e-13)
        assert [float(r) for r in found.rows] == pytest.approx(differences(f, x), rel=1e-6, abs=1e-6)
    assert not found.events
