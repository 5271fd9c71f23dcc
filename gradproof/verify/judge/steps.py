"""How far to step along an input."""

from __future__ import annotations

import numpy as np

from gradproof.verify.calls import Array


def typical(x: Array) -> float:
    """Return the median magnitude of the entries that are not 0; 1 where there are none."""
    sizes = np.abs(x[np.isfinite(x) & (x != 0)])
    return float(np.median(sizes)) if sizes.size else 1.0
