"""Whether kernels for CUDA run in numba's simulator."""

from __future__ import annotations

import os


def is_simulated() -> bool:
    """Is numba to run kernels in its simulator?"""
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")
