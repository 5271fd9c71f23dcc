"""What PTX instructions make of numbers: functions of arrays of NumPy, one entry for each thread.

Integers come and go as NumPy's, of the type that the instruction names; so do floating-point numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types, vectorize
from numba.extending import intrinsic

KINDS = {
    **{f"u{n}": np.dtype(f"u{n // 8}") for n in (8, 16, 32, 64)},
    **{f"b{n}": np.dtype(f"u{n // 8}") for n in (8, 16, 32, 64)},
    **{f"s{n}": np.dtype(f"i{n // 8}") for n in (8, 16, 32, 64)},
    "f16": np.dtype("f2"), "f32": np.dtype("f4"), "f64": np.dtype("f8"), "pred": np.dtype(bool),
}  # fmt: skip


@intrinsic
def _fused(_typing: Any, a: Any, _b: Any, _c: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return a(a, a, a), code


@vectorize([types.float32(*[types.float32] * 3), types.float64(*[types.float64] * 3)])
def fma(a, b, c):  # type: ignore[no-untyped-def]
    """a*b + c, rounded once."""
    return _fused(a, b, c)


def directed(how: str, x: Any, y: Any) -> Any:
    """x + y, two float64 numbers, rounded once to float32: down, up, or towards zero."""
    total = x + y
    part = total - x
    left = (x - (total - part)) + (y - part)  # what the sum leaves out, exactly
    near = total.astype(np.float32)
    above = (near > total) | ((near == total) & (left < 0))
    below = (near < total) | ((near == total) & (left > 0))
    falls = above if how == "rm" else above & (near > 0) if how == "rz" else np.zeros_like(above)
    rises = below if how == "rp" else below & (near < 0) if how == "rz" else np.zeros_like(below)
    near = np.where(falls, np.nextafter(near, np.float32(-np.inf)), near)
    return np.where(rises, np.nextafter(near, np.float32(np.inf)), near)


def _rounding(how: str) -> dict[str, Callable[..., Any]]:
    """Return what adds and multiplies float32 numbers, exact in float64 but for a sum, and rounds like that."""
    wide = np.float64
    return {
        f"add.{how}": lambda a, b: directed(how, a.astype(wide), b.astype(wide)),
        f"sub.{how}": lambda a, b: directed(how, a.astype(wide), -b.astype(wide)),
        f"mul.{how}": lambda a, b: directed(how, a.astype(wide) * b, np.zeros(len(a))),
        f"fma.{how}": lambda a, b, c: directed(how, a.astype(wide) * b, c.astype(wide)),
    }


def quotient(a: Any, b: Any) -> Any:
    """a/b of integers, towards 0; something where b is 0."""
    safe = np.where(b == 0, np.ones_like(b), b)
    return (a - np.fmod(a, safe)) // safe


def remainder(a: Any, b: Any) -> Any:
    return np.fmod(a, np.where(b == 0, np.ones_like(b), b))


def high(a: Any, b: Any) -> Any:
    """The upper half of a product of integers."""
    bits = 8 * a.dtype.itemsize
    if bits == 64:
        found = [(int(x) * int(y)) >> bits for x, y in np.nditer(np.broadcast_arrays(a, b))]
        return np.array([n % (1 << bits) for n in found], np.uint64).view(a.dtype)
    wide = np.int64 if a.dtype.kind == "i" else np.uint64
    return ((a.astype(wide) * b.astype(wide)) >> wide(bits)).astype(a.dtype)


def wide(a: Any, b: Any) -> Any:
    """A product of integers in twice their bits."""
    kind = np.dtype(f"{a.dtype.kind}{2 * a.dtype.itemsize}")
    return a.astype(kind) * np.asarray(b).astype(kind)


def carried(name: str, part: str, comes: Any, *values: Any) -> tuple[Any, Any]:
    """Return a sum or a difference of integers of 32 bits, and what is carried on."""
    kind, (*factors, last) = values[0].dtype, (v.view(np.uint32).astype(np.uint64) for v in values)
    first = factors[0]
    if name == "mad":
        product = high(*values[:2]) if part == "hi" else values[0] * values[1]
        first = product.view(np.uint32).astype(np.uint64)
    total = first - last - comes if name == "sub" else first + last + comes
    return total.astype(np.uint32).view(kind), (total >> np.uint64(32)) != 0


def shifted_left(a: Any, by: Any) -> Any:
    bits = 8 * a.dtype.itemsize
    return np.where(by < bits, a << np.minimum(by, bits - 1).astype(a.dtype), np.zeros_like(a))


def shifted_right(a: Any, by: Any) -> Any:
    bits = 8 * a.dtype.itemsize
    moved = a >> np.minimum(by, bits - 1).astype(a.dtype)
    return moved if a.dtype.kind == "i" else np.where(by < bits, moved, np.zeros_like(a))


def inserted(a: Any, b: Any, position: Any, length: Any) -> Any:
    """b with `length` bits from `position` on taken from a."""
    one = a.dtype.type(1)
    ones = shifted_left(np.broadcast_to(one, b.shape).astype(b.dtype), length) - one
    mask = shifted_left(ones, position)
    return (shifted_left(np.asarray(a), position) & mask) | (b & ~mask)


def extracted(a: Any, position: Any, length: Any) -> Any:
    if a.dtype.kind == "i":
        raise NotImplementedError("bfe of signed integers")
    one = a.dtype.type(1)
    return shifted_right(a, position) & (shifted_left(np.broadcast_to(one, a.shape).astype(a.dtype), length) - one)


def leading_zeros(a: Any) -> Any:
    """How many zeros stand before the first one among the bits."""
    kind = np.dtype(f"u{a.dtype.itemsize}")
    bits = a.view(kind)
    return np.sum([bits >> kind.type(k) == 0 for k in range(8 * kind.itemsize)], axis=0).astype(np.uint32)


def rough_reciprocal(a: Any) -> Any:
    """1/a of float64 numbers with nothing in the lower half of its bits, as rcp.approx.ftz.f64 gives it."""
    found = np.asarray(1 / flushed(a))
    return (found.view(np.uint64) & np.uint64(0xFFFFFFFF00000000)).view(np.float64)


def flushed(a: Any) -> Any:
    """The numbers with 0 of their sign for those that are denormal."""
    return np.where(np.abs(a) < np.finfo(a.dtype).tiny, np.copysign(a.dtype.type(0), a), a)


def in_float64(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes in float64 and rounds once."""
    return lambda a: function(np.asarray(a, np.float64)).astype(a.dtype)


def maximum(a: Any, b: Any) -> Any:
    return np.where((a == 0) & (b == 0), np.where(np.signbit(a), b, a), np.fmax(a, b))


def minimum(a: Any, b: Any) -> Any:
    return np.where((a == 0) & (b == 0), np.where(np.signbit(a), a, b), np.fmin(a, b))


#: By the operation's name without its type and without how it rounds (to nearest).
INTEGERS: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul.lo": np.multiply, "mul.hi": high, "mul.wide": wide,
    "mad.lo": lambda a, b, c: a * b + c, "mad.wide": lambda a, b, c: wide(a, b) + c, "div": quotient,
    "rem": remainder, "min": np.minimum, "max": np.maximum, "neg": np.negative, "abs": np.abs, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert, "shl": shifted_left, "shr": shifted_right,
    "bfi": inserted, "bfe": extracted, "clz": leading_zeros,
}  # fmt: skip
NUMBERS: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "fma": fma, "mad": fma,
    "neg": np.negative, "abs": np.abs, "min": minimum, "max": maximum, "sqrt": np.sqrt, "rcp": np.reciprocal,
    "copysign": lambda a, b: np.copysign(b, a),
    "sqrt.approx": np.sqrt, "rcp.approx": np.reciprocal, "div.full": np.divide, "div.approx": np.divide,
    "rsqrt.approx": in_float64(lambda a: 1 / np.sqrt(a)), "ex2.approx": in_float64(np.exp2),
    "lg2.approx": in_float64(np.log2), "sin.approx": in_float64(np.sin), "cos.approx": in_float64(np.cos),
    "tanh.approx": in_float64(np.tanh),
}  # fmt: skip
for _how in ("rm", "rp", "rz"):
    NUMBERS |= _rounding(_how)
#: Of integers that carry: (what multiplies, whether a carry comes in).
CARRIED = {
    f"{name}{c}{part}": (name, part.strip("."), bool(c))
    for name, parts in (("add", ("",)), ("sub", ("",)), ("mad", (".lo", ".hi")))
    for part in parts
    for c in ("", "c")
}
PREDICATES: dict[str, Callable[..., Any]] = {
    "and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor, "not": np.logical_not,
}  # fmt: skip

_ORDERED: dict[str, Callable[..., Any]] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "lo": np.less, "ls": np.less_equal, "hi": np.greater, "hs": np.greater_equal,
}  # fmt: skip


def compared(how: str, a: Any, b: Any) -> Any:
    """Return whether numbers stand to each other as the comparison says."""
    if a.dtype.kind != "f":
        return _ORDERED[how](a, b)
    none = np.isnan(a) | np.isnan(b)
    if how in {"num", "nan"}:
        return ~none if how == "num" else none
    if how.endswith("u") and how != "u":
        return none | _ORDERED[how[:-1]](a, b)
    return ~none & _ORDERED[how](a, b)


_ROUND = {"rni": np.rint, "rzi": np.trunc, "rmi": np.floor, "rpi": np.ceil}


def converted(how: tuple[str, ...], to: Any, a: Any) -> Any:
    """Return numbers in another type, rounded and kept in its range as `cvt` says."""
    if a.dtype.kind == "f" and "ftz" in how and a.dtype.itemsize == 4:
        a = flushed(a)
    rounded = [_ROUND[h] for h in how if h in _ROUND]
    if set(how) & {"rm", "rp", "rz"} and to.kind == "f":
        raise NotImplementedError(f"cvt.{'.'.join(how)}")
    for function in rounded:
        a = function(a)
    if a.dtype.kind == "f" and to.kind != "f":
        limits = np.iinfo(to)
        safe = np.where(np.isnan(a), a.dtype.type(0), a).astype(np.float64)
        found = np.clip(safe, float(limits.min), float(limits.max))
        most = found >= float(limits.max)
        return np.where(most, limits.max, np.where(most, 0, found).astype(to)).astype(to)
    found = a.astype(to)
    if "sat" in how:
        found = np.where(np.isnan(found), to.type(0), np.clip(found, to.type(0), to.type(1)))
    return flushed(found) if "ftz" in how and to == np.float32 else found
