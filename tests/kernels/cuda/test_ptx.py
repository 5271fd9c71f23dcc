"""Every kernel compiles to PTX for compute capability 8.0 and 9.0, for which numba-cuda needs no device.

What it compiles to is compared with the table that `python -m benchmarks.ptx` wrote.
"""

from __future__ import annotations

import re

import pytest

import gradproof as gp
from benchmarks.ptx.compiled import CAPABILITIES, ENTRIES, SUPPORT, compiled, signatures
from benchmarks.ptx.table import PATH, SHARED, comparable, differences, parsed, rows_of, versions
from gradproof.kernels.cuda.module import CudaUnit
from gradproof.kernels.cuda.prolog import DEVICE_SIZES
from gradproof.loading import load

QUICK = ["sigmoid", "softmax_cross_entropy", "layer_norm", "mlp", "adam"]
_LISTED = [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in ENTRIES]


@pytest.fixture
def _compiler() -> None:
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")


@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("name", _LISTED)
def test_figures_are_those_of_the_table(name: str) -> None:
    """A kernel that reads or writes more than before, or no longer fits in registers, is seen here."""
    before, made_with = parsed(PATH.read_text(encoding="utf-8"))
    now = rows_of([name])
    mine = {key: row for key, row in before.items() if key in now or key[0] == name}
    changed = differences(mine, now, comparable(made_with, versions()))
    assert not changed, "\n".join(["`python -m benchmarks.ptx` writes the table anew:", *changed])


@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("capability", CAPABILITIES)
@pytest.mark.parametrize("name", _LISTED)
def test_kernels_compile_in_float64(name: str, capability: tuple[int, int]) -> None:
    for text in compiled(name, "float64", capability).values():
        assert f".target sm_{capability[0]}{capability[1]}" in text
        assert ".entry" in text
        assert sum(map(int, re.findall(r"\.shared\s+\.align\s+\d+\s+\.b8\s+[\w$]+\[(\d+)\]", text))) <= 48 << 10


@pytest.mark.parametrize("name", ["sigmoid", "layer_norm", "dense"])
def test_the_table_has_the_kernels_of_today(name: str) -> None:
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    k = gp.kernel(gp.derive(load(name)), target="cuda", dtype="float32")
    assert isinstance(k.unit, CudaUnit)
    made = {(SHARED if n in SUPPORT else name, n) for n in signatures(k.unit, k.source, "float32")}
    assert {key for key in rows if key[0] == name} | {key for key in made if key[0] == SHARED} == made
    assert made <= set(rows)


def test_blocks_fit_on_a_multiprocessor() -> None:
    """Registers are handed out 8 to a thread, 65,536 of them in all; static shared memory has at most 48 KiB."""
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    threads = DEVICE_SIZES[0]
    for key, row in rows.items():
        registers = max((int(n) for n in row["registers"].split(" / ") if n), default=0)
        shared = max((int(n) for n in re.findall(r"(\d+) B", row["shared"])), default=0)
        assert -(-registers // 8) * 8 * threads <= 65536, key
        assert shared <= 48 << 10, key


def test_what_the_table_says_of_all_kernels() -> None:
    """No atomic instructions; an activation reads its two inputs once and writes its two results once."""
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    assert {entry for entry, _ in rows} == {*ENTRIES, SHARED}
    assert not {key for key, row in rows.items() if row["atomics"] != "0"}
    for name in ("sigmoid", "tanh", "silu"):
        assert [row["a place"] for key, row in rows.items() if key[0] == name] == ["2+2"]
