"""Inputs for kernels, and what the reference interpreter makes of them."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping
from functools import partial, reduce
from types import FrameType
from typing import Any

import numba
import numpy as np
import pytest

from gradproof.derive.interpret import evaluate
from gradproof.derive.model import System, size_symbols
from gradproof.errors import InputError

FUNCTIONS = {"phi": np.sin, "phi'": np.cos, "phi''": lambda z: -np.sin(z)}


@numba.njit
def sine(z):
    return np.sin(z)


@numba.njit
def cosine(z):
    return np.cos(z)


@numba.njit
def minus_sine(z):
    return -np.sin(z)


COMPILED = {"phi": sine, "phi_prime": cosine, "phi_prime2": minus_sine}


def draw(
    system: System, sizes: Mapping[str, int], dtype: str, seed: int, names: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an array for each input (and each further tensor named), and each size that no shape gives."""
    random = np.random.default_rng(seed)
    binding = {s: sizes[s.name] for s in system.sizes}
    drawn: dict[str, Any] = {}
    for t in [*system.inputs, *(system[n] for n in names)]:
        shape = tuple(int(n.xreplace(binding)) for n in t.shape)
        if t.bound is None:
            drawn[t.name] = np.asarray(random.normal(size=shape), dtype)[()]
        else:
            drawn[t.name] = random.integers(0, max(1, int(t.bound.xreplace(binding))), size=shape)
    shaped = {s for t in system.inputs for s in size_symbols(*t.shape)}
    return drawn | {s.name: sizes[s.name] for s in system.sizes if s not in shaped}


def reference(system: System, given: Mapping[str, Any], **options: Any) -> dict[str, np.ndarray]:
    """Return what the interpreter computes in float64 from the same numbers."""
    wide = {n: np.asarray(v, float) if np.asarray(v).dtype.kind == "f" else v for n, v in given.items()}
    with np.errstate(all="ignore"):
        return evaluate(system, wide, functions=FUNCTIONS, **options)


def reference_or_refusal(system: System, given: Mapping[str, Any], k: Any) -> dict[str, np.ndarray] | None:
    """Return what the interpreter computes, or None where it refuses a read past an edge, as the kernel then must."""
    try:
        return reference(system, given)
    except InputError as refused:
        message = str(refused)
    place = re.search(r"reads (\w+ at -?\d+ in axis \d+)", message)
    assert place, message
    with pytest.raises(IndexError, match=place[1]):
        k(**{n: v for n, v in given.items() if n in k.unit.parameters})
    return None


def uncompiled(source: str) -> dict[str, Any]:
    """Return the functions of a generated module as plain Python, which is quick for small arrays."""
    text = re.sub(r"^from numba import .*$", _PLAIN, source, flags=re.MULTILINE)
    text = text.replace("from numba.extending import intrinsic", "")
    text = re.sub(r"^(from gradproof.*|product = .*|\w+ = product\..*)$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^threads_given = .*$", "threads_given = get_num_threads", text, flags=re.MULTILINE)
    space: dict[str, Any] = {}
    plain = lambda f: partial(_INTRINSICS[f.__name__], space)  # noqa: E731
    space["intrinsic"] = lambda f=None, **_: plain if f is None else plain(f)
    exec(compile(text, "<generated>", "exec"), space)  # noqa: S102
    return space


def _in_turn(space: Mapping[str, Any], frame: FrameType, parts: int) -> None:
    """Call the function that runs in the frame for each part."""
    code = frame.f_code
    given = [frame.f_locals[name] for name in code.co_varnames[: code.co_argcount - 2]]
    for part in range(parts):
        space[code.co_name](*given, part, parts)


def _send_line(line: int, block: Any, i: Any, row: Any, place: Any) -> None:
    assert (row.ctypes.data + int(place) * row.itemsize) % 64 == 0
    row[int(place) : int(place) + line] = block[int(i) : int(i) + line]


def _cut(x: Any, places: tuple[Any, ...]) -> Any:
    """Return the view, and see that all of it is there: the compiled text does not look."""
    for place, n in zip(places, x.shape, strict=False):
        assert 0 <= place[0] <= place[1] <= n if isinstance(place, tuple) else 0 <= place < n
    return x[tuple(slice(*place) if isinstance(place, tuple) else place for place in places)]


def _array_at(_: Mapping[str, Any], addresses: Any, place: int, shape: tuple[int, ...], number: Any) -> Any:
    """Return the array at an address; nothing is looked at in one without numbers."""
    size = int(np.prod(shape)) * np.dtype(number).itemsize
    memory = (ctypes.c_byte * size).from_address(int(addresses[place])) if size else b""
    return np.frombuffer(memory, number).reshape(shape)


def _polynomial(_: Mapping[str, Any], x: Any, coefficients: tuple[Any, ...]) -> Any:
    return reduce(lambda total, c: total * x + c, reversed(coefficients))


def _bits(_: Mapping[str, Any], x: Any) -> int:
    return int.from_bytes(np.asarray(x).tobytes(), "little", signed=True)


def _from_bits(space: Mapping[str, Any], i: int) -> Any:
    kind = np.dtype(space["real"])
    return np.frombuffer((int(i) % 2 ** (8 * kind.itemsize)).to_bytes(kind.itemsize, "little"), kind)[0]


def phase_rows(_: Mapping[str, Any], x: Any, *given: Any) -> None:
    """Say place by place what the vectors of `phase_rows` do."""
    h, left, step, phases, first, last, back, kept = given
    phases = phases[None] if phases.ndim == 2 else phases
    stride = len(phases)
    for b, i, j in np.ndindex(phases.shape):
        if first <= i < last:
            place = stride * j + b - left
            inside = 0 <= place < x.shape[1]
            if not back:
                phases[b, i, j] = x[step * i + h, place] if inside else 0
            elif inside:
                x[step * i + h, place] = phases[b, i, j] + (x[step * i + h, place] if kept else 0)


#: What the intrinsics of the vector mathematics compute; each gets the names of its module first.
_INTRINSICS = {
    "array_at": _array_at,
    "send_line": lambda space, *given: _send_line(space["LINE"], *given),
    "behind": lambda _, row: row.ctypes.data % 64,
    "all_sent": lambda _: None,
    "alone": lambda *_: None,
    "cut": lambda _, x, *places: _cut(x, places),
    "as_matrix": lambda _, x, *shape: x.reshape(shape),
    "as_row": lambda _, x: x.reshape(-1),
    "give_back": lambda *_: None,
    "one_copy": lambda _: None,
    "fetch_ends": lambda _, rows, row: rows[int(row)],
    "fetch_next": lambda _, row, place: row[int(place)],
    "fetch_own": lambda _, row, place: row[int(place)],
    "room": lambda space, *lengths: np.full(lengths, np.nan, space["real"]),
    "room_of_positions": lambda space, *lengths: np.full(lengths, -(2**31), np.int32),
    "room_of_places": lambda _, *lengths: np.full(lengths, -(2**31)),
    "room_of_zeros": lambda space, *lengths: np.zeros(lengths, space["real"]),
    "everywhere": lambda space, _, parts: _in_turn(space, sys._getframe(1), parts),
    "maximum": lambda _, x, y: np.maximum(x, y),
    "minimum": lambda _, x, y: np.minimum(x, y),
    "copysign": lambda _, x, y: np.copysign(x, y),
    "sqrt": lambda _, x: np.sqrt(x),
    "rint": lambda _, x: np.rint(x),
    "fma": lambda _, x, y, z: np.float64(np.longdouble(x) * np.longdouble(y) + np.longdouble(z)),
    "floor": lambda _, x: np.floor(x),
    "times_power_of_2": lambda _, x, n: np.ldexp(x, n),
    "polynomial": _polynomial,
    "to_bits": _bits,
    "from_bits": _from_bits,
    "phase_rows": phase_rows,
}
_PLAIN = """
def njit(*functions, **options):
    def plain(f):
        f.py_func = f
        return f
    return plain(*functions) if functions else plain
prange, get_num_threads, SCRATCH = range, lambda: 1, 0
def gemm(a, b, c, accumulate, scratch):
    c[...] = (c if accumulate else 0) + a @ b
def gemm_packed(a, packed, c, accumulate, scratch):
    gemm(a, packed[:a.shape[1], :c.shape[1]], c, accumulate, scratch)
TILE_COLUMNS = 4
def lines(n, line, pitch):
    return np.arange(n)//max(line, 1)*pitch + np.arange(n)%max(line, 1)
def gemm_by_rows(a, numbers, starts, c, line, pitch, accumulate, scratch):
    gemm(a, numbers[starts[:, None] + lines(c.shape[1], line, pitch)], c, accumulate, scratch)
def gemm_of_rows(numbers, starts, packed, c, accumulate, scratch):
    gemm(numbers[starts[:, None] + np.arange(packed.shape[0])], packed[:, :c.shape[1]], c, accumulate, scratch)
def gemm_to_rows(a, b, numbers, starts, line, pitch, scratch):
    for row, s in zip(a @ b, starts):
        numbers[s + lines(row.size, line, pitch)] += row
def pack_into(b, packed):
    packed[...] = b
packed_columns = lambda n: n
pack = np.array
def copy_rows(source, out):
    out[...] = source[:out.shape[0], :out.shape[1]]
def add_rows(source, out):
    out += source[:out.shape[0], :out.shape[1]]
"""


def assert_close(got: Any, expected: Any, dtype: str, note: str, ulps: float = 40) -> None:
    """The values agree to some units in the last place of the largest entry; nan and inf stand in the same places."""
    finite = np.isfinite(expected)
    scale = np.max(np.abs(expected), initial=1.0, where=finite)
    assert np.asarray(got).dtype == dtype, note
    np.testing.assert_allclose(got, expected, rtol=0, atol=ulps * np.finfo(dtype).eps * scale, err_msg=note)
