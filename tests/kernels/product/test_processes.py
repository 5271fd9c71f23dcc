"""Callers that another process compiled, modules without gradproof, and the vectors of other processors."""

from __future__ import annotations

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
        lo, hi = share(a.shape[0], TILE_ROWS, np.int64(p), workers)
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


def test_a_kernel_of_another_text_is_refused():
    with pytest.raises(ImportError, match=r"generated with the product abc, and here is .*: generate it again"):
        shared_product("float32", "abc")
