"""The text of the helpers: complete, in order, each once, and compiled to vector instructions."""

from __future__ import annotations

import ast
import builtins
import re

import llvmlite.binding
import numpy as np
import pytest
from numba import njit

from gradproof.kernels.names import RESERVED
from gradproof.kernels.vector import HELPERS, NAMES, ULPS, helpers_text, in_order, loops_text

from .support import EXACT, compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", HELPERS)
def test_each_helper_comes_with_all_that_it_uses(name, dtype):
    tree = ast.parse(loops_text([name], dtype) if (name, dtype) in ULPS else helpers_text([name], dtype))
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    stored |= {
        a.arg
        for n in ast.walk(tree)
        if isinstance(n, ast.arguments)
        for a in (*n.args, *([n.vararg] * (n.vararg is not None)))
    }
    stored |= {
        a.name.split(".")[-1] for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    given = {"real", "scalar", "np", "njit", "intrinsic", "types", "ir", "TypingError", "llvm_version_info"}
    assert used - stored - set(dir(builtins)) <= given
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    assert len(names) == len(set(names))


def test_what_is_needed_stands_before():
    order = in_order(HELPERS, "float64")
    assert sorted(set(order)) == sorted(order)
    for name in order:
        for needed in HELPERS[name].needs if name in HELPERS else ():
            assert order.index(needed) < order.index(name)


def test_no_tensor_takes_the_name_of_a_helper():
    assert set(NAMES) <= RESERVED


def test_every_function_has_a_docstring_that_tells_its_bound():
    for name, dtype in ULPS:
        tree = ast.parse(helpers_text([name], dtype))
        text = ast.get_docstring(next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name))
        assert text
        if ULPS[name, dtype] > 0.5 and "x*" not in text:
            assert f"{ULPS[name, dtype]} ulp" in text


@pytest.mark.skipif("x86_64" not in llvmlite.binding.get_default_triple(), reason="looks for the registers of x86")
@pytest.mark.parametrize("name", EXACT)
def test_a_loop_over_an_array_is_vector_code(name):
    wide = llvmlite.binding.get_host_cpu_features().get("avx2")
    x = np.ones(8, np.float32)
    loop = njit(error_model="numpy")(getattr(compiled("float32"), f"{name}_of").py_func)  # a cached one hides its code
    loop(x, x)
    code = loop.inspect_asm(loop.signatures[0])
    packed = r"v\w+ps\s[^\n]*%[yz]mm" if wide else r"(mul|max|sqrt)ps\s"
    assert re.search(packed, code)
