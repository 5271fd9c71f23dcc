"""A CUDA module: header, constants, helpers, kernels, and the functions that launch them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradproof.kernels.cuda import half_prolog, interface, prolog
from gradproof.kernels.cuda.cublas import IMPORTS, NEEDS, Products, cublas_text, product_text
from gradproof.kernels.cuda.kernels import Kernel
from gradproof.kernels.cuda.mathematics import bounds, fast_bounds, fast_sums, helpers, library_imports
from gradproof.kernels.cuda.simulation import is_simulated
from gradproof.kernels.cuda.sorting import SEGMENTS
from gradproof.kernels.cuda.wrapper import write_cuda
from gradproof.kernels.module import NEEDS_LITTLE, Unit, calls, header_text
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.prolog import CHECKS

_REDUCTIONS = ("sum", "max", "min", "argmax", "argmin")
_CHECKS = {name: text.rstrip() for name, text in CHECKS}


@dataclass(frozen=True)
class CudaUnit(Unit):
    """One kernel's part of a module, with the kernels that it launches."""

    kernels: tuple[Kernel, ...] = ()

    @property
    def outline(self) -> tuple[str, ...]:
        """How the work is done, in a line."""
        products = len(re.findall(r"^ +product\(", self.wrapper.function, flags=re.MULTILINE))
        kernels = f"{len(self.kernels)} kernel{'s' if len(self.kernels) != 1 else ''}"
        more = f" and {products} matrix product{'s' if products != 1 else ''}" if products else ""
        return (f"{kernels}{more}, launched from the function",)


def cuda_unit(plan: Plan, name: str, dtype: str) -> CudaUnit:
    """Return a kernel's part of a module.

    Raises:
        NotYet: something that has no kernel on CUDA yet, with the equation.
    """
    body, wrapper, kernels = write_cuda(plan, name, dtype, simulated=is_simulated())
    return CudaUnit(plan, name, body, wrapper, kernels)


def cuda_module(
    units: tuple[Unit, ...],
    dtype: str,
    title: str = "",
    *,
    simulated: bool | None = None,
    products: Products = "auto",
    fast: bool = False,
) -> str:
    """Return the module's source; it needs numpy and numba-cuda alone, unless `products` says otherwise.

    Args:
        units: the kernels.
        dtype: float32 or float64; float16 or bfloat16 for arrays in half precision, with arithmetic in float32.
        title: what stands at the head.
        fast: may functions be CUDA's fast ones?
        simulated: is it for numba's simulator, which has no shuffles, and few threads? By default as numba is set.
        products: who makes matrix products: cuBLAS ("cublas"), a kernel of the module's ("own"), or cuBLAS where it is
            installed when the module is loaded ("auto"). In the simulator always the module's own.
    """
    simulated = is_simulated() if simulated is None else simulated
    products = "own" if simulated else products
    functions = "\n\n\n".join(f"{u.wrapper.loops}\n\n\n{u.wrapper.function}" for u in units)
    real = "float32" if dtype in half_prolog.CONSTANT else dtype
    parts = _support(functions, dtype, products, simulated=simulated)
    text = "\n\n\n".join([functions, *parts])
    maths = helpers(text)
    threads, blocks, tile, own, depth = prolog.SIMULATED_SIZES if simulated else prolog.DEVICE_SIZES
    constants = prolog.CONSTANTS.format(dtype=real, threads=threads, blocks=blocks).rstrip()
    if dtype in half_prolog.CONSTANT:
        constants = constants.replace("\n", f"\n{half_prolog.CONSTANT[dtype]}\n", 1)
    constants += f"\n{prolog.TILE.format(tile=tile, own=own, depth=depth)}" if "TILE" in text else ""
    if "NEIGHBOURS" in text:
        constants += f"\n{prolog.NEIGHBOURS.format(neighbours=prolog.NEIGHBOURING[simulated])}"
    constants += f"\n{prolog.AHEAD.format(ahead=prolog.AHEAD_PLACES[simulated])}" if "AHEAD" in text else ""
    constants += prolog.held(text, simulated=simulated)
    lines = ["from math import prod"] if calls(text, "prod") else []
    quiet = []
    if not simulated:
        quiet, constants = [prolog.IMPORT_QUIET], f"{constants}\n{prolog.QUIET}"
    lines += library_imports([text, *maths], simulated=simulated, fast=fast)
    ours = [*_merged(lines, "numba.cuda.libdevice"), *_merged(lines, "numpy")]
    others = ["import numpy as np", "from numba import cuda", *ours]
    threading = []
    if calls(text, "gemm_plan"):
        others, threading = _with_cublas(others, products), ["from threading import Lock"]
    imports = "\n".join([*_merged(lines, "math"), *threading, *quiet, "", *others])
    called = "\n".join([text, *maths])
    errors = bounds(called, real, fast=fast), fast_bounds(called) if fast else "", fast_sums(called) if fast else ()
    header = header_text(units, dtype, title, errors)
    if calls(text, "gemm_plan"):
        header = header.replace(NEEDS_LITTLE, NEEDS[products], 1)
    head = f"{header}\n\n{imports.strip()}\n\n{constants}"
    return "\n\n\n".join([head, *maths, *parts[::-1], functions]) + "\n"


def _with_cublas(lines: list[str], products: Products) -> list[str]:
    """Return the lines of imports with those of cuBLAS."""
    return [*lines, *([""] if products == "auto" else []), IMPORTS[products]]


def _merged(lines: list[str], module: str) -> list[str]:
    names = sorted(
        {n for line in lines if line.startswith(f"from {module} ") for n in line.split(" import ")[1].split(", ")}
    )
    return [f"from {module} import {', '.join(names)}"] if names else []


def _support(functions: str, dtype: str, products: Products, *, simulated: bool) -> list[str]:
    """Return the helpers that the functions need, each before those that it calls."""
    found: list[str] = []
    for name, text in _helpers(dtype, products, simulated=simulated):
        mentioned = name.startswith("join_") and name in functions  # handed over, not called
        if mentioned or any(calls(t, name) for t in (functions, *found)):
            found.append(text.rstrip())
    return list(dict.fromkeys(found))


def _helpers(dtype: str, products: Products, *, simulated: bool) -> list[tuple[str, str]]:
    """Return all helpers by the function that is called, each before those that it calls."""
    return [
        ("product", product_text(dtype, products)),
        *([("by_cublas", cublas_text(dtype))] if products != "own" else []),
        ("join", prolog.JOIN),
        *((f"join_{how}", prolog.join_parts(how)) for how in ("sum", "max", "min")),
        ("segments", SEGMENTS),
        ("with_rows", interface.WITH_ROWS),
        ("operand", half_prolog.OPERAND["own" if products == "own" else "cublas"]),
        ("entry", half_prolog.ENTRY),
        ("widened", half_prolog.WIDENED),
        ("narrowed", half_prolog.NARROWED),
        *((name, texts[dtype]) for name, texts in half_prolog.NUMBERS.items() if dtype in texts),
        ("fill", prolog.FILL),
        ("handed", interface.HANDED),
        ("copied", interface.COPIED),
        ("output", interface.OUTPUT),
        ("check_out", interface.CHECK_OUT),
        ("maker", interface.MAKER),
        *((name, _CHECKS[name]) for name in ("check_shape", "check_size", "check_read")),
        ("as_stream", interface.AS_STREAM),
        ("as_number", interface.AS_NUMBER),
        ("as_label", interface.AS_LABEL),
        ("on_device", interface.ON_DEVICE),
        ("device_view", interface.device_view(simulated=simulated)),
        ("check_device", interface.CHECK_DEVICE),
        *((f"block_{how}", prolog.reduction(how, simulated=simulated)) for how in _REDUCTIONS),
        ("places_at_once", prolog.places_at_once(simulated=simulated)),
        ("blocks_for", prolog.BLOCKS_FOR),
        ("stretch", prolog.STRETCH),
    ]
