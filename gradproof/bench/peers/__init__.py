"""What a worker can run: our kernels, and the same work written for PyTorch, JAX, NumPy and others."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradproof.bench.case import Case
    from gradproof.bench.runner import Arrays, Runner

#: Our kernel as it is called without arrays for its outputs.
ALLOCATES = "ours, new outputs"

#: For each name that a user may type: the module that runs it, and the library that it needs.
KINDS: dict[str, tuple[str, str]] = {
    "ours": ("gradproof.bench.peers.ours", ""),
    ALLOCATES: ("gradproof.bench.peers.ours", ""),
    "numpy": ("gradproof.bench.peers.with_numpy", ""),
    "torch": ("gradproof.bench.peers.with_torch", "torch"),
    "torch.compile": ("gradproof.bench.peers.with_torch", "torch"),
    "torch fused": ("gradproof.bench.peers.with_torch", "torch"),
    "jax": ("gradproof.bench.peers.with_jax", "jax"),
    "cupy": ("gradproof.bench.peers.with_cupy", "cupy"),
    "liger": ("gradproof.bench.peers.with_torch", "liger_kernel"),
}

#: With one of them PyTorch compiles what it has generated; $CXX may name another.
_COMPILERS = ("g++", "clang++", "c++", "cl")

#: What a library on the command line stands for.
FAMILIES: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "torch": ("torch", "torch fused"),
    "torch.compile": ("torch.compile",),
    "jax": ("jax",),
}
#: The same for a GPU.
ON_DEVICE: dict[str, tuple[str, ...]] = {
    "torch": ("torch", "torch fused"),
    "torch.compile": ("torch.compile",),
    "cupy": ("cupy",),
    "liger": ("liger",),
}


def runner(kind: str, case: Case, inputs: Arrays) -> Runner | None:
    """Return how a peer runs a case, None where it has no such function."""
    made: Runner | None = import_module(KINDS[kind][0]).runner(kind, case, inputs)
    return made


def absent(kind: str) -> str:
    """Return what a peer needs and what is not installed; "" where nothing is missing."""
    needs = KINDS[kind][1]
    if needs and find_spec(needs) is None:
        return needs
    compiles = kind == "torch.compile"
    return "a C++ compiler" if compiles and not any(map(which, (os.environ.get("CXX", ""), *_COMPILERS))) else ""
