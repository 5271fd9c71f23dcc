"""How long a kernel takes to its first result: in a process with nothing cached, and in one that finds it compiled.

`python -m benchmarks.compiling NAME` is the process that is measured: it prints JSON. `benchmarks.startup` starts it.
The first derives, generates and compiles, and leaves its arrays beside the cache; the second, `--again`, asks for the
kernel by its name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

#: Sizes of the arrays that a first call gets: all of a kernel is compiled, and computing takes nothing.
_TINY = 6
#: What is asked of a kernel that is compiled cold, and of a process that finds the LSTM compiled, in seconds.
COLD, CACHED = 5.0, 1.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Attributes:
    name: of the catalogue.
    derive_s: processor time until there is a derivation.
    cold_cpu_s, cold_s: processor time and wall time from there to the first result, with an empty cache.
    again_cpu_s, again_s: from the name of the kernel to its first result with a full one, the import of numba among it.
    process_cpu_s, process_s: of that whole process, the interpreter's start and imports among it.
    """

    name: str
    derive_s: float
    cold_cpu_s: float
    cold_s: float
    again_cpu_s: float
    again_s: float
    process_cpu_s: float
    process_s: float


def measure(name: str) -> Spent:
    """Return what two processes took, one after the other, with a cache folder of their own."""
    with tempfile.TemporaryDirectory(prefix="gradproof-compiling-") as folder:
        cold, _ = _process(name, folder)
        begun = time.perf_counter()
        again, cpu = _process(name, folder, "--again")
        took = time.perf_counter() - begun
    return Spent(name, cold["derive_s"], cold["cpu_s"], cold["s"], again["cpu_s"], again["s"], cpu, took)


def _process(name: str, folder: str, *options: str) -> tuple[dict[str, float], float]:
    before = os.times()
    command = [sys.executable, "-m", "benchmarks.compiling", name, *options]
    run = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "GRADPROOF_CACHE": folder}
    )
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(run.stdout), cpu


def table(spent: Sequence[Spent]) -> str:
    """Return the times as Markdown, the slowest to compile first."""
    head = "| kernel | derive | cold, processor | cold, wall | compiled before, processor | the whole process, wall |"
    rows = [_cells(s) for s in sorted(spent, key=lambda s: -s.cold_cpu_s)]
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|", *rows])


def _cells(s: Spent) -> str:
    times = (s.derive_s, s.cold_cpu_s, s.cold_s, s.again_cpu_s, s.process_s)
    return f"| {s.name} | {' | '.join(f'{t:.2f}' for t in times)} |"


def verdict(spent: Sequence[Spent]) -> str:
    """Return in a sentence what does not reach what is asked."""
    late = [s.name for s in spent if s.cold_cpu_s > COLD]
    said = f"over {COLD:g} s of processor time cold: {', '.join(late)}" if late else f"all within {COLD:g} s cold"
    slow = [s.name for s in spent if s.process_s > CACHED]
    again = f"over {CACHED:g} s from the start of a process: {', '.join(slow)}" if slow else f"all within {CACHED:g} s"
    return f"{len(spent)} kernels, float32, forward and backward; {said}; compiled before {again}."


def as_json(spent: Sequence[Spent]) -> list[dict[str, Any]]:
    """Return the times as plain data."""
    return [asdict(s) for s in spent]


# -------------------------------------------------------------------- the process that is measured


def first_result(name: str) -> dict[str, float]:
    """Derive, generate, compile and call a kernel once; return what that took. Arrays and a record stay on disk."""
    import numpy as np

    from gradproof import catalogue
    from gradproof.bench.case import Case, kind_of
    from gradproof.bench.inputs import inputs_of
    from gradproof.derive.notation import parse_system
    from gradproof.kernels import kernel

    begun = time.process_time()
    text = catalogue.read(name)
    sizes = _sizes(name, [s.name for s in parse_system(text, f"{name}.eqs").sizes])
    case = Case(name, text, sizes)
    source, arrays = case.source, inputs_of(case)
    derived = time.process_time() - begun
    begun, wall = time.process_time(), time.perf_counter()
    made = kernel(source, "cpu", "float32", kind_of(source))
    asked = {s.name: sizes[s.name] for s in made.unit.wrapper.sizes if s.name in made.unit.parameters}
    made(**arrays, **asked, **{f: _square() for f in made.functions})
    spent = {"derive_s": derived, "cpu_s": time.process_time() - begun, "s": time.perf_counter() - wall}
    _ = kernel(name).module
    np.savez(_arrays(), **{**arrays, **asked})  # type: ignore[arg-type]
    return spent


def next_result(name: str) -> dict[str, float]:
    """Ask for a kernel by its name, and call it once with what the first process left; return what that took."""
    begun, wall = time.process_time(), time.perf_counter()
    from gradproof.kernels import kernel

    made = kernel(name)
    import numpy as np

    with np.load(_arrays()) as kept:
        given = {n: a if a.ndim else a.item() for n, a in kept.items()}
    made(**given, **{f: _square() for f in made.functions})
    return {"cpu_s": time.process_time() - begun, "s": time.perf_counter() - wall}


def _arrays() -> Path:
    return Path(os.environ["GRADPROOF_CACHE"]) / "inputs.npz"


def _sizes(name: str, names: Sequence[str]) -> Mapping[str, int]:
    """Return small sizes that fit one another."""
    from gradproof.bench.sizes import complete

    usual = complete(name, names, {})
    return complete(name, names, {n: min(usual[n], _TINY) for n in names if n not in ("I", "J")})


def _square() -> Any:
    """Return a function in place of one that the equations leave open."""
    import numba

    return numba.njit(lambda z: z * z)


if __name__ == "__main__":
    spent = next_result if "--again" in sys.argv else first_result
    sys.stdout.write(json.dumps(spent(sys.argv[1])) + "\n")
