"""Modules with several kernels: their text, and the file that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof.errors import InputError
from gradproof.files import check_output, write_whole
from gradproof.kernels.module import Unit
from gradproof.kernels.targets import module_text, unit_of

if TYPE_CHECKING:
    from gradproof.kernels.compiled import Kernel


def module_source(kernels: Iterable[Kernel], title: str = "", products: str = "auto") -> str:
    """Return one readable module with several kernels, which needs only numpy and numba.

    On CUDA `products` says who makes those of matrices: "cublas", by nvmath-python, "own", a kernel of the module's, or
    "auto", cuBLAS where it is installed when the module is loaded.

    Raises:
        InputError: no kernels, or kernels of different types or targets.
    """
    kernels = tuple(kernels)
    if not kernels:
        raise InputError("there is no kernel to write")
    kinds = sorted({(k.target, k.dtype, *(["fast"] if k.fast else [])) for k in kernels})
    if len(kinds) > 1:
        raise InputError(f"one module holds kernels of one type, not of {kinds}")
    taken: set[str] = set()
    units = []
    for k in kernels:
        unit = next(u for u in _numbered(k, len(kernels)) if not _function_names(u) & taken)
        taken |= _function_names(unit)
        units.append(unit)
    return module_text(
        tuple(units), kernels[0].dtype, kernels[0].target, title, products=products, fast=kernels[0].fast
    )


def _numbered(k: Kernel, count: int) -> Iterator[Unit]:
    """Yield the kernel's text under its own name, and under others."""
    yield k.unit
    yield from (unit_of(k.plan, f"{k.name}_{n}", k.target, k.dtype) for n in range(2, count + 2))


def _function_names(unit: Unit) -> set[str]:
    return {unit.name, *re.findall(r"^def (\w+)", unit.wrapper.loops, flags=re.MULTILINE)}


def save_module(kernels: Iterable[Kernel], path: str | Path, *, force: bool = False, title: str = "") -> Path:
    """Write a module with the kernels to a file; see `Kernel.save`."""
    place = Path(path)
    check_output(place, force=force)
    write_whole(place, module_source(kernels, title))
    return place
