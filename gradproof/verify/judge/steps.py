"""How far to step along an input."""

from __future__ import annotations

import numpy as np

from gradproof.verify.calls import Array

#: Of more entries some are looked at, evenly spread.
_MANY = 65_536


def typical(x: Array) -> float:
    """Return the median magnitude of the entries that are not 0; 1 where there are none.

    >>> typical(np.array([0.0, -3.0, 1.0, 2.0])), typical(np.zeros(3))
    (2.0, 1.0)
    """
    flat = x.reshape(-1)
    if flat.size > _MANY:
        some = _median(flat[:: flat.size // _MANY])
        if some:
            return some
    return _median(flat) or 1.0


def _median(x: Array) -> float:
    sizes = np.abs(x[np.isfinite(x) & (x != 0)])
    return float(np.median(sizes)) if sizes.size else 0.0
