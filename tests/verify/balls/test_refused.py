"""What balls cannot follow is refused by its name and line, never silently different."""

import hashlib
import pickle

import numpy as np
import pytest

from gradproof.verify.balls.traced import Untraceable
from tests.verify.balls.support import X, slopes

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
    assert "test_refused.py:" in str(caught.value)


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
