"""Every kernel compiles to PTX for compute capability 8.0 and 9.0, for which numba-cuda needs no device."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

import gradproof as gp
from gradproof import catalogue
from gradproof.kernels.cuda.module import CudaUnit, cuda_module
from gradproof.loading import load
from tests.kernels.cuda.test_simulator import REFUSED

pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
QUICK = ["sigmoid", "softmax_cross_entropy", "layer_norm", "mlp", "adam"]
ENTRIES = [n for n in catalogue.names() if n not in REFUSED]
#: The kernels that do not depend on equations: their arguments.
SUPPORT = {
    "multiply": "({2}6), {0}, {2}6), {0}, {2}6), {0}, {2}5), int64, b1)",
    "fill_all": "({0}, {1})",
    "sort_tiles": "(int64[::1], int64[::1])",
    "merge_runs": "(int64[::1], int64[::1], int64[::1], int64)",
    "find_starts": "(int64[::1], int64[::1], int64[::1])",
    "widen_all": "({3}[::1], {0})",
    "round_all": "({0}, {3}[::1])",
    "join_sum": "(float64[:, ::1], {0})",
    "join_max": "({1}[:, ::1], {0})",
    "join_min": "({1}[:, ::1], {0})",
}


def _signatures(unit: CudaUnit, text: str, dtype: str) -> dict[str, str]:
    """Return the arguments' types of each kernel of a module."""
    own = {k.name: f"({', '.join(k.types[a] for a in k.arguments)},)" for k in unit.kernels}
    half = {"float16": "float16", "bfloat16": "uint16"}.get(dtype, "")
    dtype = "float32" if half else dtype
    own = {n: s.replace("real", dtype).replace("half", half) for n, s in own.items()}
    support = {
        n: s.format(f"{dtype}[::1]", dtype, "UniTuple(int64, ", half) for n, s in SUPPORT.items() if f"def {n}(" in text
    }
    return own | support


def ptx(name: str, dtype: str, cc: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the PTX of each kernel of a module."""
    from numba import cuda, types
    from numba.cuda import dispatcher

    # numba asks the device for what its device functions are compiled for
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: SimpleNamespace(compute_capability=cc))
    k = gp.kernel(gp.derive(load(name)), target="cuda", dtype=dtype)
    assert isinstance(k.unit, CudaUnit)
    text = cuda_module((k.unit,), dtype, simulated=False)
    space: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), space)  # noqa: S102
    known = {
        n: getattr(types, n) for n in ("float16", "float32", "float64", "uint16", "int64", "UniTuple", "Array", "b1")
    }
    found = {}
    for function, signature in _signatures(k.unit, text, dtype).items():
        kinds = eval(signature, known)  # noqa: S307
        found[function] = cuda.compile_ptx(space[function].py_func, kinds, cc=cc)[0]
    return found


@pytest.mark.parametrize("cc", [(8, 0), (9, 0)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in ENTRIES])
def test_kernels_compile(name: str, dtype: str, cc: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ptx(name, dtype, cc, monkeypatch).values():
        assert f".target sm_{cc[0]}{cc[1]}" in text
        assert ".entry" in text


def test_an_activation_reads_and_writes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value and its gradient in one launch: two loads and two stores an element."""
    (text,) = ptx("sigmoid", "float32", (8, 0), monkeypatch).values()
    elements = len(re.findall(r"ex2\.approx", text))  # of the loop, which is unrolled
    assert elements
    assert len(re.findall(r"ld\.global\S*\.f32", text)) == 2 * elements
    assert len(re.findall(r"st\.global\S*\.f32", text)) == 2 * elements
    assert not re.search(r"\.f64", text)
