"""NumPy: both passes written by hand."""

from __future__ import annotations

from functools import partial

import numpy as np

from gradproof.bench.case import Case
from gradproof.bench.peers.tables import function_for
from gradproof.bench.runner import Arrays, Runner, chosen


def runner(kind: str, case: Case, inputs: Arrays) -> Runner | None:  # noqa: ARG001  (every peer has this signature)
    """Return how NumPy runs a case, None where it is not written for it."""
    function = function_for(case, "by_numpy", "BOTH")
    if function is None:
        return None
    values = {name: a if a.ndim else a[()] for name, a in inputs.items()}
    run = partial(function, **chosen(function, {**case.sizes, **values}))
    return Runner(run, lambda found: {name: np.asarray(a) for name, a in found.items()})
