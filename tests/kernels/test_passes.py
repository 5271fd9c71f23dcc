"""Generated functions are compiled without passes of numba's that find nothing in them."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.kernels import cache, kernel
from gradproof.loading import load

NESTED = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@pytest.mark.parametrize("name", ["attention", "conv2d", "embedding", "layer_norm", "lstm", "max_pool2d"])
def test_no_compiled_function_holds_another_or_a_comprehension(name):
    found = 0
    for function in ast.parse(kernel(derive(load(name)), dtype="float32").source).body:
        if isinstance(function, ast.FunctionDef) and {ast.unparse(d) for d in function.decorator_list} & {
            "counted", "counted_sums", "inner", "inner_sums", "scalar", "serial", "sums"
        }:  # fmt: skip
            found += 1
            assert not [x for x in ast.walk(function) if isinstance(x, NESTED) and x is not function], function.name
    assert found


def test_these_passes_do_not_run(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    cache._load.cache_clear()
    k = kernel(derive(load("softmax")), dtype="float64")
    k(**dict.fromkeys(k.inputs, np.ones((2, 3))))
    passes = set()
    for function in vars(k.module).values():
        for compiled in getattr(function, "overloads", {}).values():
            for times in compiled.metadata["pipeline_times"].values():
                passes |= {name.split("_", 1)[1] for name in times}
    assert {"translate_bytecode", "nopython_type_inference", "native_lowering"} <= passes
    assert not {"inline_closure_likes", "inline_overloads", "nopython_rewrites"} & passes
    cache._load.cache_clear()
