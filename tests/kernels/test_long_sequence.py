"""Causal attention over 16,384 places, forward and backward: memory grows with the sequence, not with its square."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

T, E, F = 16_384, 16, 8
#: One matrix of scores takes 1 GiB; inputs and results 7 MiB.
_MOST_MIB = 64
#: Rows that see little, much, and stand at the edges of strips.
_ROWS = (0, 1, 31, 32, 33, 8_191, T - 2, T - 1)
#: Keys whose gradients need few queries, across an edge of a strip.
_LAST = (T - 40, T - 33, T - 1)

_CODE = """
import resource, sys
import numpy as np
import gradproof as gp

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MiB; Linux counts in KiB

k = gp.kernel(gp.derive(gp.load("causal_attention")))
given = dict(np.load(sys.argv[1]))
k(**{n: x[:100] for n, x in given.items()}, threads=2)  # compiles
before = peak()
found = k(**given, threads=2)
print(peak() - before)
np.savez(sys.argv[2], **found)
"""


def _run(folder: Path) -> tuple[dict[str, Any], dict[str, Any], float]:
    """Return inputs, results, and by how many MiB the process grew."""
    random = np.random.default_rng(5)
    shapes = {"Q": (T, E), "K": (T, E), "V": (T, F), "d_O": (T, F)}
    given = {n: random.normal(size=s).astype(np.float32) for n, s in shapes.items()}
    np.savez(folder / "given.npz", **given)
    command = [sys.executable, "-c", _CODE, folder / "given.npz", folder / "found.npz"]
    grown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {n: x.astype(float) for n, x in given.items()}, dict(np.load(folder / "found.npz")), float(grown)


def _row(g: dict[str, Any], i: int) -> tuple[Any, Any]:
    """Return row i of P and of the gradient of A, in float64."""
    scores = g["K"][: i + 1] @ g["Q"][i] / np.sqrt(E)
    p = np.exp(scores - scores.max())
    p /= p.sum()
    d_p = g["V"][: i + 1] @ g["d_O"][i]
    return p, p * (d_p - p @ d_p)


def _close(got: Any, wanted: Any, scale: float) -> None:
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5 * scale)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux alone")
def test_memory_is_bounded_and_results_are_right(tmp_path):
    given, found, grown = _run(tmp_path)
    assert grown < _MOST_MIB
    for i in _ROWS:
        p, d_a = _row(given, i)
        _close(found["O"][i], p @ given["V"][: i + 1], 1)
        _close(found["d_Q"][i], d_a @ given["K"][: i + 1] / np.sqrt(E), 1)
    for j in _LAST:
        later = [(i, *_row(given, i)) for i in range(j, T)]
        _close(found["d_V"][j], sum(p[j] * given["d_O"][i] for i, p, _ in later), 1)
        _close(found["d_K"][j], sum(d_a[j] * given["Q"][i] for i, _, d_a in later) / np.sqrt(E), 1)
    # Laws of the whole: rows of P sum to 1, and so do its parts in d_V; scores are linear in queries and in keys.
    _close(found["d_V"].sum(0, dtype=float), given["d_O"].sum(0), np.sqrt(T))
    by_query, by_key = ((found[f"d_{n}"] * given[n]).sum() for n in "QK")
    _close(by_query, by_key, np.sqrt(T))
