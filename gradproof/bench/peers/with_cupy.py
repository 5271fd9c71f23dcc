"""CuPy: the functions written for NumPy, on CuPy's arrays, which NumPy's functions hand over to CuPy."""

from __future__ import annotations

from functools import partial

from gradproof.bench.case import Case
from gradproof.bench.device import cupy_events
from gradproof.bench.peers.tables import function_for
from gradproof.bench.runner import Arrays, Runner, chosen


def runner(kind: str, case: Case, inputs: Arrays) -> Runner | None:  # noqa: ARG001  (every peer has this signature)
    """Return how CuPy runs a case, None where it is not written for NumPy."""
    import cupy

    function = function_for(case, "by_numpy", "BOTH")
    if function is None:
        return None
    values = {name: cupy.asarray(a) if a.ndim else a[()] for name, a in inputs.items()}
    run = partial(function, **chosen(function, {**case.sizes, **values}))
    return Runner(run, lambda found: {n: cupy.asnumpy(a) for n, a in found.items()}, cupy_events(cupy).timed(run))
