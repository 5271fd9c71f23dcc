"""Kernels under several threads: the interpreter's values at sizes that straddle the edges of tiles and strips.

The same bits at every run; among other numbers of threads, equal but for the rounding of sums over the shared index.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.steps import Derivation
from gradproof.loading import load

from .support import assert_close, draw, reference

#: Entry -> sizes, around 16, 32 and 64 places and with primes.
CASES = {
    "softmax_cross_entropy": {"m": 33, "C": 65},
    "layer_norm": {"N": 5, "D": 67},
    "batch_norm": {"N": 33, "D": 17},
    "mlp": {"m": 17, "D": 31, "H": 33, "C": 5},
    "lstm": {"T": 3, "N": 9, "D": 17, "H": 33},
    "attention": {"T": 65, "S": 33, "E": 17, "F": 16},
    "causal_attention": {"T": 67, "E": 9, "F": 16},
    "conv2d": {"N": 3, "C": 2, "H": 9, "W": 17, "O": 5, "U": 3, "V": 2, "I": 5, "J": 8, "s": 2, "p": 1, "r": 1},
    "max_pool2d": {"N": 3, "C": 2, "H": 9, "W": 17, "I": 4, "J": 8, "k": 3, "s": 2},
    "embedding": {"T": 37, "V": 11, "D": 33},
}

#: Of the largest entry. Errors are below 3, but for a recurrence over three steps (9).
_ULPS = 20


@cache
def derivation(name: str) -> Derivation:
    return gp.derive(load(name))


def inputs(d: Derivation, sizes: dict[str, int]) -> dict[str, object]:
    given = draw(d.joint, sizes, "float32", seed=11)
    for n, v in given.items():
        if n == "eps":
            given[n] = np.abs(v)
    return given


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_any_number_of_threads_gives_the_interpreters_values(name: str) -> None:
    d, sizes = derivation(name), CASES[name]
    k = gp.kernel(d, dtype="float32")
    given = inputs(d, sizes)
    expected = reference(d.joint, given)
    own = {n: v for n, v in given.items() if n in k.unit.parameters}
    for threads in (1, 2, 3):
        found, again = (k(**own, threads=threads) for _ in range(2))
        for output, value in found.items():
            assert_close(value, expected[output], "float32", f"{output} among {threads} threads", ulps=_ULPS)
            assert np.array_equal(value, again[output]), f"{output} among {threads} threads differs from run to run"
