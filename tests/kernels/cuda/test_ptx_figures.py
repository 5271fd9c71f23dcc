"""Counting in PTX, on small texts; how two tables are compared."""

from __future__ import annotations

import pytest

from benchmarks.ptx import assembler, figures, table
from benchmarks.ptx.text import functions

HEAD = """
.version 8.4
.target sm_80
.visible .entry k(.param .u64 k_param_0)
{
    .local .align 8 .b8 __local_depot0[16];
    .shared .align 4 .b8 smem[128];
    .reg .pred %p<3>;
    .reg .f32 %f<5>;
    .reg .b64 %rd<10>;
    ld.param.u64 %rd1, [k_param_0];   // ld.global.f32 in a comment
"""
#: Four places at a time, then one at a time: each place two loads and one store.
_ONE = """
    ld.global.f32 %f1, [%rd2];
    ld.global.nc.f32 %f2, [%rd3];
    st.global.f32 [%rd4], %f1;
    setp.gt.s64 %p1, %rd5, 0;
"""
UNROLLED = f"{HEAD}$L__1:\n{_ONE * 4}@%p1 bra $L__1;\n$L__2:{_ONE}@%p1 bra $L__2;\nret;\n}}"
#: A loop in a loop, a branch in the inner one, and a barrier between them.
NESTED = f"""{HEAD}
$L__1:
    bar.sync 0;
$L__2:
    setp.gt.s64 %p1, %rd5, 0;
    ld.f32 %f1, [%rd2];
    @%p2 bra $L__3;
    st.global.v2.f32 [%rd4], {{%f1, %f2}};
$L__3:
    st.shared.f32 [smem], %f1;
    @%p1 bra $L__2;
    st.local.f32 [%rd7], %f1;
    @!%p2 bra $L__1;
    {{
    .param .b32 param0;
    st.param.f32 [param0+0], %f1;
    call.uni (retval0), __nv_pow, (param0);
    }}
    atom.global.add.f32 %f3, [%rd4], %f1;
    ret;
}}"""


def test_all_copies_are_counted_and_a_place_once() -> None:
    found = figures.figures(UNROLLED)
    assert (found["loads"], found["stores"], found["a place"]) == ("10", "5", "2+1")
    assert found["declared"] == "9 b64, 4 f32, 2 pred"
    assert (found["shared"], found["local"]) == ("0+0, 128 B", "0+0, 16 B")
    assert (found["barriers"], found["calls"], found["atomics"]) == ("0", "0", "0")


def test_the_innermost_loop_has_all_of_its_branches() -> None:
    found = figures.figures(NESTED)
    assert found["a place"] == "1+2"  # the load may be of any memory; the store moves two numbers
    assert (found["shared"], found["local"]) == ("0+1, 128 B", "0+1, 16 B")
    assert (found["barriers"], found["calls"], found["atomics"]) == ("1", "1", "1")
    (function,) = functions(NESTED)
    assert [len(loop) for loop in function.loops] == [3]


def test_a_loop_that_no_count_ends_is_not_recognised() -> None:
    body = UNROLLED.replace("setp.gt.s64", "setp.lt.s64")
    assert figures.figures(body)["a place"] == "?"
    assert figures.figures(UNROLLED.replace("st.global.f32 [%rd4], %f1;", "", 1))["a place"] == "? 2+1"


def test_no_loop_is_a_dash() -> None:
    assert figures.figures(f"{HEAD} ret; }}")["a place"] == "-"


@pytest.mark.parametrize(
    ("said", "registers", "spilled"),
    [
        ("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\nUsed 32 registers, 404 bytes", "32", "0"),
        ("8 bytes stack frame, 12 bytes spill stores, 20 bytes spill loads\nUsed 255 registers", "255", "12+20 B"),
        ("", "", "0"),
    ],
)
def test_what_the_assembler_says(said: str, registers: str, spilled: str) -> None:
    assert assembler.read(said) == {"registers": registers, "spilled": spilled}


def _row(**changed: str) -> dict[str, str]:
    return {**dict.fromkeys(table.COLUMNS, "0"), **changed}


def test_a_table_is_read_as_it_was_written() -> None:
    rows = {("softmax", "k_p"): _row(loads="3 / 4"), (table.SHARED, "fill_all"): _row()}
    made_with = table.versions()
    assert table.parsed(table.written(rows, made_with)) == (rows, made_with)


def test_what_changed_is_said_by_kernel() -> None:
    before = {("a", "k"): _row(), ("a", "gone"): _row(), ("b", "k"): _row()}
    now = {("a", "k"): _row(loads="1", registers="40"), ("b", "k"): _row(), ("b", "new"): _row()}
    assert table.differences(before, now, table.COLUMNS) == [
        "b: new is not in the table",
        "a: gone is in the table and no longer made",
        "a: k: loads 0 -> 1; registers 0 -> 40",
    ]
    assert "a: k: loads 0 -> 1" in table.differences(before, now, figures.COLUMNS)


def test_other_versions_leave_less_to_compare() -> None:
    before = {"numba-cuda": "1", "nvidia-nvvm": "1", "nvidia-cuda-nvrtc": "1", "ptxas": "1"}
    assert table.comparable(before, before) == table.COLUMNS
    assert table.comparable(before, {**before, "ptxas": "none"}) == figures.COLUMNS
    assert table.comparable(before, {**before, "nvidia-nvvm": "2"}) == ("atomics",)
