"""Every kernel compiles to PTX for compute capability 8.0 and 9.0, for which numba-cuda needs no device.

What it compiles to is compared with the table that `python -m benchmarks.ptx` wrote.
"""

from __future__ import annotations

import re

import pytest

import gradproof as gp
from benchmarks.ptx.compiled import CAPABILITIES, ENTRIES, SUPPORT, compiled, module_of, signatures
from benchmarks.ptx.kept import texts
from benchmarks.ptx.table import PATH, SHARED, comparable, differences, key_of, parsed, rows_of, unchanged, versions
from gradproof.kernels.cuda.module import CudaUnit
from gradproof.kernels.cuda.prolog import DEVICE_SIZES
from gradproof.loading import load

REQUIREMENTS = PATH.parents[1] / "ptx" / "requirements.txt"
QUICK = ["sigmoid", "softmax_cross_entropy", "layer_norm", "mlp", "adam"]
_SLOW = [pytest.param(n, marks=pytest.mark.slow) for n in ENTRIES if n not in QUICK]
#: In float64 as many kernels again are compiled, of which one in so many is among the slow tests.
_SHARE = 32
_WIDE = [
    *(n for n in ENTRIES if n in QUICK),
    *(pytest.param(*p.values, marks=p.marks if k % _SHARE == 0 else pytest.mark.ptx) for k, p in enumerate(_SLOW)),
]


@pytest.fixture
def _compiler() -> None:
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")


def _changes(name: str, *, anew: bool) -> str:
    """Return what is not as the table has it; nothing is compiled whose text is as it was, unless anew."""
    before, made_with = parsed(PATH.read_text(encoding="utf-8"))
    now = rows_of([name], as_before={} if anew else unchanged(before, made_with, name))
    mine = {key: row for key, row in before.items() if key in now or key[0] == name}
    changed = differences(mine, now, comparable(made_with, versions()))
    return "\n".join(["`python -m benchmarks.ptx` writes the table anew:", *changed]) if changed else ""


@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("name", [*QUICK, *_SLOW])
def test_figures_are_those_of_the_table(name: str) -> None:
    """A kernel that reads or writes more than before, or no longer fits in registers, is seen here."""
    assert not _changes(name, anew=name in QUICK)


def _promoted(name: str) -> list[str]:
    """Return the kernels in float32 that have registers for float64, though nothing in their text says float64.

    Sums say so: their totals, and the arrays of parts, are in float64. CUDA's sine and cosine multiply large angles in
    float64. Anything else is a number that was taken for one of Python's, or an integer's quotient.
    """
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    return [
        kernel
        for kernel, told in texts(*module_of(name, "float32")).items()
        if " f64" in rows[key_of(name, kernel)]["declared"] and not re.search(r"float64|\b(sin|cos)\b", told)
    ]


@pytest.mark.parametrize("name", [*QUICK, *_SLOW])
def test_float32_becomes_float64_where_a_text_says_so(name: str) -> None:
    assert not _promoted(name)


def test_a_promotion_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, made_with = parsed(PATH.read_text(encoding="utf-8"))
    key = next(key for key in rows if key[0] == "sigmoid")
    rows[key]["declared"] += ", 2 f64"
    monkeypatch.setattr("tests.kernels.cuda.test_ptx.parsed", lambda _: (rows, made_with))
    assert _promoted("sigmoid") == [key[1]]


@pytest.mark.ptx
@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("name", ENTRIES)
def test_texts_that_are_as_they_were_compile_to_the_same(name: str) -> None:
    assert not _changes(name, anew=True)


@pytest.mark.usefixtures("_compiler")
@pytest.mark.parametrize("name", _WIDE)
def test_kernels_compile_in_float64(name: str) -> None:
    for capability in CAPABILITIES:
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


def test_the_versions_that_are_required_made_the_table() -> None:
    """So the gate compares all figures, and not the number of atomic instructions alone."""
    _, made_with = parsed(PATH.read_text(encoding="utf-8"))
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    asked = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert asked == {n.replace("ptxas", "nvidia-cuda-nvcc"): version for n, version in made_with.items()}


def test_blocks_fit_on_a_multiprocessor() -> None:
    """Registers are handed out 8 to a thread, 65,536 of them in all; static shared memory has at most 48 KiB."""
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    threads = DEVICE_SIZES[0]
    for key, row in rows.items():
        registers = max((int(n) for n in row["registers"].split(" / ") if n), default=0)
        shared = max((int(n) for n in re.findall(r"(\d+) B", row["shared"])), default=0)
        assert -(-registers // 8) * 8 * threads <= 65536, key
        assert shared <= 48 << 10, key


def test_what_threads_keep_stays_in_registers() -> None:
    """Local memory is for the digits of pi alone: CUDA's sine and cosine of large angles look for them there."""
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    assert {key[0] for key, row in rows.items() if row["local"] != "0"} == {"rope", "rope_half", "sinusoidal_positions"}
    assert {row["spilled"] for row in rows.values()} == {"0"}


def test_what_the_table_says_of_all_kernels() -> None:
    """No atomic instructions; an activation reads its two inputs once and writes its two results once."""
    rows, _ = parsed(PATH.read_text(encoding="utf-8"))
    assert {entry for entry, _ in rows} == {*ENTRIES, SHARED}
    assert not {key for key, row in rows.items() if row["atomics"] != "0"}
    for name in ("sigmoid", "tanh", "silu"):
        assert [row["a place"] for key, row in rows.items() if key[0] == name] == ["2+2"]
