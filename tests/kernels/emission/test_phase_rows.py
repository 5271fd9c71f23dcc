"""Rows of planes in vectors: what is beside a plane, odd lengths, lengths of a vector and one more."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradproof.kernels import cache
from gradproof.kernels.emission.phase_rows import PHASE_ROWS, PHASE_ROWS_IMPORTS
from tests.kernels.support import phase_rows

_HEAD = "\n".join(["from numba import njit", *PHASE_ROWS_IMPORTS])
_CALL = """\
@njit(cache=True)
def moved(x, h, left, step, phases, first, last, given, kept):
    phase_rows(x, h, left, step, phases, first, last, given, kept)
"""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vectors_do_what_single_places_do(dtype):
    moved = cache.load(f"{_HEAD}\n\n{PHASE_ROWS}\n\n{_CALL}", "phase_rows").moved
    random = np.random.default_rng(0)
    for width, columns, left, stride, step in product((1, 7, 33), (0, 1, 8, 17), (0, 1, 20), (1, 2), (0, 2)):
        x = random.normal(size=(8, width)).astype(dtype)
        phases = random.normal(size=(stride, 4, columns)).astype(dtype)
        for given, kept in ((False, False), (True, True), (True, False)):
            expected, got = (x.copy(), phases.copy()), (x.copy(), phases.copy())
            phase_rows({}, expected[0], 1, left, step, expected[1], 1, 4, given, kept)
            moved(got[0], 1, left, step, got[1], 1, 4, given, kept)
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_array_equal(a, b)
