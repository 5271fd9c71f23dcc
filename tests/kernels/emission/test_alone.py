"""Rows with many arrays: what is written is named, so that LLVM uses vectors."""

from __future__ import annotations

import re

import numba
import numpy as np

from gradproof.kernels.emission.alone import ALONE, ALONE_IMPORTS, promise

_NAMES = tuple(f"{kind}{j}" for j in range(12) for kind in "xy")
_LINES = "\n".join(f"        y{j}[k] = x{j}[k]*x{(j + 1) % 12}[k]" for j in range(12))


def test_a_row_with_many_arrays_runs_in_vectors() -> None:
    """Without the line its loop is scalar, which takes several times as long."""
    (line,) = promise(_NAMES, [n for n in _NAMES if n[0] == "y"], lambda n: n)
    text = f"{{}}\ndef f({', '.join(_NAMES)}):\n    {line}\n    for k in range(x0.size):\n{_LINES}"
    space: dict[str, object] = {}
    exec(text.format("\n".join([*ALONE_IMPORTS, ALONE])), space)  # noqa: S102
    f = numba.njit(space["f"])
    values = [np.full(40, j // 2, np.float32) for j in range(24)]
    f(*values)
    assert np.all(values[7] == 12)
    (code,) = f.inspect_llvm().values()
    assert re.search(r"fmul.*<\d+ x float>", code)


def test_views_of_one_array_are_not_named() -> None:
    """h[t] and h[t + 1] are one array's: nothing is said of them."""
    names = tuple(f"a{j}" for j in range(20))
    base = {"a0": "h", "a1": "h"}.get
    written = {f"a{j}" for j in range(0, 20, 2)}
    assert promise(names, written, lambda n: base(n, n)) == [f'alone("{" ".join(f"a{j}" for j in range(2, 20, 2))}")']
    assert promise(names[:4], written, lambda n: n) == []
