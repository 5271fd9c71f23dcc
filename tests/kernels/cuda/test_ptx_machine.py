"""Kernels for CUDA compute what the equations say in the form that a device gets: PTX, run by a machine of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ptx.compiled import ENTRIES
from tests.kernels.cuda.ptx import scalar
from tests.kernels.cuda.ptx.reader import read

_ROOT = Path(__file__).parents[3]
_PARTS = 12
#: Shuffles and shared memory, long rows, tiles of products, scans, sorted segments, windows, elimination, calls of a
#: function, large angles, updates; in float32, float64 and half precision.
QUICK = [
    "softmax_cross_entropy:fused:float32:edge", "layer_norm:fused:float64:bounds", "batch_norm:fused:float32:edge",
    "mlp:fused:float32:edge", "rnn:fused:float32:bounds", "embedding:fused:float32:edge",
    "max_pool2d:fused:float32:bounds", "conv_transpose2d:fused:float32:bounds", "info_nce:fused:float32:bounds",
    "linear_solve:fused:float64:bounds", "adam:fused:float64:bounds", "rope:fused:float32:bounds",
    "sgd:update:float32:edge", "rnn:fused:float32:zero", "momentum:fused:float32:zero",
]  # fmt: skip
HALVES = ["softmax_cross_entropy:fused:float16", "dense:fused:bfloat16"]
_RNG = np.random.default_rng(0)


def _lines(module: str, *arguments: str) -> dict[str, str]:
    """Return what a program says of each case."""
    return dict(line.split(" ", 1) for line in _output(module, *arguments).splitlines())


def _output(module: str, *arguments: str) -> str:
    """Return what a program prints that runs without the simulator."""
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.kernels.cuda.{module}", *arguments],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "0", "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


def _check(program: str, cases: list[str]) -> None:
    found = _lines("emulated", program, *cases)
    assert list(found) == cases
    assert not {case: verdict for case, verdict in found.items() if verdict != "ok"}


def test_what_the_machine_refuses() -> None:
    """Races, places outside of arrays or that nobody wrote, barriers and shuffles of some: each is found."""
    found = _lines("faults")
    assert len(found) > 10
    assert set(found.values()) == {"ok"}


def test_kernels_compute_what_the_equations_say() -> None:
    _check("simulated", QUICK)


def test_half_precision_is_rounded_float32() -> None:
    _check("halves", HALVES)


def test_softmax_of_rows_whose_maximum_changes_often() -> None:
    assert _lines("emulated", "extremes", "float32") == {"float32": "ok"}


def _moved(case: str) -> dict[str, dict[str, float]]:
    """Return what `traffic` prints of a case, by kernels."""
    found = {}
    for line in _output("traffic", case).splitlines():
        _, kernel, *words = line.replace(",", "").split(" ")
        found[kernel] = {what: float(number) for what, number in zip(words[::2], words[1::2], strict=True)}
    return found


@pytest.mark.parametrize("case", ["sigmoid:n=5000", "softmax_cross_entropy:m=64:C=1000"])
def test_inputs_are_read_once_and_results_written_once(case: str) -> None:
    assert sum(kernel["moved"] for kernel in _moved(case).values()) < 1.02


def test_neighbours_are_read_together() -> None:
    """Of rows and of the blocks' parts all that is moved is used; tiles of products stand in different banks."""
    found = _moved("layer_norm:N=70:D=256")
    assert min(kernel["used"] for kernel in found.values()) > 0.95
    assert _moved("dense:m=33:D=34:C=31")["multiply"]["turns"] < 1.1


@pytest.mark.ptx
@pytest.mark.parametrize("kind", ["float32:bounds", "float32:one", "float32:edge", "float32:zero", "float64"])
@pytest.mark.parametrize("part", range(_PARTS))
def test_all_of_the_catalogue(part: int, kind: str) -> None:
    """At random points to rounding; with a size of 1, of 0, and one past the threads of a block or of all of them."""
    _check("simulated", [f"{n}:fused:{kind}" for n in ENTRIES[part::_PARTS]])


@pytest.mark.ptx
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("part", range(_PARTS))
def test_all_of_the_catalogue_in_half_precision(part: int, dtype: str) -> None:
    _check("halves", [f"{n}:fused:{dtype}" for n in ENTRIES[part::_PARTS]])


# -------------------------------------------------------------------- what instructions make of numbers


def _floats(count: int) -> np.ndarray:
    """Return float32 numbers of all sizes, some near to one another."""
    found = _RNG.normal(size=count) * 2.0 ** _RNG.integers(-60, 60, count)
    found[::5] = _RNG.choice([0.0, 1.0, -1.0, 2.0**-24, 1 + 2.0**-23, 12582913.0], len(found[::5]))
    return found.astype(np.float32)


@pytest.mark.parametrize("how", ["rm", "rp", "rz"])
def test_sums_and_products_are_rounded_once(how: str) -> None:
    """Beside fractions: no float32 number is between the exact value and the result, on the side that is meant."""
    a, b, c = (_floats(2000) for _ in range(3))
    for name, count in (("add", 2), ("sub", 2), ("mul", 2), ("fma", 3)):
        found = scalar.NUMBERS[f"{name}.{how}"](*(a, b, c)[:count])
        for x, y, z, value in zip(a, b, c, found, strict=True):
            p, q, r = (Fraction(float(n)) for n in (x, y, z))
            exact = {"add": p + q, "sub": p - q, "mul": p * q, "fma": p * q + r}[name]
            down = how == "rm" or (how == "rz" and exact > 0)
            near, next_ = Fraction(float(value)), np.nextafter(value, np.float32(np.inf if down else -np.inf))
            assert near <= exact if down else near >= exact
            assert Fraction(float(next_)) > exact if down else Fraction(float(next_)) < exact


@pytest.mark.parametrize("kind", ["u32", "s32", "u64", "s64"])
def test_integers(kind: str) -> None:
    """Beside Python's own, which have no last bit."""
    dtype = scalar.KINDS[kind]
    limits, bits = np.iinfo(dtype), 8 * dtype.itemsize
    a, b = (_RNG.integers(limits.min, limits.max, 500, dtype, endpoint=True) for _ in range(2))
    b[::3] %= dtype.type(7)
    b[b == 0] = 3
    by = _RNG.integers(0, bits + 9, 500, np.uint32)

    def wrapped(value: int) -> int:
        value %= 1 << bits
        return value - (1 << bits) if limits.min < 0 and value >> (bits - 1) else value

    with np.errstate(over="ignore"):
        found = {n: scalar.INTEGERS[n](a, b) for n in ("add", "mul.lo", "mul.hi", "div", "rem")}
    zeros = scalar.INTEGERS["clz"](np.append(a, dtype.type(0))).tolist()
    assert zeros == [bits - (x % (1 << bits)).bit_length() for x in (*a.tolist(), 0)]
    shifted = {n: scalar.INTEGERS[n](a, by) for n in ("shl", "shr")}
    for k, (x, y, n) in enumerate(zip(a.tolist(), b.tolist(), by.tolist(), strict=True)):
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        expected = {"add": x + y, "mul.lo": x * y, "mul.hi": x * y >> bits, "div": quotient, "rem": x - y * quotient}
        assert {m: int(v[k]) for m, v in found.items()} == {m: wrapped(v) for m, v in expected.items()}
        assert int(shifted["shl"][k]) == wrapped(x << n)
        assert int(shifted["shr"][k]) == x >> n


def test_conversions_stay_in_range() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 3e9, -3e9, 2.5, -2.5, 3.5, 1e20], np.float32)
    to = scalar.KINDS
    most, least = 2**31 - 1, -(2**31)
    assert scalar.converted(("rzi",), to["s32"], values).tolist() == [0, most, least, most, least, 2, -2, 3, most]
    assert scalar.converted(("rni",), to["s32"], values).tolist() == [0, most, least, most, least, 2, -2, 4, most]
    assert scalar.converted(("rzi",), to["u32"], values).tolist()[3:5] == [3_000_000_000, 0]
    assert scalar.converted(("sat",), to["f32"], values).tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 1]
    assert scalar.compared("ltu", values, np.zeros_like(values)).tolist()[:3] == [True, False, True]
    assert scalar.compared("lt", values, np.zeros_like(values)).tolist()[:3] == [False, False, True]


def test_functions_that_kernels_call_stand_in_them() -> None:
    text = """
        .func (.param .b32 back) half (.param .b32 half_param_0) { .reg .b32 %r<3>;
            ld.param.u32 %r1, [half_param_0]; shr.u32 %r2, %r1, 1; st.param.b32 [back+0], %r2; ret; }
        .visible .entry _ZN3mod4mainB1v(.param .u32 n) { .reg .b32 %r<4>;
            ld.param.u32 %r1, [n];
            { .param .b32 param0; st.param.b32 [param0+0], %r1; .param .b32 retval0;
              call.uni (retval0), half, (param0); ld.param.b32 %r2, [retval0+0]; }
            ret; }
    """
    program = read(text)
    assert program.name == "main"
    assert not any(i.name[0] == "call" for i in program.code)
    assert {"%r2", "%r_of_1_2", "param0", "back_of_1_"} <= set(program.registers)
    assert program.labels["$end_1"] < len(program.code)


def test_structures_that_functions_give_back_are_words() -> None:
    """Two functions' results have the same name where they are called, one is a structure; calls have memory."""
    text = """
        .func (.param .align 8 .b8 back[16]) both (.param .b64 both_param_0)
        ;
        .func (.param .align 8 .b8 back[16]) both (.param .b64 both_param_0) {
            .local .align 8 .b8 __local_depot1[40]; .reg .b64 %SPL; .reg .b64 %rd<3>;
            mov.u64 %SPL, __local_depot1; ld.param.u64 %rd1, [both_param_0]; st.local.u64 [%SPL], %rd1;
            st.param.b64 [back+0], %rd1; st.param.b32 [back+8], %rd1; ret; }
        .func (.param .b64 back) one (.param .b64 one_param_0) { .reg .b64 %rd<2>;
            ld.param.u64 %rd1, [one_param_0]; st.param.b64 [back+0], %rd1; ret; }
        .visible .entry main(.param .u64 n) { .reg .b64 %rd<5>;
            ld.param.u64 %rd1, [n];
            { .param .b64 param0; st.param.b64 [param0+0], %rd1; .param .align 8 .b8 retval0[16];
              call.uni (retval0), both, (param0); ld.param.b64 %rd2, [retval0+0]; ld.param.b32 %rd3, [retval0+8]; }
            { .param .b64 param0; st.param.b64 [param0+0], %rd1; .param .b64 retval0;
              call.uni (retval0), one, (param0); ld.param.b64 %rd4, [retval0+0]; }
            ret; }
    """
    program = read(text)
    assert {"retval0_at_0", "retval0_at_8", "retval0", "back_at_8_of_1_", "back_of_2_", "%SPL_of_1_"} <= set(
        program.registers
    )
    assert [v.name for v in program.variables] == ["__local_depot1_of_1_"]
    assert "ld.param.b32 %rd3, [retval0_at_8+0]" in [str(i) for i in program.code]
