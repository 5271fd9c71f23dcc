"""Kernels for CUDA as functions of PyTorch and JAX, in numba's simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("library", ["torch", "jax", "torch_half", "jax_half"])
def test_functions_of_a_library(library: str) -> None:
    pytest.importorskip(library.split("_", maxsplit=1)[0])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.kernels.cuda.autograd_calls", library],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
