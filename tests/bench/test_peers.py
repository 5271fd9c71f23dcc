"""Every peer computes what our equations say: values and gradients, in float64, at small sizes."""

import numpy as np
import pytest

from benchmarks.cpu.rows import ENTRIES
from gradproof.bench import peers
from gradproof.bench.inputs import inputs_of
from gradproof.loading import system

SMALL = {"V": 11, "E": 4, "F": 12}
FILTERS = {"s", "p", "r", "k", "U", "V", "I", "J", "H", "W"}


def small(entry):
    """The entry's case at small sizes; of a filter those that fit each other stay."""
    spatial = "pool" in entry.kernel or "conv" in entry.kernel
    keep = FILTERS if spatial else set()
    sizes = {n: v if n in keep else min(v, SMALL.get(n, 5)) for n, v in entry.sizes.items()}
    if entry.kernel == "embedding":
        sizes = {"V": 11, "D": 3, "T": 30}
    from dataclasses import replace

    return replace(
        entry.case("float64"), sizes={**sizes, **({"H": sizes["D"]} if entry.kernel in {"lstm", "gru"} else {})}
    )


CASES = {e.kernel: e for e in ENTRIES}


def agree(kind, case):
    inputs = inputs_of(case)
    ours, theirs = (peers.runner(k, case, {n: a.copy() for n, a in inputs.items()}) for k in ("ours", kind))
    if theirs is None:
        pytest.skip(f"{kind} is not written for {case.kernel}")
    expected, found = ours.named(ours.run()), theirs.named(theirs.run())
    assert set(found) >= set(expected)
    for name, array in expected.items():
        scale = np.abs(array).max() or 1.0
        assert np.shape(found[name]) == np.shape(array), name
        assert np.abs(found[name] - array).max() <= 1e-12 * scale, name


OFTEN = ("sigmoid", "softmax_cross_entropy_labels", "momentum_step")


@pytest.mark.parametrize("kernel", OFTEN)
def test_numpy(kernel):
    agree("numpy", small(CASES[kernel]))


@pytest.mark.slow
@pytest.mark.parametrize("kernel", sorted(CASES))
@pytest.mark.parametrize("kind", ["numpy", "torch", "torch fused", "jax"])
def test_every_peer(kind, kernel):
    if missing := peers.absent(kind):
        pytest.skip(f"{missing} is not installed")
    if kind == "numpy" and kernel in OFTEN:
        pytest.skip("in every run")
    agree(kind, small(CASES[kernel]))


@pytest.mark.parametrize("kernel", sorted(CASES))
def test_every_row_gives_all_sizes_of_its_system(kernel):
    for entry in ENTRIES:
        if entry.kernel == kernel:
            case = entry.case("float32")
            assert {s.name for s in system(case.text).sizes} == set(case.sizes)
            assert set(case.recipe) <= {t.name for t in case.system.inputs}
