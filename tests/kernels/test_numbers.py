"""Numbers that leave 64 bits or float32 on the way to a result that does not."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel

from .support import draw, reference

N = 2000
I = np.arange(N, dtype=float)
BEYOND_64_BITS = {
    "given y[n]\nz = sum[i] y[i]*n**4": N * float(N) ** 4,
    "given y[n]\nz = sum[i] y[i]*n**9": N * float(N) ** 9,
    "given y[n]\nz[i] = y[i]/(i+1)**20": 1 / (I + 1) ** 20,
    "given y[n]\nz[i] = y[i]*(i + 1)**9*n**9/(n - i)**17": (I + 1) ** 9 * float(N) ** 9 / (N - I) ** 17,
    "given y[n]\nz[i] = (n**7 - i**7 + 10**25)*y[i]/n**3": (float(N) ** 7 - I**7 + 1e25) / float(N) ** 3,
    "given y[n], l[n] in n\nz[i] = y[i]*(l[i] + 1)**18": (I + 1) ** 18,
}


@pytest.mark.parametrize("text", BEYOND_64_BITS)
def test_indices_and_sizes_used_as_numbers_do_not_wrap(text):
    given = {"y": np.ones(N)} | ({"l": np.arange(N)} if " l[" in text else {})
    got = kernel(parse_system(text), dtype="float64")(**given)["z"]
    np.testing.assert_allclose(got, BEYOND_64_BITS[text], rtol=1e-13)


def test_where_integers_index_they_stay_integers():
    source = kernel(parse_system("given x[n]\nshape y[n]\ny[i] = x[n-1-i]*i*n"), dtype="float64").source
    assert "x_all[n - (lo + i) - 1]" in source
    assert "real(lo + i)" in source


NORMS = {
    "a norm": "given v[n]\ny = sqrt(sum[d] v[d]**2)",
    "norms of columns": "given v[m, n]\ny[j] = sqrt(mean[i] v[i,j]**2)\nu[i,j] = v[i,j]/sqrt(sum[k] v[k,j]**2)",
    "named norms": "given v[m, n]\nr[i] = sqrt(sum[j] v[i,j]**2)\nu[i,j] = v[i,j]/r[i]",
    "a unit vector": "given v[n]\nu[i] = v[i]/sqrt(sum[d] v[d]**2)",
    "distances": "given v[n, d], w[m, d]\ny[i,j] = sqrt(sum[k] (v[i,k] - w[j,k])**2)",
}


@pytest.mark.parametrize("scale", [1e25, 1e-25, 1.0])
@pytest.mark.parametrize("name", NORMS)
def test_norms_in_float32_neither_overflow_nor_vanish(name, scale):
    system = parse_system(NORMS[name])
    for of in system.outputs:
        d = derive(system, of=of)
        given = draw(d.joint, {"n": 3, "m": 4, "d": 5}, "float32", seed=1)
        given = {n: a if n.startswith("d_") else a * np.float32(scale) for n, a in given.items()}
        expected = reference(d.joint, given)
        for output, value in kernel(d)(**given).items():
            np.testing.assert_allclose(value, expected[output], rtol=2e-5, err_msg=output)
