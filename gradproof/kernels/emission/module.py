"""A fast module: header, decorators, helpers, and the functions of its kernels."""

from __future__ import annotations

from gradproof.kernels.emission.prolog import DECORATORS, FORK, SHARING, UNCACHED
from gradproof.kernels.emission.wrapper import write_kernel
from gradproof.kernels.mathematics import definitions, form_imports
from gradproof.kernels.module import Unit, calls, header_text, imports_text
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.prolog import CHECKS, LOOPS, SCALAR


def fast_unit(plan: Plan, name: str) -> Unit:
    """Return a kernel's part of a module."""
    body, wrapper = write_kernel(plan, name)
    return Unit(plan, name, body, wrapper)


def fast_source(plan: Plan, name: str, dtype: str) -> str:
    """Return the module of one kernel."""
    return fast_module((fast_unit(plan, name),), dtype)


def fast_module(units: tuple[Unit, ...], dtype: str, title: str = "") -> str:
    """Return the module's source."""
    forms = frozenset[str]().union(*[u.body.forms for u in units])
    functions = "\n\n\n".join(f"{u.wrapper.loops}\n\n\n{u.wrapper.function}" for u in units)
    helpers = definitions(forms, dtype)
    sharing = [text.rstrip() for name, text in SHARING if calls(functions, name)]
    called = [text for name, text in CHECKS if calls(functions, name)]
    checks = [text.rstrip() for name, text in CHECKS if text in called or any(calls(c, name) for c in called)]
    imports = imports_text(form_imports(forms, helpers), functions=any(u.functions for u in units))
    if sharing:
        imports = imports.replace("from numba import njit", "from numba import get_num_threads, njit, prange")
    decorators = DECORATORS.format(dtype=dtype)
    decorators += SCALAR if any("@scalar" in h for h in helpers) else ""
    decorators += LOOPS if any("@loops" in h for h in helpers) else ""
    decorators += UNCACHED if "@uncached" in functions else ""
    decorators += FORK if sharing else ""
    head = "\n\n".join([header_text(units, dtype, title), imports, decorators.rstrip()])
    return "\n\n\n".join([head, *helpers, *sharing, *checks, functions]) + "\n"
