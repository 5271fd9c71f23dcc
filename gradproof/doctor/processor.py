"""The processor: what numba compiles for, how work is shared among its threads, and whether a kernel runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from gradproof.doctor.finding import Finding, absent, broken, found

#: Numba's threading layers, with the modules that are there only where the layer's library is.
_LAYERS = {
    "tbb": "numba.np.ufunc.tbbpool",
    "omp": "numba.np.ufunc.omppool",
    "workqueue": "numba.np.ufunc.workqueue",
}


def processor() -> Iterator[Finding]:
    """Yield the processor, its threads, the folder of compiled kernels, and whether a kernel runs."""
    from gradproof.bench.machine import processor_name

    yield found("processor", "processor", processor_name() or "not told by the system")
    yield from _threads()
    yield _cache()
    yield _kernel()


def _threads() -> Iterator[Finding]:
    import numba

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield found("processor", "threads", f"{numba.get_num_threads()} for kernels, {usable} usable by this process")
    layers = [name for name in _priority() if _is_there(_LAYERS[name])]
    if not layers:
        yield broken("processor", "threading layer", "numba finds none", "pip install tbb")
    elif layers[0] == "workqueue":
        told = "workqueue: waking threads takes some 50 us, where other layers take 3"
        yield absent("processor", "threading layer", told, "pip install tbb")
    else:
        yield found("processor", "threading layer", layers[0])


def _priority() -> list[str]:
    """Return numba's layers in the order in which it tries them, or the one that the user has named."""
    from numba import config

    named = str(config.THREADING_LAYER)
    return [named] if named in _LAYERS else [n for n in config.THREADING_LAYER_PRIORITY if n in _LAYERS]


def _is_there(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _cache() -> Finding:
    from gradproof.kernels.cache import OVERRIDE, cache_folder

    folder = cache_folder()
    nearest = next((p for p in (folder, *folder.parents) if p.exists()), Path())
    if os.access(nearest, os.W_OK) and nearest.is_dir():
        return found("processor", "compiled kernels", f"kept in {folder}")
    told = f"{folder} cannot be written: every process compiles for itself"
    return absent("processor", "compiled kernels", told, f"set {OVERRIDE} to a folder that can")


def _kernel() -> Finding:
    """Derive, generate, compile and run one small kernel, and look at what it gives."""
    import numpy as np

    import gradproof as gp

    try:
        kernel = gp.kernel(gp.derive(gp.system("given x[n]\ny = sum[i] x[i]**2")), dtype="float64")
        result = kernel(x=np.array([3.0, 4.0]))
        right = result["y"] == 25.0 and np.array_equal(result["d_x"], [6.0, 8.0])
    except Exception as error:  # noqa: BLE001  (whatever it is, it is what the user wants to know)
        return broken("processor", "a small kernel", f"fails: {type(error).__name__}: {error}")
    if not right:
        return broken("processor", "a small kernel", f"gives {result}, expected y = 25 and d_x = [6, 8]")
    return found("processor", "a small kernel", "compiles, and its gradient is right")
