"""The vector mathematics that the modules in the cache folder share: compiled once for each type in a process.

A function ends inside the loops that call it, but numba compiles it by itself first, which took a quarter of the time
of a page of notes: its exponentials and logarithms were those of 84 modules.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from types import ModuleType

from gradproof.kernels import cache
from gradproof.kernels.vector.loops import loops_text
from gradproof.kernels.vector.text import HELPERS


@lru_cache(2)
def _text(dtype: str) -> str:
    return f'"""Functions of {dtype} numbers."""\n\n{loops_text((), dtype, tuple(HELPERS))}'


@lru_cache(2)
def _key(dtype: str) -> str:
    return hashlib.sha256(_text(dtype).encode()).hexdigest()[:12]


def shared_mathematics(dtype: str, key: str) -> ModuleType:
    """Return the module with all functions of float32 or of float64 numbers.

    Args:
        dtype: "float32" or "float64".
        key: of the text that a cached kernel was compiled with.

    Raises:
        ImportError: the kernel was generated with another text.
    """
    if key != _key(dtype):
        raise ImportError(f"this kernel was generated with the functions {key}, and here are {_key(dtype)}")
    return cache.load(_text(dtype), f"mathematics_{dtype}")


def mathematics_import(names: list[str], dtype: str) -> list[str]:
    """Return the lines that take the named functions from the shared module, the first of them an import."""
    call = f'mathematics = shared_mathematics("{dtype}", "{_key(dtype)}")'
    lines = [f"{name} = mathematics.{name}" for name in names]
    return ["from gradproof.kernels.vector.shared import shared_mathematics", call, *lines]
