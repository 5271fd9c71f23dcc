"""Functions of very many arrays, which get their addresses: the same results, in whose arrays ever they stand."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.kernels.emission.addresses import MANY, Shaped, by_address
from tests.kernels.support import uncompiled

NAMES = [f"v{k}" for k in range(MANY)]


def _text(names):
    """Return a sum of arrays and of a parameter, all in one function."""
    return "\n".join(
        [
            *[f"given {n}[M,N]" for n in names],
            "param b[N]",
            f"y[i,j] = {' + '.join(f'{n}[i,j]' for n in names)} + b[j]",
            "s[i] = sum[j] y[i,j]**2",
        ]
    )


@pytest.fixture(scope="module", params=["float32", "float64"])
def many(request):
    return kernel(derive(parse_system(_text(NAMES)), wrt=["b"]), dtype=request.param)


def _given(many, m, n):
    random = np.random.default_rng(0)
    shapes = dict.fromkeys(NAMES, (m, n)) | {"b": (n,), "d_s": (m,), "d_y": (m, n)}
    return {k: random.integers(-4, 5, shapes[k]).astype(many.dtype) for k in many.inputs}


@pytest.mark.parametrize(("m", "n"), [(5, 7), (1, 1), (0, 3), (3, 0), (40, 33)])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_results_are_those_of_the_equations(many, m, n, threads):
    given = _given(many, m, n)
    assert "addresses_of(" in many.source
    got = many(**given, threads=threads)
    y = sum(given[k] for k in NAMES) + given["b"]
    np.testing.assert_array_equal(got["s"], (y**2).sum(axis=1))  # small integers: exact
    d_y = 2 * y * given["d_s"][:, None] + given.get("d_y", 0)
    np.testing.assert_array_equal(got["d_b"], d_y.sum(axis=0))


def test_in_plain_python_too(many):
    given = {many.parameters[k]: v for k, v in _given(many, 4, 3).items()}
    got = uncompiled(many.source)[many.name](**given, threads=2)
    for name, array in many(**given).items():
        np.testing.assert_array_equal(got[name], array)


def test_arrays_with_gaps_and_such_that_cannot_be_written_are_taken(many):
    given = _given(many, 6, 5)
    expected = many(**given)
    wide = {k: np.repeat(v, 2, axis=-1)[..., ::2] for k, v in given.items()}
    for v in wide.values():
        v.flags.writeable = False
    out = {"s": np.full((12,), np.nan, many.dtype)[::2], "d_b": np.full(5, np.nan, many.dtype)}
    got = many(**wide, out=out)
    for name, array in out.items():
        assert got[name] is array
        assert array.tobytes() == expected[name].tobytes()


def test_a_function_of_fewer_arrays_gets_them_as_they_are():
    assert "addresses_of(" not in kernel(parse_system(_text(NAMES[:-4]))).source
    assert "addresses_of(" in kernel(parse_system(_text(NAMES))).source


def test_shapes_and_types_are_written_where_arrays_are_taken():
    taken, made = by_address({"h": Shaped("(T + 1, N)", "real"), "part": Shaped("(parts,)", "np.float64")})
    assert taken == ["addresses = addresses_of(h, part)"]
    assert made == [
        "h = array_at(addresses, 0, (T + 1, N), real)",
        "part = array_at(addresses, 1, (parts,), np.float64)",
    ]
