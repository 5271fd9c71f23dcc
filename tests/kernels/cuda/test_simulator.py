"""CUDA kernels of the catalogue compute what the equations say: in numba's simulator, which needs no device."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradproof import catalogue

_ROOT = Path(__file__).parents[3]
#: Activations, losses, norms, optimisers, products, windows, scattered sums: at sizes that no block divides.
QUICK = [
    *(f"{n}:fused:float32:7" for n in ("sigmoid", "softmax", "softmax_cross_entropy", "mse", "dense")),
    *(f"{n}:fused:float64:{size}" for n in ("softmax_cross_entropy", "layer_norm") for size in (0, 1, 6)),
    *(f"{n}:fused:float64:5" for n in ("softmax_cross_entropy_labels", "mlp", "prelu")),
    *(
        f"{n}:fused:float64"
        for n in ("rnn", "max_pool1d", "causal_attention", "embedding", "momentum", "global_max_pool")
    ),
    *(f"layer_norm:{what}:float64:5" for what in ("forward", "backward")),
    "embedding:fused:float64:13",
    "sgd:update:float64:5",
    "rnn:backward:float64",
]
#: What has no kernel on CUDA yet: unknown functions.
REFUSED = ("neuron",)
_REST = [n for n in catalogue.names() if n not in REFUSED]
_PARTS = 12


def lines_of(program: str, cases: list[str]) -> dict[str, str]:
    """Return what a program says of each case, run in the simulator."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", program, *cases],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return dict(line.split(" ", 1) for line in run.stdout.splitlines() if line.split(" ", 1)[0] in cases)


def _check(cases: list[str]) -> None:
    found = lines_of("tests.kernels.cuda.simulated", cases)
    assert list(found) == cases
    assert not {case: verdict for case, verdict in found.items() if verdict != "ok"}


def test_kernels_in_the_simulator() -> None:
    _check(QUICK)


@pytest.mark.slow
@pytest.mark.simulator
@pytest.mark.parametrize("part", range(_PARTS))
def test_all_of_the_catalogue(part: int) -> None:
    """At random points in float32, where no error is beyond the running bound on rounding errors; at awkward sizes."""
    kinds = ("float32:bounds", "float32:one", "float32:edge", "float32:zero", "float64")
    _check([f"{n}:fused:{kind}" for n in _REST[part::_PARTS] for kind in kinds])


@pytest.mark.slow
def test_backward_passes_from_saved_states() -> None:
    """A saved state gets room for its start row."""
    _check([f"{n}:backward:float64" for n in ("lstm", "gru_reset_before", "birnn", "deep_mlp", "rnn_loss", "adamw")])


@pytest.mark.slow
def test_systems_that_have_more_rows_than_a_block_has_threads() -> None:
    names = ("linear_solve", "inverse", "log_determinant", "gaussian_multivariate")
    _check([f"{n}:fused:float64:{size}" for n in names for size in (1, 4, 9)])


def test_how_kernels_are_called() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.kernels.cuda.calls"],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]


def test_softmax_of_rows_whose_maximum_changes_often() -> None:
    """One pass finds the maximum and the sum, as near as it says; infinities and nan come out as in two."""
    assert lines_of("tests.kernels.cuda.extremes", ["float32"]) == {"float32": "ok"}


def test_sums_of_fast_exponentials_are_as_far_off_as_the_header_says() -> None:
    """An exp that is always as large as the fast one may be: further off than two passes, within the header's bound."""
    assert lines_of("tests.kernels.cuda.extremes", ["fast"])["fast"].startswith("slowly up, up, far up, down, ")


@pytest.mark.slow
def test_softmax_of_such_rows_in_float64() -> None:
    assert lines_of("tests.kernels.cuda.extremes", ["float64"]) == {"float64": "ok"}


@pytest.mark.parametrize(
    "cases",
    [
        ["0", "1038", "many_loops", "one_label", "labels_of_rows"],
        pytest.param(["1005", "1045", "1", "vector_solved", "vectors_solved", "rows_by_labels", "labels_in_a_scan"],
                     marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_systems_of_other_shapes(cases: list[str]) -> None:
    """Random ones; more loops around a product than a launch takes, elimination, labels in every place."""
    found = lines_of("tests.kernels.cuda.systems", cases)
    assert found == dict.fromkeys(cases, "ok")
