"""NumPy's functions that have no counterpart in ball arithmetic here, each with the reason that the report gives."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

_EIGEN = "eigen-decompositions are not run in balls"
_SINGULAR = "singular values are not run in balls"
_COMPLEX = "complex numbers are not run in balls"

REFUSED: MappingProxyType[Callable[..., Any], str] = MappingProxyType(
    {
        np.linalg.eig: _EIGEN,
        np.linalg.eigh: _EIGEN,
        np.linalg.eigvals: _EIGEN,
        np.linalg.eigvalsh: _EIGEN,
        np.linalg.svd: _SINGULAR,
        np.linalg.pinv: _SINGULAR,
        np.linalg.cond: _SINGULAR,
        np.linalg.matrix_rank: _SINGULAR,
        np.linalg.lstsq: _SINGULAR,
        np.linalg.qr: "orthogonal decompositions are not run in balls",
        np.polyfit: "least squares by singular values are not run in balls",
        np.roots: _EIGEN,
        np.fft.fft: _COMPLEX,
        np.fft.ifft: _COMPLEX,
        np.fft.rfft: _COMPLEX,
        np.fft.irfft: _COMPLEX,
        np.fft.fft2: _COMPLEX,
        np.fft.ifft2: _COMPLEX,
        np.histogram: "counts of real numbers are steps",
        np.unwrap: "jumps of whole turns are steps",
    }
)
