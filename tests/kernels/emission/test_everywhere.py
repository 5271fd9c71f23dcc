"""Functions of a module that run themselves on several threads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numba
import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels.emission.everywhere import EVERYWHERE, EVERYWHERE_IMPORTS

TEXT = "param x[n, D], w[D, K]\ny[i,k] = tanh(sum[d] x[i,d]*w[d,k])"


def _given(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = {"x": (n, 5), "w": (5, 3), "d_y": (n, 3)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def _module() -> dict[str, Any]:
    space: dict[str, Any] = {"IN_TURN": -2}
    exec("\n".join([*EVERYWHERE_IMPORTS, EVERYWHERE]), space)  # noqa: S102
    return space


def test_a_failure_on_a_thread_reaches_the_caller() -> None:
    """The other parts are done all the same: nothing still writes when the caller goes on."""
    everywhere = _module()["everywhere"]

    @numba.njit(nogil=True)
    def rows(x: Any, worst: int, part: int, parts: int) -> None:
        if part < 0:
            everywhere(part, parts)
            return
        x[part] += 1
        if part == worst:
            raise ValueError("no good")

    numba.get_num_threads()  # makes the threads
    x = np.zeros(5)
    for worst, way in ((0, -1), (4, -1), (2, -2)):
        with pytest.raises(ValueError, match="no good"):
            rows(x, worst, way, 5)
    rows(x, 5, -1, 5)
    assert np.array_equal(x, np.full(5, 4.0))


def test_the_rows_of_a_product_are_the_same_among_any_threads() -> None:
    """More threads than rows, and no rows at all, are right too; sums over rows agree to rounding."""
    k = gp.kernel(gp.derive(gp.system(TEXT)), dtype="float64")
    for n in (0, 1, 7, 40):
        given = _given(n)
        one = k(**given, threads=1)
        for threads in (2, 3, 9):
            many, again = (k(**given, threads=threads) for _ in range(2))
            assert np.array_equal(one["y"], many["y"])
            assert np.array_equal(one["d_x"], many["d_x"])
            assert np.array_equal(many["d_w"], again["d_w"])
            np.testing.assert_allclose(one["d_w"], many["d_w"], rtol=0, atol=1e-13)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_does_the_parts_itself(tmp_path) -> None:
    """The child has none of its parent's threads: work handed to those would never be done."""
    path = tmp_path / "kernels.py"
    gp.kernel(gp.derive(gp.system(TEXT)), dtype="float64", name="layer").save(path)
    code = (
        "import os, numpy as np, kernels\n"
        "x, w, d_y = np.ones((8, 5)), np.ones((5, 3)), np.ones((8, 3))\n"
        "kernels.layer(x, w, d_y, threads=2)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    kernels.layer(x, w, d_y, threads=2)\n"
        "    os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, check=True, timeout=120)


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_callers_at_once_do_not_share_threads(layer: str) -> None:
    """Numba's workqueue ends the process where two threads of Python use it at once: the second caller works alone."""
    code = (
        "import numpy as np, gradproof as gp\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        f"k = gp.kernel(gp.derive(gp.system({TEXT!r})), dtype='float64')\n"
        "f = gp.kernel(gp.load('tanh'), dtype='float64')\n"
        "given = {'x': np.ones((64, 5)), 'w': np.ones((5, 3)), 'd_y': np.ones((64, 3))}\n"
        "expected, z = k(**given, threads=2)['d_x'], np.ones(64)\n"
        "def work(_):\n"
        "    f(z=z, threads=2)\n"
        "    assert np.array_equal(k(**given, threads=2)['d_x'], expected)\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    list(pool.map(work, range(2000)))\n"
    )
    environment = {**os.environ, "NUMBA_THREADING_LAYER": layer}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, check=True, timeout=240)
