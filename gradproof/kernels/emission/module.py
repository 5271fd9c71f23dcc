"""A module: header, decorators, mathematics, and the functions of its kernels."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gradproof.kernels.emission.addresses import ARRAY_AT_IMPORTS
from gradproof.kernels.emission.alone import ALONE_IMPORTS
from gradproof.kernels.emission.cuts import CUTS_IMPORTS, GIVE_BACK_IMPORTS, ROOM_IMPORTS
from gradproof.kernels.emission.everywhere import EVERYWHERE_IMPORTS
from gradproof.kernels.emission.fetching import FETCHED, FETCHED_IMPORTS
from gradproof.kernels.emission.frame import words_in
from gradproof.kernels.emission.phase_rows import PHASE_ROWS_IMPORTS
from gradproof.kernels.emission.prolog import (
    COUNTED,
    COUNTED_SUMS,
    DECORATORS,
    EMPTY,
    FORK,
    INNER,
    INNER_SUMS,
    ONE_COPY_IMPORTS,
    SHARING,
    THREADS_IMPORTS,
    UNCACHED,
)
from gradproof.kernels.emission.streams import SEND_IMPORTS, SENDING
from gradproof.kernels.emission.term_blocks import TERMS
from gradproof.kernels.emission.wrapper import write_kernel
from gradproof.kernels.mathematics import definitions, form_imports, lent
from gradproof.kernels.module import Unit, calls, header_text
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.product import PRODUCT_CALLS, PRODUCT_IMPORTS, product_body, product_import
from gradproof.kernels.prolog import CHECKS, LOOPS, SCALAR

_STANDARD = ("ctypes", "math", "os", "threading")


def fast_unit(plan: Plan, name: str) -> Unit:
    """Return a kernel's part of a module."""
    body, wrapper = write_kernel(plan, name)
    return Unit(plan, name, body, wrapper)


def fast_source(plan: Plan, name: str, dtype: str) -> str:
    """Return the module of one kernel."""
    return fast_module((fast_unit(plan, name),), dtype)


def fast_module(
    units: tuple[Unit, ...], dtype: str, title: str = "", *, shared: bool = False, lends: bool = False
) -> str:
    """Return the module's source; it needs numpy and numba alone, but where `shared` takes the product from this
    package, which compiles it once, and where `lends` the vector mathematics too.
    """
    functions = "\n\n\n".join(f"{u.wrapper.loops}\n\n\n{u.wrapper.function}" for u in units)
    forms = frozenset[str]().union(*[u.body.forms for u in units])
    mathematics = definitions(forms, dtype, own_only=lends)
    borrowed = lent(forms, dtype) if lends else []
    product = any(calls(functions, name) for name in PRODUCT_CALLS)
    sharing = _with_callees(functions, SHARING)
    parts = [functions, *mathematics, *sharing, *_with_callees("\n".join([functions, *sharing]), CHECKS)]
    parts += [product_body().rstrip()] if product and not shared else []
    imports = [*_imports(parts), *form_imports(forms, mathematics)]
    imports += ["from numba.extending import is_jitted"] if any(u.functions for u in units) else []
    imports += PRODUCT_IMPORTS if product and not shared else ()
    shares = product_import(dtype).rstrip().splitlines() if product and shared else []
    imports += [*shares[:1], *borrowed[:1]]
    head = [header_text(units, dtype, title), _merged(imports), _decorators(parts, dtype)]
    head += ["\n".join(line for line in shares[1:] if line and _is_needed(line, functions))] if shares else []
    head += ["\n".join(borrowed[1:])] if borrowed else []
    return "\n\n\n".join(["\n\n".join(head), *[p for p in parts if p]]) + "\n"


def _decorators(parts: list[str], dtype: str) -> str:
    text = "\n".join(parts)
    lines = [DECORATORS.format(dtype=dtype).rstrip()]
    marked = (
        ("@inner\n", INNER),
        ("@inner_sums\n", INNER_SUMS),
        ("@counted\n", COUNTED),
        ("@counted_sums\n", COUNTED_SUMS),
        ("@scalar", SCALAR),
        ("@loops", LOOPS),
        ("@uncached", UNCACHED),
    )
    lines += [line.rstrip() for mark, line in marked if mark in text]
    lines += [EMPTY] if calls(text, "empty") else []
    lines += [FORK[dtype]] if calls(text, "parts_for") else []
    lines += [SENDING] if "LARGE" in text else []
    lines += [TERMS[dtype]] if "TERMS" in text else []
    lines += [FETCHED] if "FETCHED" in text else []
    return "\n".join(lines)


def _is_needed(line: str, functions: str) -> bool:
    """Is it the line that finds the product, or one that names a function or a number of it that is used?"""
    name = line.split(" = ", 1)[0]
    return name == "product" or calls(functions, name) or (name.isupper() and name in functions)


def _with_callees(functions: str, table: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the texts of the table that the functions call, those that these call, and so on."""
    called: list[str] = []
    found = [text for name, text in table if calls(functions, name)]
    while found:
        called += found
        found = [t for name, t in table if t not in called and any(calls(c, name) for c in found)]
    return [text.rstrip() for _, text in table if text in called]


def _imports(parts: list[str]) -> list[str]:
    """Return the lines for what the parts name."""
    text = "\n".join(parts)
    words = set(words_in(text.splitlines()))
    numba = [n for n in ("get_num_threads", "njit") if n in words or n == "njit"]
    lines = ["import numpy as np", f"from numba import {', '.join(numba)}"]
    needed = (
        ("threads_given", THREADS_IMPORTS),
        ("everywhere", EVERYWHERE_IMPORTS),
        ("seen_as", CUTS_IMPORTS),
        ("new_room", ROOM_IMPORTS),
        ("give_back", GIVE_BACK_IMPORTS),
        ("one_copy", ONE_COPY_IMPORTS),
        ("alone", ALONE_IMPORTS),
        ("array_at", ARRAY_AT_IMPORTS),
        ("phase_rows", PHASE_ROWS_IMPORTS),
        ("send", SEND_IMPORTS),
        ("fetch_ends", ROOM_IMPORTS[:4]),
        ("fetch_next", FETCHED_IMPORTS),
        ("fetch_own", FETCHED_IMPORTS),
    )
    return [*lines, *(line for name, its in needed if calls(text, name) for line in its)]


def _merged(lines: Iterable[str]) -> str:
    """Return import lines sorted as formatters sort them, one for each module."""
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in lines:
        if found := re.match(r"from (\S+) import (.+)", line):
            names.setdefault(found[1], set()).update(found[2].split(", "))
        else:
            plain.add(line)
    froms = {module: f"from {module} import {', '.join(sorted(n))}" for module, n in names.items()}
    standard = [line for line in sorted(plain) if line.split()[1] in _STANDARD]
    standard += [froms.pop(module) for module in sorted(froms) if module in _STANDARD]
    plain -= set(standard)
    others = [*sorted(plain), *[froms[m] for m in sorted(froms)]]
    return "\n".join([*standard, *([""] if standard else []), *others])
