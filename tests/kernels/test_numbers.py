"""Numbers that leave 64 bits or float32 on the way to a result that does not."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel

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
    assert "x[n - i - 1]" in source or "x[n - 1 - i]" in source
    assert "real(i)" in source or "np.float64(i)" in source
