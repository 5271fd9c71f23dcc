"""Code that could differ between a run in floats and one in balls: it is exact, or refused with its reason."""

import copy
import hashlib
import math
import pickle

import numpy as np
import pytest

from gradproof.verify.balls.exactly import exact_gradient, exact_slopes
from gradproof.verify.balls.traced import BudgetedTrace, TooCostly, Untraceable
from gradproof.verify.calls import Problem

X = np.array([1.3, -0.7, 2.6])
A = np.random.default_rng(3).normal(size=(3, 3))


def slopes(f, *inputs):
    problem = Problem(f, lambda *a: a, [np.array(x) if isinstance(x, np.ndarray) else x for x in inputs])
    return exact_slopes(problem, problem.inputs, np.ones(np.shape(problem.value(problem.inputs))), None)


def differences(f, *inputs):
    out = []
    for k, a in enumerate(inputs):
        for place in np.ndindex(np.shape(a)):
            values = []
            for step in (1e-6, -1e-6):
                moved = [np.array(b) for b in inputs]
                moved[k][place] += step
                values.append(float(np.sum(f(*moved))))
            out.append((values[0] - values[1]) / 2e-6)
    return out


# ---------------------------------------------------------------- the same as in floats


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


# ---------------------------------------------------------------- refused


PLAIN = np.zeros(3)
KEPT = {}


def by_bytes(x):
    key = x.tobytes()
    if key not in KEPT:
        KEPT[key] = np.tanh(x)
    return np.sum(KEPT[key] * x)


def by_numbers(x):
    if x[0] not in KEPT:
        KEPT[x[0]] = x[0] ** 2
    return KEPT[x[0]] + x[1]


def by_hash(x):
    return hash(x[0]) % 7 * x[1]


def by_pickle(x):
    return pickle.loads(pickle.dumps(x)).sum() + x[0]  # noqa: S301


def into_a_plain_array(x):
    PLAIN[0] = x[0]
    return PLAIN[0] * x[1]


def into_another_plain_array(x):
    PLAIN[:] = x**2
    return PLAIN.sum() + x[0]


def through_text(x):
    return float(str(x[0])) * x[1]


def through_text_of_an_array(x):
    text = " ".join(map(str, x))
    return np.array(text.split(), dtype=float).sum() + x[0]


def through_old_text(x):
    return float("%.15e" % x[0]) * x[1]  # noqa: UP031


def through_memory(x):
    return np.frombuffer(memoryview(x.copy()), dtype=float)[0] * x[1]


def through_a_digest(x):
    key = hashlib.md5(x).hexdigest()  # noqa: S324
    return KEPT.setdefault(key, x[0]) + x[1]


def through_identity(x):
    return KEPT.setdefault(id(x), x[0] ** 2) + x[1]


def through_bits(x):
    return x.view(np.int64).astype(float).sum() + x[0]


def swallows_refusals(x):
    try:
        scale = np.linalg.eigvals(np.outer(x, x))[0]
    except Exception:  # noqa: BLE001
        scale = 1.0
    return scale * x.sum()


def half_in_floats(x):
    return np.random.default_rng(0).normal(x[0], 1.0) + x[1]


def complex_numbers(x):
    return np.abs(np.exp(1j * x)).sum() + x[0]


def complex_dtype(x):
    return (x.astype(complex) ** 2).real.sum()


def rounded(x):
    return np.round(x, 2).sum()


def eigenvectors(x):
    return np.linalg.eigh(np.outer(x, x) + np.eye(3))[1][0, 0] ** 2 + x[0]


def least_squares(x):
    return np.linalg.lstsq(np.outer(x, x), x, rcond=None)[0].sum()


def single_buffer(x):
    out = np.zeros(3, dtype=np.float32)
    out[:] = x
    return out.sum()


def numpy_by_another_name(x):
    return ALIAS.zeros(3)[0] + fill(ALIAS.zeros(3), x).sum()


def fill(out, x):
    out[:] = x**2
    return out


class ALIAS:
    """Keeps NumPy where no name of a module is bound to it."""

    @staticmethod
    def zeros(n):
        return NAMES["np"].zeros(n)


NAMES = {"np": np}

REFUSED = {
    "bytes": by_bytes,
    "memoryview": through_memory,
    "md5": through_a_digest,
    r"id\(\) reads": through_identity,
    "hash of a number": by_numbers,
    "hash": by_hash,
    "reduce": by_pickle,
    "become floats on their way, at .*PLAIN.0. = ": into_a_plain_array,
    "become floats on their way, at .*PLAIN.:. = ": into_another_plain_array,
    "floats on their way, at .*float.str": through_text,
    "floats on their way, at .* text =": through_text_of_an_array,
    "numbers become floats on their way": through_old_text,
    "read as": through_bits,
    "need not be symmetric": swallows_refusals,
    "become floats": half_in_floats,
    "complex": complex_numbers,
    "complex numbers": complex_dtype,
    "rounded to 2 decimals": rounded,
    "eigenvalues that meet": eigenvectors,
    "less than full rank": least_squares,
    "float32": single_buffer,
    "floats at .*out.:. = x": numpy_by_another_name,
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_by_name_and_line(why):
    KEPT.clear()
    with pytest.raises(Untraceable, match=why) as caught:
        slopes(REFUSED[why], X)
    assert "test_never_silently_different.py:" in str(caught.value)


def test_types_are_told_by_equality():
    def told(x):
        half = x.size / 6
        kind = {float: 2.0, int: 3.0}[type(half)]
        assert type(half) == float  # noqa: E721
        assert type(half) in (int, float)
        assert x.dtype in (float, np.int64)
        assert x.dtype in (int, np.float64)
        assert x.dtype not in (int, np.float32)
        assert np.result_type(np.float32, np.float64) == np.float64
        assert np.can_cast(np.float32, float)
        assert np.finfo(np.float32).bits == 32
        assert issubclass(np.float64, float)
        return kind * x.sum() + np.zeros(3, dtype=float)[0] + np.ones(3).astype(np.float64) @ x

    assert [float(r) for r in slopes(told, X).rows] == [3.0, 3.0, 3.0]


# ---------------------------------------------------------------- events


HALVES = np.array([1.5, -0.75, 2.5])
KINKS = {
    "maximum": lambda x: np.maximum(x, 1.5).sum(),
    "where": lambda x: np.where(x > 1.5, x, 0.0).sum(),
    "a branch": lambda x: x[0] if x[0] >= 1.5 else x[1],
    "abs": lambda x: np.abs(x - HALVES).sum(),
    "a tie": lambda x: np.max(np.array([x[0], 3.0 - x[0]])),
    "a tie of argmax": lambda x: x[np.argmax([x[0], 3.0 - x[0]])],
    "a tie of a sort": lambda x: np.sort(np.array([x[0], 3.0 - x[0]]))[0],
    "floor": lambda x: np.floor(x + 0.5).sum(),
    "an integer": lambda x: int(x[0] + 0.5) * x[1],
    "rint at a half": lambda x: np.rint(x[0]) * x[1],
    "clip at its edge": lambda x: np.clip(x, -0.75, 1.0).sum(),
    "median": lambda x: np.median(np.array([x[0], 3.0 - x[0], x[2]])),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_at_the_point_is_an_event(name):
    events = slopes(KINKS[name], HALVES).events
    assert events
    assert "test_never_silently_different.py:" in events[0]


HARMLESS = {
    "the maximum taken out of a softmax": lambda x: log_sum_exp(x, np.max(x)),
    "a softmax of equal logits": lambda x: stable_softmax(x - x.copy())[0],
    "x times its size": lambda x: np.sum(x * np.abs(x - HALVES) * (x - HALVES)),
    "squared rectifier": lambda x: np.sum(np.maximum(x - HALVES, 0) ** 2),
}


def log_sum_exp(x, m):
    return np.log(np.sum(np.exp(x - m))) + m


def stable_softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_tie_that_nothing_depends_on_is_none(name):
    x = np.array([2.5, 2.5, 2.5]) if "maximum" in name else HALVES
    found = slopes(HARMLESS[name], x)
    assert not found.events
    assert [float(r) for r in found.rows] == pytest.approx(differences(HARMLESS[name], x), abs=1e-5)


def test_guesses_that_cancel_are_no_derivative():
    for f in (lambda x: np.maximum(x[0], 1.5) + np.maximum(3.0 - x[0], 1.5), lambda x: abs(x[0] - 1.5)):
        assert slopes(f, HALVES).events


# ---------------------------------------------------------------- afterwards everything is as it was


def test_names_are_bound_as_they_were():
    before = dict(globals())
    slopes(lambda x: math.exp(x[0]) + float(np.zeros(1)[0] + x[1]), X)
    with pytest.raises(Untraceable):
        slopes(lambda x: np.linalg.eigvals(np.outer(x, x))[0].sum(), X)
    assert all(globals()[k] is v for k, v in before.items())
    assert "float" not in globals()
    assert type(np.zeros(2)) is np.ndarray
    assert np.__name__ == "numpy"
    assert type(np).__name__ == "module"


def test_a_gradient_in_balls_has_no_slopes():
    problem = Problem(lambda x: np.sum(x**3), lambda x: np.array([3 * float(v) ** 2 for v in x]), [X])
    (found,) = exact_gradient(problem, problem.inputs, None)
    assert all(abs(g - 3 * v**2) < 1e-12 for g, v in zip(found, X, strict=True))


def test_a_run_beyond_its_budget_stops_before_it_is_done():
    big = np.ones((90, 90))
    problem = Problem(lambda x: np.sum((x[0] * big) @ big @ big @ big), lambda x: x, [X])
    with pytest.raises(TooCostly, match=r"more than 50000 operations .*@ big"):
        exact_slopes(problem, problem.inputs, None, None, kind=lambda _: BudgetedTrace(50_000))


def test_a_loop_beyond_the_budget_stops():
    def forever(x):
        total = x[0]
        while True:
            total = total * 0.5 + x[1]

    problem = Problem(lambda x: x.sum(), lambda x: x, [X])
    problem.f = forever
    with pytest.raises(TooCostly, match=r"more than 1000 operations in ball arithmetic, at .*total \* 0.5"):
        exact_slopes(problem, problem.inputs, None, None, kind=lambda _: BudgetedTrace(1000))
