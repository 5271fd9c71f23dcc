"""Our kernel, through the same call that a user makes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from gradproof.bench.case import Case, kind_of
from gradproof.bench.device import numba_events
from gradproof.bench.inputs import extent
from gradproof.bench.peers import ALLOCATES
from gradproof.bench.runner import Arrays, Runner
from gradproof.kernels import Kernel, kernel


def runner(kind: str, case: Case, inputs: Arrays) -> Runner:
    """Return how our kernel runs."""
    source = case.source
    made = kernel(source, case.target, case.dtype, kind_of(source))
    asked = {s.name: case.sizes[s.name] for s in made.unit.wrapper.sizes if s.name in made.unit.parameters}
    arguments: dict[str, Any] = {**inputs, **asked}
    if case.target == "cuda":
        return _on_device(made, arguments, None if kind == ALLOCATES else _outputs(made, case, inputs))
    return Runner(_call(made, arguments, None if kind == ALLOCATES else _outputs(made, case, inputs)), dict)


def _call(made: Kernel, arguments: dict[str, Any], out: Arrays | None) -> Callable[[], Any]:
    """Return the call; a kernel that does not know `out` yet makes its outputs itself."""
    if out is None or "out" not in inspect.signature(getattr(made.module, made.name)).parameters:
        return lambda: made(**arguments)
    return lambda: made(**arguments, out=out)


def _on_device(made: Kernel, arguments: dict[str, Any], out: Arrays | None) -> Runner:
    """Return the call with arrays on the device, and its time by the device's events."""
    from numba import cuda

    given = {n: cuda.to_device(np.ascontiguousarray(a)) if np.ndim(a) else a for n, a in arguments.items()}
    places = (
        None if out is None else {n: given[n] if a is arguments.get(n) else cuda.to_device(a) for n, a in out.items()}
    )
    run = (lambda: made(**given)) if places is None else (lambda: made(**given, out=places))
    return Runner(run, lambda found: {n: a.copy_to_host() for n, a in found.items()}, numba_events(cuda).timed(run))


def _outputs(made: Kernel, case: Case, inputs: Arrays) -> Arrays:
    """Return an array for each output that is one: what is updated is updated in place."""
    system = made.program.system
    shapes = [tuple(extent(n, case.sizes) for n in system[n].shape) for n in made.program.outputs]
    updated = {old for _, old in made.program.updated}
    arrays = zip(made.outputs, shapes, strict=True)
    return {n: inputs[n] if n in updated else np.empty(s, case.dtype) for n, s in arrays if s}
