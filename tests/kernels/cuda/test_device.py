"""On a device: the whole of the correctness suite, and what a simulator cannot show.

python -m pytest -m gpu                              where there is a GPU; elsewhere each test says why it is skipped
NUMBA_ENABLE_CUDASIM=1 python -m pytest -m gpu       the same tests in numba's simulator, where it can stand in
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchmarks.ptx.compiled import ENTRIES
from gradproof.bench.device import lacking
from gradproof.kernels.cuda.module import is_simulated

_ROOT = Path(__file__).parents[3]
_PARTS = 12
pytestmark = pytest.mark.gpu


@cache
def _why_not() -> str:
    """Return why there is nothing to run on; the simulator stands in where it is asked for."""
    return "" if is_simulated() else lacking()


@pytest.fixture(autouse=True)
def _device() -> None:
    if why := _why_not():
        pytest.skip(f"{why} (or NUMBA_ENABLE_CUDASIM=1 for the simulator)")


def _run(module: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
    """Return what a program prints that runs kernels, in a process of its own."""
    run = subprocess.run(
        [*before, sys.executable, "-W", "ignore", "-m", f"tests.kernels.cuda.{module}", *arguments],
        env={**os.environ, "PYTHONPATH": str(_ROOT)}, cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    return run.stdout


def _wrong(cases: list[str], before: tuple[str, ...] = (), module: str = "simulated") -> dict[str, str]:
    said = _run(module, *cases, before=before).splitlines()
    found = dict(line.split(" ", 1) for line in said if ":" in line.split(" ", 1)[0])
    assert set(cases) <= set(found)
    return {case: found[case] for case in cases if found[case] != "ok"}


#: In the simulator a few stand for all, which `-m simulator` runs.
_LISTED = (
    [n for n in ENTRIES if n in {"sigmoid", "softmax_cross_entropy", "dense", "momentum"}]
    if is_simulated()
    else ENTRIES
)
_SHARES = [share for k in range(_PARTS) if (share := _LISTED[k::_PARTS])]


@pytest.mark.parametrize("kind", ["float32:bounds", "float32:one", "float32:edge", "float32:zero", "float64:"])
@pytest.mark.parametrize("share", _SHARES, ids=lambda share: share[0])
def test_kernels_compute_what_the_equations_say(share: list[str], kind: str) -> None:
    assert not _wrong([f"{n}:fused:{kind}".rstrip(":") for n in share])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_rounded_float32(dtype: str) -> None:
    """Where no products are by cuBLAS, which adds up those of half precision in an order of its own."""
    assert not _wrong([f"{n}:fused:{dtype}" for n in ("sigmoid", "softmax_cross_entropy", "momentum")], module="halves")


@pytest.mark.parametrize("what", ["views", "streams", "repeats"])
def test_arrays_streams_and_repeats(what: str) -> None:
    assert _run("on_device", what) == f"{what} ok\n"


def test_more_than_two_to_the_31_elements() -> None:
    said = _run("on_device", "large")
    if said.startswith("large skipped"):
        pytest.skip(said.strip())
    assert said == "large ok\n"


def test_memory_is_used_as_it_may_be() -> None:
    """Out of bounds reads and writes, and races in shared memory, as NVIDIA's tool sees them."""
    tool = shutil.which("compute-sanitizer")
    if tool is None or is_simulated():
        pytest.skip("compute-sanitizer is not on the path, or kernels run in the simulator")
    cases = [f"{n}:fused:float32:7" for n in ("softmax_cross_entropy", "layer_norm", "dense")]
    for kind in ("memcheck", "racecheck", "initcheck"):
        assert not _wrong(cases, before=(tool, "--tool", kind, "--error-exitcode", "9"))
