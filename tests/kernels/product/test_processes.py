"""Callers that another process compiled, modules without gradproof, and the vectors of other processors."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradproof.kernels.product import PRODUCT_IMPORTS, product_body, product_import, shared_product

#: Parts of the rows in parallel, each with its own scratch.
CALLER = """

@njit(parallel=True, cache=True, error_model="numpy")
def multiply(a, b, c, workers):
    scratch = np.empty((workers, SCRATCH), real)
    for p in prange(workers):
        lo, hi = portion(a.shape[0], TILE_ROWS, np.int64(p), workers)
        gemm(a[lo:hi], b, c[lo:hi], False, scratch[p])
"""
USE = """
import sys
import numpy as np
from {name} import multiply, real
random = np.random.default_rng(0)
a, b = (random.integers(-9, 10, s) for s in ((75, 513), (513, 70)))
c = np.empty((75, 70), real)
multiply(a.astype(real), b.astype(real), c, 3)
print(np.array_equal(c, a @ b), sum(multiply.stats.cache_hits.values()), "gradproof" in sys.modules)
"""
HEAD = "import numpy as np\nfrom numba import prange\n"


def _run(folder: Path, name: str, **environment: str) -> list[str]:
    """Run a program that uses the module in a folder of its own, compiled code beside it."""
    command = [sys.executable, "-c", USE.format(name=name)]
    known = os.environ | {"GRADPROOF_CACHE": str(folder), **environment}
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_cached_caller_finds_the_shared_product_in_another_process(tmp_path):
    text = (
        f"{HEAD}from numba import njit\nreal = np.float32\n{product_import('float32')}{CALLER.format(parallel=False)}"
    )
    (tmp_path / "shared.py").write_text(text)
    assert _run(tmp_path, "shared") == ["True", "0", "True"]
    assert _run(tmp_path, "shared") == ["True", "1", "True"]
    assert len(list((tmp_path / "kernels").glob("product_float32_*.py"))) == 1


@pytest.mark.slow
def test_a_module_alone_in_parallel_needs_no_gradproof(tmp_path):
    imports = "\n".join(PRODUCT_IMPORTS)
    text = f"{HEAD}{imports}\nreal = np.float64\n{product_body()}{CALLER.format(parallel=True)}"
    (tmp_path / "alone.py").write_text(text)
    assert _run(tmp_path, "alone") == ["True", "0", "False"]
    assert _run(tmp_path, "alone") == ["True", "1", "False"]


#: For each function that machine code is made of: how often passes go through modules, and functions; what is inside.
_PASSES = """
import collections
from llvmlite.binding import newpassmanagers
from numba.core.codegen import JITCodeLibrary
runs, made = collections.Counter(), []
for manager in (newpassmanagers.ModulePassManager, newpassmanagers.FunctionPassManager):
    def run(self, code, builder, known=manager.run, name=manager.__name__):
        runs[name] += 1
        return known(self, code, builder)
    manager.run = run
ready = JITCodeLibrary._finalize_specific
def finalize(library):
    here = [f.name for f in library._final_module.functions if f.linkage.name == "internal"]
    made.append((library.name, runs["ModulePassManager"], runs["FunctionPassManager"], *sorted(here)))
    runs.clear()
    ready(library)
from numba import cfunc, types
cfunc(types.int64(types.int64))(lambda x: x)
JITCodeLibrary._finalize_specific = finalize
runs.clear()
from gradproof.kernels.product import shared_product
shared_product("float32")
print(made)
"""


def test_each_tile_is_there_once_and_optimised_once(tmp_path):
    known = os.environ | {"GRADPROOF_CACHE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", _PASSES], env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == [("panels", 1, 0, "block"), ("product", 1, 0, "low", "narrow", "wide")]


def test_a_kernel_of_another_text_is_refused():
    with pytest.raises(ImportError, match=r"generated with the product abc, and here is .*: generate it again"):
        shared_product("float32", "abc")


#: A page that nobody may read stands after and before each operand, on its side or the other in turn.
_GUARDED = """
import ctypes, mmap
import numpy as np
from numba import njit
from gradproof.kernels.product import shared_product
libc = ctypes.CDLL(None, use_errno=True)
PAGE = mmap.PAGESIZE
kept = []
def guarded(x, at_end):
    room = -(-x.nbytes // PAGE)*PAGE
    block = mmap.mmap(-1, room + 2*PAGE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(block))
    for page in (start, start + PAGE + room):
        assert libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), 0) == 0
    kept.append(block)
    offset = PAGE + (room - x.nbytes if at_end else 0)
    view = np.frombuffer(block, x.dtype, x.size, offset).reshape(x.shape)
    view[:] = x
    return view
p = shared_product("{dtype}")
gemm, gemm_packed, pack = p.gemm, p.gemm_packed, p.pack
@njit
def multiply(a, b, c, scratch):
    gemm(a, b, c, False, scratch)
@njit
def through_packed(a, b, c, scratch):
    gemm_packed(a, pack(b), c, False, scratch)
random = np.random.default_rng(0)
scratch = guarded(np.zeros(p.SCRATCH, p.real), True)
near = lambda *units: sorted({1} | {u + d for u in units for d in (-1, 0, 1)})
rows, columns = near(p.TILE_ROWS, p.HEIGHT), near(p.LANES, p.TILE_COLUMNS, p.LOW_VECTORS*p.LANES, p.WIDTH)
for _ in range(40):
    m, n, k = (int(random.choice(e)) for e in (rows, columns, near(p.SQUARE, 2*p.SQUARE, p.DEPTH)))
    x, y = random.integers(-9, 10, (m, k)), random.integers(-9, 10, (k, n))
    for turn in random.permutation(8)[:3]:
        at_end, left, right = turn & 1, turn & 2, turn & 4
        a = guarded((x.T if left else x).astype(p.real), at_end)
        b = guarded((y.T if right else y).astype(p.real), at_end)
        a, b = a.T if left else a, b.T if right else b
        c = guarded(np.zeros((m, n), p.real), at_end)
        for function in (multiply, through_packed):
            c[:] = 7
            function(a, b, c, scratch)
            assert np.array_equal(c, x @ y), (m, n, k, turn)
print("whole", p.LANES)
"""

#: What numba is told the processor is, and the vectors' length in bytes that follows.
_PROCESSORS = {
    "host": ({}, None),
    "without AVX-512": ({"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma"}, 32),
    "plain": ({"NUMBA_CPU_NAME": "generic"}, 16),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="pages are protected by Linux's own call")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("processor", _PROCESSORS)
def test_nothing_outside_the_operands_is_read(dtype, processor, tmp_path):
    told, length = _PROCESSORS[processor]
    if "FEATURES" in "".join(told) and not _has_avx2():
        pytest.skip("the processor has no AVX2")
    command = [sys.executable, "-c", _GUARDED.replace("{dtype}", dtype)]
    known = os.environ | {"GRADPROOF_CACHE": str(tmp_path), **told}
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[0] == "whole"
    assert length is None or int(words[1]) * int(dtype[5:]) // 8 == length


def _has_avx2() -> bool:
    import llvmlite.binding

    return bool(llvmlite.binding.get_host_cpu_features().get("avx2"))
