"""Rarer mistakes on the tape, and descriptions that need several points, are named; nothing like them is invented."""

import numpy as np
import pytest

from .cases import causes

RNG = np.random.default_rng(11)
Z, X, W = RNG.normal(size=(4, 3)), RNG.normal(size=8), RNG.normal(size=(3, 3))
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
Q, K, V = (RNG.normal(size=(4, 3)) for _ in range(3))
LABELS = np.array([0, 2, 1, 1])
GROUPS = np.array([0, 0, 1, 1, 1, 2, 2, 2])
ONES = np.ones((4, 3))
COTANGENT = RNG.uniform(0.5, 1.5, (4, 3))


def softmax(z, axis=1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def mixed(z, w):
    return softmax(np.tanh(z @ w))


def mixed_back(g, z, w, axis=1):
    h = np.tanh(z @ w)
    p = softmax(h)
    d = p * (g - np.sum(g * p, axis=axis, keepdims=True)) * (1 - h**2)
    return d @ w.T, z.T @ d


def standard(z):
    c = z - z.mean(axis=1, keepdims=True)
    return c / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)


def standard_back(g, z, axis=1):
    c = z - z.mean(axis=axis, keepdims=True)
    r = 1 / np.sqrt(z.var(axis=axis, keepdims=True) + 1e-5)
    h = c * r
    return r * (g - g.mean(axis=axis, keepdims=True) - h * np.mean(g * h, axis=axis, keepdims=True))


def windows(x):
    return sum((k + 1) * np.max(x[k : k + 3]) ** 2 for k in range(len(x) - 2))


def windows_back(x, write="add", stop=None):
    out = np.zeros_like(x)
    for k in range(len(x) - 2)[:stop]:
        top = k + np.argmax(x[k : k + 3])
        if write == "window":
            out[k : k + 3] = 0
        out[top] = out[top] * (write == "add") + 2 * (k + 1) * x[top]
    return out


def attention(q, k, v):
    return softmax(np.where(np.tri(4) > 0, q @ k.T, -1e9)) @ v


def attention_back(g, q, k, v, *, masked=True, other=None):
    p = softmax(np.where(np.tri(4) > 0, q @ k.T, -1e9))
    full = p if masked else softmax(q @ k.T)
    dp = g @ v.T
    ds = full * (dp - np.sum(dp * full, axis=1, keepdims=True))
    return ds @ (k if other is None else other(q, k, v)), ds.T @ q, p.T @ g


def solved(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2) + np.linalg.slogdet(a)[1]


def solved_back(a, b, turned=True):
    x = np.linalg.solve(a, b)
    u = np.linalg.solve(a.T if turned else a, 2 * x)
    return -np.outer(u, x) + np.linalg.inv(a).T, u


def convolved(x, w):
    return np.sum(np.convolve(x, w) ** 2)


def convolved_back(x, w, back=-1):
    y = 2 * np.convolve(x, w)
    return np.convolve(y, w[::back], "valid"), np.convolve(y, x[::-1], "valid")


def shifted(x):
    return np.roll(x, 1) ** 2 * np.pad(x, 1)[1:-1]


def shifted_back(g, x, cut=None):
    g = g.copy()
    g[8 if cut is None else cut :] = 0
    return np.roll(g * 2 * np.roll(x, 1) * x, -1) + g * np.roll(x, 1) ** 2


def embedded(e, rows):
    return np.sum(np.tanh(e[rows]) ** 2)


def embedded_back(e, rows, every=False):
    all_rows = 2 * np.tanh(e) / np.cosh(e) ** 2
    return all_rows if every else all_rows * np.bincount(rows, minlength=len(e))[:, None]


def entropy(z):
    return -np.mean(np.log(softmax(z)[np.arange(4), LABELS]))


def entropy_back(z, axis=1, diagonal=False):
    hot = np.eye(3)[LABELS]
    return (softmax(z, axis) - hot) / 4 * (hot if diagonal else 1)


def single(x):
    return float(np.sum(np.tanh(x.astype(np.float32)) ** 2))


SLIPS = {
    "a softmax's sum": (mixed, mixed_back, {"axis": 0}, [Z, W], COTANGENT, "broadcast", "over axis 0"),
    "a layer norm's axes": (standard, standard_back, {"axis": 0}, [Z], COTANGENT, "broadcast", "other axis"),
    "windows overwritten": (windows, windows_back, {"write": "window"}, [X], None, "duplicates", "`+=`"),
    "entries overwritten": (windows, windows_back, {"write": "entry"}, [X], None, "duplicates", "`+=`"),
    "one window": (windows, windows_back, {"stop": 1}, [X], None, "sum", "only the first"),
    "no mask": (attention, attention_back, {"masked": False}, [Q, K, V], COTANGENT, "mask", "choice"),
    "not turned": (solved, solved_back, {"turned": False}, [A, A[0]], None, "transposed-use", "inverse"),
    "not reversed": (convolved, convolved_back, {"back": 1}, [X, W[0]], None, "flip", "not reversed"),
    "a loop too short": (shifted, shifted_back, {"cut": 7}, [X], COTANGENT.reshape(-1)[:8], "edge", "too early"),
    "probabilities": (entropy, entropy_back, {"axis": 0}, [Z], None, "broadcast", "softmax over axis 0"),
    "no index": (embedded, embedded_back, {"every": True}, [Z, LABELS], None, "sum", "`return np.sum(np.tanh(e[rows])"),
    "labels alone": (entropy, entropy_back, {"diagonal": True}, [Z], None, "", ""),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_rarer_slip_is_named(name):
    f, back, slip, inputs, cotangent, kind, words = SLIPS[name]
    found = causes(f, back, lambda *at: back(*at, **slip), inputs, cotangent=cotangent)
    assert [c.kind for c in found] == ([kind] if kind else []), found
    assert all(words in c.text for c in found)


def test_another_factor_of_a_product_is_named():
    wrong = lambda g, q, k, v: attention_back(g, q, k, v, other=lambda q, *_: q)  # noqa: E731
    (cause,) = causes(attention, attention_back, wrong, [Q, K, V], cotangent=COTANGENT)
    assert (cause.kind, cause.input) == ("term-factor", "q")


@pytest.mark.parametrize(
    ("f", "back", "inputs", "cotangent"),
    [
        (mixed, mixed_back, [Z, W], COTANGENT),
        (windows, windows_back, [X], None),
        (solved, solved_back, [A, A[0]], None),
    ],
)
@pytest.mark.parametrize("strange", [lambda a: np.sin(3 * a), lambda a: a + 0.1 * np.cumsum(a).reshape(a.shape) ** 2])
def test_nothing_is_invented(f, back, inputs, cotangent, strange):
    def wrong(*at):
        found = back(*at)
        return tuple(map(strange, found)) if isinstance(found, tuple) else strange(found)

    assert causes(f, back, wrong, inputs, cotangent=cotangent) == ()


def test_a_tiny_entry_has_its_own_digits():
    x = np.array([1e-12, 1.0, 1e3, 1e6, 1e9, 2.0])
    right = lambda x: 3 * x**2  # noqa: E731
    (cause,) = causes(lambda x: np.sum(x**3), right, lambda x: right(x) * np.array([2, 1, 1, 1, 1, 1]), [x])
    assert (cause.kind, "[0]" in cause.text, "2 times" in cause.text) == ("entry", True, True)
    assert causes(lambda x: np.sum(x**3), right, lambda x: right(x) + np.array([1e-24, 0, 0, 0, 0, 0]), [x]) == ()


def test_a_function_in_single_precision_is_taken_from_its_tape():
    """Its true gradient is known to its rounding only; the tape has the other digits."""
    x = X[:5].astype(np.float32).astype(float)
    right = lambda x: 2 * np.tanh(x) * (1 - np.tanh(x) ** 2)  # noqa: E731
    coarse = lambda x: right(x) * (1 + 5e-8 * np.array([1, -1, 1, -1, 1]))  # noqa: E731
    from gradproof.verify.diagnosis import diagnose

    from .cases import case

    made = case(single, coarse, lambda x: (1.001 * right(x)).astype(np.float32), [x])
    object.__setattr__(made, "accuracy", 6e-8)
    (cause,) = diagnose(made)
    assert (cause.kind, "1.001 times" in cause.text) == ("factor", True)


@pytest.mark.parametrize(
    ("f", "right", "wrong", "inputs", "kind"),
    [
        (
            lambda x, group: np.sum((x - np.array([np.mean(x[group == k]) for k in range(3)])[group]) ** 2),
            lambda x, group: 2 * (x - np.array([np.mean(x[group == k]) for k in range(3)])[group]),
            lambda g, x, group: g * (1 - 1 / np.bincount(group)[group]),
            [X, GROUPS],
            "term-factor",
        ),
        (
            lambda x: np.sum(np.sort(x) * np.arange(8)),
            lambda x: 1.0 * np.argsort(np.argsort(x)),
            lambda g, x: 1.0 * np.argsort(x),
            [X],
            "permutation",
        ),
        (
            lambda s: np.linalg.slogdet(s)[1],
            lambda s: np.linalg.inv(s).T,
            lambda g, s: np.tril(g) - 0.5 * np.diag(np.diag(g)),
            [A @ A.T],
            "factor",
        ),
        (
            lambda b: np.sum(np.tanh(b[:2]) * np.sin(b[2:4]) + b[4:6] * b[6:] ** 2),
            lambda b: np.concatenate(
                [np.sin(b[2:4]) / np.cosh(b[:2]) ** 2, np.tanh(b[:2]) * np.cos(b[2:4]), b[6:] ** 2, 2 * b[4:6] * b[6:]]
            ),
            lambda g, b: np.concatenate([g[2:4], g[2:]]),
            [X],
            "block",
        ),
    ],
)
def test_a_description_that_holds_at_several_points_is_named(f, right, wrong, inputs, kind):
    found = causes(f, right, lambda *at: wrong(right(*at), *at), inputs)
    assert [c.kind for c in found] == [kind], found
