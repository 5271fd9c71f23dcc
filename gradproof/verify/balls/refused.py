"""NumPy's functions that have no counterpart in ball arithmetic here, each with the reason that the report gives."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

_EIGEN = "eigenvalues of matrices that need not be symmetric are not run in balls"
_RANK = "a rank is a step"
_COMPLEX = "complex numbers are not run in balls"

REFUSED: MappingProxyType[Callable[..., Any], str] = MappingProxyType(
    {
        np.linalg.eig: _EIGEN,
        np.linalg.eigvals: _EIGEN,
        np.linalg.matrix_rank: _RANK,
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
