"""The helpers that a module needs, as text: each after what it uses, constants among them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType

from gradproof.kernels.vector import bits, error_function, exponential, logarithm, powers, simple, trigonometric
from gradproof.kernels.vector.constants import NUMBERS, POLYNOMIALS, TWO_PER_PI
from gradproof.kernels.vector.helper import DTYPES
from gradproof.kernels.vector.polynomials import ERFC_HIGH, ERFC_MIDDLE

_MODULES = (bits, simple, exponential, logarithm, error_function, trigonometric, powers)
_TABLE = tuple(h for m in _MODULES for h in m.HELPERS)

#: Name -> helper.
HELPERS = MappingProxyType({h.name: h for h in _TABLE})
if len(HELPERS) != len(_TABLE):
    raise AssertionError("two helpers have the same name")

#: (function, type) -> greatest error in units in the last place.
ULPS = MappingProxyType({(h.name, d): h.ulps[DTYPES.index(d)] for h in _TABLE if h.ulps for d in DTYPES})

#: What stands in a text -> what the module must then import, in the order of the imports.
_IMPORTS = (
    ("ir.", "from llvmlite import ir"),
    ("llvm_version_info", "from llvmlite.binding import llvm_version_info"),
    ("types.", "from numba import types"),
    ("TypingError", "from numba.core.errors import TypingError"),
    ("@intrinsic", "from numba.extending import intrinsic"),
)

#: Names that a module with such helpers uses.
NAMES = (
    *HELPERS,
    *sorted({n for n, _ in (*NUMBERS, *POLYNOMIALS)}),
    "TWO_PER_PI",
    "ir", "types", "intrinsic", "TypingError", "llvm_version_info",
)  # fmt: skip


def helpers_text(names: Iterable[str], dtype: str) -> str:
    """Return the definitions of the named helpers and of all that they need, two lines between them."""
    needed = in_order(names, dtype)
    single = [_definition(n, dtype) for n in needed if _is_single(n, dtype)]
    longer = [_definition(n, dtype) for n in needed if not _is_single(n, dtype)]
    return "\n\n\n".join([*(["\n".join(single)] if single else []), *longer])


def helper_imports(text: str) -> tuple[str, ...]:
    """Return the lines that a module with these definitions needs beside numpy and `from numba import njit`."""
    return tuple(line for mark, line in _IMPORTS if mark in text)


def in_order(names: Iterable[str], dtype: str) -> tuple[str, ...]:
    """Return the named helpers and all that they need, each after what it needs.

    >>> in_order(["relu"], "float32")
    ('llvm', 'maximum', 'relu')
    """
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        for needed in _needs(name, dtype) if name not in found else ():
            visit(needed)
        found.setdefault(name)

    for name in sorted(names):
        visit(name)
    return tuple(found)


def _is_single(name: str, dtype: str) -> bool:
    """Is it a constant on a line of its own, which needs nothing but the type?"""
    return name in {"integer", "TO_WHOLE", "ROOT_BITS", "exact"} or (name, dtype) in NUMBERS


def _needs(name: str, dtype: str) -> tuple[str, ...]:
    if name in HELPERS:
        helper = HELPERS[name]
        return helper.needs + (helper.needs64 if dtype == "float64" else helper.needs32)
    return ("reals",) if (name, dtype) in POLYNOMIALS else ()


def _definition(name: str, dtype: str) -> str:
    if name in HELPERS:
        helper = HELPERS[name]
        text = helper.text64 if helper.text64 and dtype == "float64" else helper.text
        return text.format(**_fields(dtype), ulps=ULPS.get((name, dtype))).rstrip()
    if (name, dtype) in NUMBERS:
        value = NUMBERS[name, dtype]
        # What float32 does not hold is for wider arithmetic.
        return f"{name} = real({_literal(value, dtype)})" if _fits(value, dtype) else f"{name} = {value!r}"
    if name == "TWO_PER_PI":
        return _two_per_pi(*TWO_PER_PI[dtype])
    polynomial = POLYNOMIALS[name, dtype]
    low, high = polynomial.interval
    low = low if low < 0 or low > 1e-6 else 0  # the function cannot be computed at 0 itself
    wide = not all(_fits(c, dtype) for c in polynomial.coefficients)
    lines = [
        f"# {polynomial.text} on [{low:g}, {high:g}], by Remez' exchange;",
        f"# relative to {polynomial.scale}, the error is at most 2**{math.log2(polynomial.error):.1f}.",
        f"{name} = {'' if wide else 'reals'}(",
        *[f"    {_literal(c, 'float64' if wide else dtype)}," for c in polynomial.coefficients],
        ")",
    ]
    return "\n".join(lines)


def _fits(value: float, dtype: str) -> bool:
    import numpy as np

    return float(np.dtype(dtype).type(value)) == value


def _two_per_pi(count: int, digits: int) -> str:
    text = f"{digits:x}"
    lines = [f'    "{text[k : k + 96]}"' for k in range(0, len(text), 96)]
    return "\n".join([f"# 2/pi*2**{count}, rounded down.", "TWO_PER_PI = int(", *lines, "    , 16)"]).replace(
        '"\n    ,', '",'
    )


def _literal(value: float, dtype: str) -> str:
    """Return the shortest text that the type reads back as the same number."""
    import numpy as np

    return str(np.float32(value)) if dtype == "float32" else repr(value)


@lru_cache(2)
def _fields(dtype: str) -> dict[str, object]:
    """Return what the texts leave open: the layout of the type, and where results leave its range."""
    single = dtype == "float32"
    fraction, bias = (23, 127) if single else (52, 1023)
    root = (
        struct.unpack("<i", struct.pack("<f", 0.5**0.5)) if single else struct.unpack("<q", struct.pack("<d", 0.5**0.5))
    )
    return {
        "dtype": dtype,
        # Norms are kept in float64, and what is made of them may come as that.
        "as_real": "    x = real(x)\n" if single else "",
        "as_reals": "    x, y = real(x), real(y)\n" if single else "",
        "kind": "FloatType" if single else "DoubleType",
        "width": 32 if single else 64,
        "fraction": fraction,
        "bias": bias,
        "bias_1": bias - 1,
        "bias_2": bias + 2,
        "mask": hex(2**fraction - 1),
        "root_bits": hex(root[0]),
        "small_turn": "2.0**-13" if single else "2.0**-27",
        "turn_scale": 0 if single else 200,
        "turn_digits": TWO_PER_PI[dtype][0],
        "wide_to_whole": 1.5 * 2**52,
        "to_whole": 1.5 * 2**fraction,
        "least": f"2.0**{1 - bias}",
        "small": f"2.0**-{fraction + 2}",
        "up": f"2.0**{fraction + 2}",
        "up_by": f"{fraction + 2}.0",
        # e**x is beyond the largest number above the first, below half the least above the second.
        "exp_high": 89.0 if single else 710.0,
        "exp_low": -104.0 if single else -746.0,
        "power_high": 746.0,
        # Beyond these, e**x - 1 is -1, tanh(x) and erf(x) are 1, to rounding.
        "expm1_low": -18.0 if single else -38.0,
        "tanh_high": 9.25 if single else 19.25,
        "erf_high": 4.0 if single else 6.0,
        # Beyond it, exp(-x**2/2) is below half the least number.
        "bell_high": 14.421875 if single else 38.625,
        # Beyond it, erfc(x) is below half the least number.
        "erfc_high": ERFC_HIGH["float32" if single else "float64"],
        "erfc_middle": ERFC_MIDDLE["float32" if single else "float64"],
    }
