"""Of which kernels the text is as it was when the table was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ptx import table
from benchmarks.ptx.kept import PATH, digests, parsed, written

MODULE = '''"""Two kernels."""

import numpy as np
from numba import cuda

real = np.float32
SPAN = 4  # places
OTHER = 5


def twice(x):
    """Return 2*x."""
    return half(x)*SPAN


def half(x):
    return x/real(2)


@cuda.jit
def first(x):
    """Equation (1)."""
    x[0] = twice(x[1])  # (1)


@cuda.jit
def second(x):
    x[0] = OTHER
'''
KERNELS = {"first": "(float32[::1],)", "second": "(float32[::1],)"}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("# (1)", "# (2)", set()),
        ("Equation (1).", "Equation (2).", set()),
        ("2*x.", "x, twice.", set()),
        ("x[0] = twice(x[1])", "x[0] = twice(x[2])", {"first"}),
        ("x/real(2)", "x/real(3)", {"first"}),
        ("SPAN = 4", "SPAN = 8", {"first"}),
        ("OTHER = 5", "OTHER = 6", {"second"}),
        ("import numpy as np", "import numpy.ma as np", {"first"}),
        ("from numba import cuda", "from numba_cuda import cuda", {"first", "second"}),
    ],
)
def test_a_text_is_all_that_a_kernel_reaches(before: str, after: str, changed: set[str]) -> None:
    assert before in MODULE
    was, now = digests(MODULE, KERNELS), digests(MODULE.replace(before, after), KERNELS)
    assert {name for name in KERNELS if was[name] != now[name]} == changed


def test_types_of_arguments_count() -> None:
    assert digests(MODULE, KERNELS)["first"] != digests(MODULE, {"first": "(float64[::1],)"})["first"]


def test_other_versions_keep_nothing() -> None:
    known = {("in many modules", "fill_all"): "12", ("adam", "adam_fused"): "34"}
    text = written(known, "numba-cuda 1, ptxas 2")
    assert parsed(text, "numba-cuda 1, ptxas 2") == known
    assert parsed(text, "numba-cuda 1, ptxas 3") == {}


def test_what_is_as_it_was_is_not_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another text is; of other versions all are."""
    rows, made_with = table.parsed(table.PATH.read_text(encoding="utf-8"))
    mine = {key: row for key, row in rows.items() if key[0] == "softmax"}
    asked: list[str] = []
    texts = tmp_path / "texts"
    texts.write_text(written(table.digests_of("softmax"), table.listed(made_with)), encoding="utf-8")
    monkeypatch.setattr(table.kept, "PATH", texts)
    monkeypatch.setattr(table, "versions", lambda: made_with)
    monkeypatch.setattr(table, "_figures", lambda *_: dict.fromkeys(table.COLUMNS, "?"))
    monkeypatch.setattr(table, "compiled_text", lambda _, kernels, __: asked.extend(kernels) or dict(kernels))
    assert table.rows_of(["softmax"], as_before=table.unchanged(rows, made_with, "softmax")) == mine
    assert not asked
    monkeypatch.setattr(table, "digests_of", lambda _: dict.fromkeys(mine, "0"))
    assert table.unchanged(rows, made_with, "softmax") == {}
    assert table.unchanged(rows, made_with | {"ptxas": "0"}, "softmax") == {}
    assert set(table.rows_of(["softmax"])) == set(mine)
    assert set(asked) == {kernel for _, kernel in mine}


def test_texts_are_of_the_versions_and_lines_of_the_table() -> None:
    rows, made_with = table.parsed(table.PATH.read_text(encoding="utf-8"))
    known = parsed(PATH.read_text(encoding="utf-8"), table.listed(made_with))
    assert known
    assert set(known) <= set(rows)
