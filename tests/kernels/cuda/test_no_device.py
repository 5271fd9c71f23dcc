"""Functions around launches run on numba-cuda's own arrays, without a device and without the simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.ptx.compiled import ENTRIES

_ROOT = Path(__file__).parents[3]
_PARTS = 8
#: Parts of blocks; labels and start rows of a scan; strips and products; updates beside gradients; saved states.
QUICK = [
    "softmax_cross_entropy:fused:float32", "embedding:fused:float16", "rnn:fused:bfloat16",
    "causal_attention:fused:float64", "sgd:update:float32", "lstm:backward:float32",
]  # fmt: skip


@pytest.mark.parametrize(
    "cases",
    [
        QUICK,
        *(pytest.param([f"{n}:fused:float32" for n in ENTRIES[k::_PARTS]], marks=pytest.mark.slow, id=f"part{k}")
          for k in range(_PARTS)),
    ],
)  # fmt: skip
def test_what_a_device_is_asked(cases: list[str]) -> None:
    """Arguments have the types for which kernels are compiled to PTX, launches fit, all is queued on the stream.

    With `empty=` a call asks for no memory, copies nothing from or to the host and waits for nothing, so that it can be
    captured in a graph: there is no driver here, and whoever asked for it would fail.
    """
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.kernels.cuda.no_device", *cases],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "0", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.splitlines() == [f"{case} ok" for case in cases]
