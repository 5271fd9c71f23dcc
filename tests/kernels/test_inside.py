"""Functions that compiled functions alone call: compiled inside those, kept with them, and the same bits."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.codegen import JITCodeLibrary

from gradproof.derive.derivation import derive
from gradproof.kernels import cache, inside, kernel
from gradproof.loading import load


@pytest.fixture
def finished(monkeypatch, tmp_path):
    """Names of the functions of which machine code is made, in a cache folder that is empty."""
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    names = []
    ready = JITCodeLibrary._finalize_specific

    def finalize(library):
        names.append(library.name)
        ready(library)

    monkeypatch.setattr(JITCodeLibrary, "_finalize_specific", finalize)
    cache._load.cache_clear()
    yield names
    cache._load.cache_clear()


def test_no_machine_code_is_made_of_them_alone(finished, tmp_path):
    k = kernel(derive(load("softmax")), dtype="float64")
    z = np.random.default_rng(0).normal(size=(5, 7))
    got = k(**dict.fromkeys(k.inputs, z))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(next(iter(got.values())), p, rtol=1e-14)
    inner = [n for n, f in vars(k.module).items() if getattr(f, "targetoptions", {}).get("no_cpython_wrapper")]
    rows = [n for n in finished if n.endswith("_rows")]
    assert inner
    assert rows
    assert not set(inner) & set(finished)
    kept = {p.name.split("-")[0].split(".")[-1] for p in tmp_path.rglob("*.nbc")}
    assert set(rows) <= kept
    assert not set(inner) & kept


def test_python_is_refused_what_has_no_machine_code_of_its_own(finished):
    k = kernel(derive(load("softmax")), dtype="float32")
    for _ in range(2):  # before compiled functions call it, and after
        with pytest.raises(TypeError, match=r"exp is a part of compiled functions here, and cannot be called from"):
            k.module.exp(np.float32(1))
        k(**dict.fromkeys(k.inputs, np.ones((2, 3), np.float32)))
    assert "exp" not in finished


@pytest.mark.parametrize(("few", "apart"), [(-1, True), (100, False)])
def test_functions_with_loops_stay_beside_those_that_call_many(few, apart, finished, monkeypatch):
    assert not finished
    monkeypatch.setattr(inside, "_FEW", few)
    k = kernel(derive(load("softmax")), dtype="float64")
    z = np.random.default_rng(0).normal(size=(5, 7))
    got = k(**dict.fromkeys(k.inputs, z))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(next(iter(got.values())), p, rtol=1e-14)
    called = [f for n, f in vars(k.module).items() if n.endswith("_rows")]
    code = "".join(text for f in called for text in f.inspect_llvm().values())
    beside = [line for line in code.splitlines() if line.startswith("define internal") and "sumexp" in line]
    assert bool(beside) == apart
