"""Elements a nanosecond of the vector mathematics, at one thread, beside NumPy, numba with `math`, and PyTorch.

`python -m benchmarks.vector_math` prints the table; arrays stay in the processor's cache, results go to arrays that are
there already, and the tools take turns.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.tables import machine
from gradproof.kernels.cache import load
from gradproof.kernels.vector import ULPS, loops_text

Run = Callable[[], Any]

COUNT, ROUNDS, CALLS = 8192, 300, 4
NAMES = (
    "exp", "expm1", "log", "log1p", "sigmoid", "tanh", "softplus", "erf", "sin", "cos", "power", "sqrt", "rsqrt",
    "maximum",
)  # fmt: skip
TOOLS = ("gradproof", "NumPy", "numba, math", "PyTorch")
ABOUT = f"""\
# Vector mathematics at one thread

What `python -m benchmarks.vector_math` printed last: elements a nanosecond, medians of {ROUNDS} runs in turns, each of
{CALLS} calls on {COUNT} normal numbers times 3 (for log, roots and bases of powers their absolute values), results
written to arrays that are there already (PyTorch's softplus has none to write to). "numba, math" is a loop over
`math.exp` and so on, as written by hand. "ulp" is the bound of ours, which the tests hold against mpmath.

sin and cos look up digits of 2/pi for each element, so that large angles come out right at the same speed: for small
ones NumPy's float32 forms are faster. Powers take float64 for float32, and pairs of numbers for float64: NumPy's are
faster.
"""

_PLAIN: dict[str, Callable[..., Any]] = {
    **{n: getattr(math, n) for n in ("exp", "expm1", "log", "log1p", "tanh", "erf", "sin", "cos", "sqrt")},
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "rsqrt": lambda x: 1 / math.sqrt(x),
    "power": math.pow,
    "maximum": max,
}
_OF_TWO = ("power", "maximum")


def runs(name: str, dtype: str, module: Any) -> dict[str, Run]:
    """Return for each tool that has the function a call of it."""
    rng = np.random.default_rng(0)
    lists = [3 * rng.normal(size=COUNT).astype(dtype) for _ in range(1 + (name in _OF_TWO))]
    if name in {"log", "log1p", "power", "sqrt", "rsqrt"}:
        lists[0] = abs(lists[0])
    y = np.empty_like(lists[0])
    ours, plain = getattr(module, f"{name}_of"), _numba_loop(name)
    found: dict[str, Run] = {"gradproof": lambda: ours(*lists, y)}
    if hasattr(np, name):
        found["NumPy"] = lambda: getattr(np, name)(*lists, out=y)
    found["numba, math"] = lambda: plain(*lists, y)
    if find_spec("torch"):
        found["PyTorch"] = _torch(name, lists, y)
    return found


def _numba_loop(name: str) -> Any:
    from numba import njit

    f = njit(error_model="numpy")(_PLAIN[name]) if name in {"sigmoid", "softplus", "rsqrt"} else _PLAIN[name]

    def one(x: Any, y: Any) -> None:
        for i in range(y.size):
            y[i] = f(x[i])

    def two(x: Any, z: Any, y: Any) -> None:
        for i in range(y.size):
            y[i] = f(x[i], z[i])

    return njit(error_model="numpy")(two if name in _OF_TWO else one)


def _torch(name: str, lists: list[np.ndarray], y: np.ndarray) -> Run:
    import torch

    torch.set_num_threads(1)
    given, result = [torch.from_numpy(x) for x in lists], torch.from_numpy(y)
    if name == "softplus":
        return lambda: torch.nn.functional.softplus(given[0])
    function = torch.pow if name == "power" else getattr(torch, name)
    return lambda: function(*given, out=result)


def speeds(name: str, dtype: str, module: Any) -> dict[str, float]:
    """Return elements a nanosecond for each tool."""
    calls = runs(name, dtype, module)
    times: dict[str, list[float]] = {tool: [] for tool in calls}
    for call in calls.values():
        call()
    for _ in range(ROUNDS):
        for tool, call in calls.items():
            start = time.perf_counter_ns()
            for _ in range(CALLS):
                call()
            times[tool].append((time.perf_counter_ns() - start) / CALLS)
    return {tool: COUNT / statistics.median(found) for tool, found in times.items()}


def table(dtype: str) -> str:
    """Return the table for one type."""
    module = load(loops_text(NAMES, dtype), f"vector_{dtype}")
    lines = [f"| {dtype} | ulp | {' | '.join(TOOLS)} |", "|---|---:|" + "---:|" * len(TOOLS)]
    for name in NAMES:
        found = speeds(name, dtype, module)
        cells = [f"{found[tool]:.2f}" if tool in found else "" for tool in TOOLS]
        lines.append(f"| {name} | {ULPS[name, dtype]} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(ABOUT)
    for dtype in ("float32", "float64"):
        print(table(dtype), end="\n\n")
    print(machine())
