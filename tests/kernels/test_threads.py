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

#: Other sizes of the same kernels: 0, 1, no whole vector, and windows that do not reach the last places.
MORE = (
    ("softmax_cross_entropy", {"m": 1, "C": 1}),
    ("layer_norm", {"N": 0, "D": 5}),
    ("layer_norm", {"N": 31, "D": 1}),
    ("mlp", {"m": 1, "D": 64, "H": 1, "C": 16}),
    ("attention", {"T": 1, "S": 32, "E": 1, "F": 33}),
    ("causal_attention", {"T": 32, "E": 1, "F": 1}),
    ("conv2d", {"N": 1, "C": 3, "H": 5, "W": 33, "O": 7, "U": 3, "V": 3, "I": 5, "J": 33, "s": 1, "p": 1, "r": 1}),
    ("conv2d", {"N": 2, "C": 1, "H": 8, "W": 8, "O": 1, "U": 2, "V": 2, "I": 4, "J": 4, "s": 2, "p": 1, "r": 2}),
    ("conv2d", {"N": 1, "C": 2, "H": 17, "W": 5, "O": 3, "U": 1, "V": 1, "I": 6, "J": 2, "s": 3, "p": 0, "r": 1}),
    ("max_pool2d", {"N": 1, "C": 1, "H": 33, "W": 8, "I": 16, "J": 4, "k": 2, "s": 2}),
    ("max_pool2d", {"N": 2, "C": 3, "H": 8, "W": 5, "I": 6, "J": 3, "k": 3, "s": 1}),
    ("embedding", {"T": 1, "V": 1, "D": 1}),
)

#: Of the largest entry. Errors are below 3, but for a recurrence over three steps (9).
_ULPS = 20


@cache
def derivation(name: str) -> Derivation:
    return gp.derive(load(name))


@cache
def fused(name: str) -> gp.Kernel:
    return gp.kernel(derivation(name), dtype="float32")


def inputs(d: Derivation, sizes: dict[str, int]) -> dict[str, object]:
    given = draw(d.joint, sizes, "float32", seed=11)
    for n, v in given.items():
        if n == "eps":
            given[n] = np.abs(v)
    return given


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sizes"), [*CASES.items(), *MORE])
def test_any_number_of_threads_gives_the_interpreters_values(name: str, sizes: dict[str, int]) -> None:
    d, k = derivation(name), fused(name)
    given = inputs(d, sizes)
    expected = reference(d.joint, given)
    own = {n: v for n, v in given.items() if n in k.unit.parameters}
    for threads in (1, 2, 3):
        found, again = (k(**own, threads=threads) for _ in range(2))
        for output, value in found.items():
            assert_close(value, expected[output], "float32", f"{output} among {threads} threads", ulps=_ULPS)
            assert np.array_equal(value, again[output]), f"{output} among {threads} threads differs from run to run"
