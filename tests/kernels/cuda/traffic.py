"""Run as a program, without the simulator: what kernels move, counted by the machine that runs their PTX.

Each argument is `NAME:SIZE=NUMBER:SIZE=NUMBER...`. For each kernel a line is printed: a device moves memory in sectors
of 32 bytes for 32 threads at once, and shared memory has 32 banks, each of which gives one word of 4 bytes at a turn.

- `moved`: bytes of sectors that warps ask for, over the bytes of the kernel's inputs and results. Caches are not
  counted: what several warps read counts several times.
- `used`: the share of these bytes that threads asked for; more than 1 where threads of a warp read the same.
- `turns`: of shared memory, for each time that a warp asks it; 8 bytes for each thread take 2.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.loading import load
from tests.kernels.cuda import emulated
from tests.kernels.cuda.ptx.memory import Global, Space, Who

_SECTOR, _WARP, _BANKS, _WORD = 32, 32, 32, 4


@dataclass
class Moved:
    """What the launches of one kernel move: sectors and bytes asked of arrays; turns and requests of shared memory."""

    sectors: int = 0
    asked: int = 0
    turns: int = 0
    requests: int = 0

    def line(self, name: str, least: int) -> str:
        """Return what is printed."""
        used = self.asked / max(1, self.sectors * _SECTOR)
        turns = f", turns {self.turns / self.requests:.2f}" if self.requests else ""
        return f"{name} moved {self.sectors * _SECTOR / least:.2f} used {used:.2f}{turns}"


@dataclass
class Counter:
    """Counts what is moved, by the kernel that runs."""

    kernel: str = ""
    found: dict[str, Moved] = field(default_factory=lambda: defaultdict(Moved))

    def __call__(self, space: Space, at: Any, width: int, who: Who, _: bool) -> None:
        """Count what some threads ask for."""
        moved, warps = self.found[self.kernel], who.threads // _WARP
        if isinstance(space, Global):
            ends = np.concatenate([at // _SECTOR, (at + width - 1) // _SECTOR])
            moved.sectors += len(np.unique(np.stack([np.tile(warps, 2), ends]), axis=1)[0])
            moved.asked += len(at) * width
            return
        words = np.concatenate([at // _WORD + k for k in range(max(1, width // _WORD))])
        warps = np.tile(warps, len(words) // len(at))
        asked = np.unique(np.stack([warps, words % _BANKS, words]), axis=1)
        _, each = np.unique(asked[:2], axis=1, return_counts=True)
        owners = np.unique(asked[:2], axis=1)[0]
        moved.requests += len(np.unique(owners))
        moved.turns += sum(int(each[owners == warp].max()) for warp in np.unique(owners))


class Device(emulated.Device):
    """A device that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = self.memory.watch = Counter()

    def launch(self, kernel: Any, args: tuple[Any, ...], config: Any) -> None:
        """Run a kernel."""
        self.counter.kernel = kernel.py_func.__name__
        super().launch(kernel, args, config)


def count(case: str) -> list[str]:
    """Return the lines of a case."""
    name, *given = case.split(":")
    sizes = {s: int(n) for s, n in (part.split("=") for part in given)}
    k, rng = gp.kernel(gp.derive(load(name)), target="cuda"), np.random.default_rng(0)
    system = k.program.system
    values: dict[str, Any] = {}
    for tensor in (system[n] for n in k.program.inputs):
        of = {s: sizes[s.name] for s in system.sizes if s.name in sizes}
        shape = tuple(int(e.subs(of)) for e in tensor.shape)
        labels = tensor.bound is not None
        values[tensor.name] = (
            rng.integers(0, int(tensor.bound.subs(of)), shape) if labels else rng.normal(size=shape).astype(np.float32)
        )
    with emulated.emulated(Device()) as device:
        arrays = {n: cuda.to_device(a) if a.ndim else float(abs(a)) for n, a in values.items()}
        found = k(**arrays, **{s: n for s, n in sizes.items() if s in k.unit.parameters})
    least = sum(a.nbytes for a in (*values.values(), *found.values()))
    return [f"{case} {moved.line(kernel, least)}" for kernel, moved in device.counter.found.items()]


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.writelines(f"{line}\n" for line in count(argument))
