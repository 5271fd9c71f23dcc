"""Kernels for CUDA as PTX: numba-cuda compiles them without a device."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

from gradproof import catalogue
from gradproof.kernels.cuda.module import CudaUnit

#: What has no kernels on CUDA: unknown functions.
REFUSED = ("neuron",)
ENTRIES = tuple(n for n in catalogue.names() if n not in REFUSED)
CAPABILITIES = ((8, 0), (9, 0))
#: The arguments of the kernels that do not depend on equations: {0} is the type of its numbers, {1} an array
#: of it, {3} that of arrays in half precision.
SUPPORT = {
    "multiply": "({2}6), {1}, {2}6), {1}, {2}6), {1}, {2}5), int64, b1)",
    "fill_all": "({1}, {0})",
    "sort_tiles": "(int64[::1], int64[::1])",
    "merge_runs": "(int64[::1], int64[::1], int64[::1], int64)",
    "find_starts": "(int64[::1], int64[::1], int64[::1])",
    "widen_all": "({3}[::1], {1})",
    "round_all": "({1}, {3}[::1])",
    "join_sum": "(float64[:, ::1], {1})",
    "join_max": "({0}[:, ::1], {1})",
    "join_min": "({0}[:, ::1], {1})",
}


def compiled(name: str, dtype: str, capability: tuple[int, int]) -> dict[str, str]:
    """Return the PTX of each kernel of a catalogue entry's module."""
    return compiled_text(*module_of(name, dtype), capability)


@lru_cache(1)
def module_of(name: str, dtype: str) -> tuple[str, dict[str, str]]:
    """Return the text of a catalogue entry's module, and the arguments' types of each of its kernels."""
    import gradproof as gp
    from gradproof.kernels.cuda.module import cuda_module
    from gradproof.loading import load

    unit = gp.kernel(gp.derive(load(name)), target="cuda", dtype=dtype).unit
    assert isinstance(unit, CudaUnit)
    text = cuda_module((unit,), dtype, simulated=False)
    return text, signatures(unit, text, dtype)


def signatures(unit: CudaUnit, text: str, dtype: str) -> dict[str, str]:
    """Return the arguments' types of each kernel of a module."""
    half = {"float16": "float16", "bfloat16": "uint16"}.get(dtype, "")
    real = "float32" if half else dtype
    own = {k.name: f"({', '.join(k.types[a] for a in k.arguments)},)" for k in unit.kernels}
    own = {n: s.replace("real", real).replace("half", half) for n, s in own.items()}
    support = {
        n: s.format(real, f"{real}[::1]", "UniTuple(int64, ", half) for n, s in SUPPORT.items() if f"def {n}(" in text
    }
    if half and "multiply" in support:
        support["multiply"] = f"{support['multiply'][:-1]}, UniTuple(b1, 2))".replace(f"{real}[::1]", f"{half}[::1]", 1)
    return own | support


def compiled_text(text: str, kernels: dict[str, str], capability: tuple[int, int]) -> dict[str, str]:
    """Return the PTX of a module's kernels, by the types of their arguments."""
    from numba import cuda
    from numba.core.sigutils import normalize_signature

    found = {}
    with _module(text) as module, asked(capability):
        for name, signature in kernels.items():
            types = normalize_signature(signature)[0]
            found[name] = cuda.compile_ptx(getattr(module, name).py_func, types, cc=capability)[0]
    return found


@contextmanager
def _module(text: str) -> Iterator[ModuleType]:
    """Import a module's text."""
    with tempfile.TemporaryDirectory(prefix="gradproof-ptx-") as folder:
        path = Path(folder) / "kernels.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("kernels", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


@contextmanager
def asked(capability: tuple[int, int]) -> Iterator[None]:
    """Say what device functions are compiled for: numba would ask the device."""
    from numba.cuda import dispatcher

    before = dispatcher.get_current_device
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=capability)
    try:
        yield
    finally:
        dispatcher.get_current_device = before
