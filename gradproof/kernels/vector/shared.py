"""The vector mathematics that the modules in the cache folder share: compiled once for each type in a process.

A function ends inside the loops that call it, but numba compiles it by itself first, which took a quarter of the time
of a page of notes: its exponentials and logarithms were those of 84 modules.
"""

from __future__ import annotations

from functools import lru_cache

from gradproof.kernels.cache import digest
from gradproof.kernels.vector.loops import loops_text
from gradproof.kernels.vector.text import HELPERS


@lru_cache(2)
def mathematics_source(dtype: str) -> str:
    """Return a module for the cache folder with all functions of float32 or of float64 numbers."""
    return f'"""Functions of {dtype} numbers."""\n\n{loops_text((), dtype, tuple(HELPERS))}'


def mathematics_import(names: list[str], dtype: str) -> list[str]:
    """Return the lines that take the named functions from the shared module, the first of them an import."""
    call = f'mathematics = shared_mathematics("{dtype}", "{digest(mathematics_source(dtype))}")'
    lines = [f"{name} = mathematics.{name}" for name in names]
    return ["from gradproof.kernels.shared import shared_mathematics", call, *lines]
