"""Of which kernels the text is as it was when the table was made."""

from __future__ import annotations

import re
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


ROWS = {key: dict.fromkeys(table.COLUMNS, "0") for key in (("in many modules", "fill_all"), ("adam", "adam_fused"))}


def test_other_versions_keep_nothing() -> None:
    known = dict(zip(ROWS, ("12", "34"), strict=True))
    text = written(known, ROWS, "numba-cuda 1, ptxas 2")
    assert parsed(text, ROWS, "numba-cuda 1, ptxas 2") == known
    assert parsed(text, ROWS, "numba-cuda 1, ptxas 3") == {}
    assert parsed(text.replace("ptxas 2", "ptxas 3"), ROWS, "numba-cuda 1, ptxas 3") == {}


def test_a_digest_whose_line_is_another_is_none() -> None:
    known = dict(zip(ROWS, ("12", "34"), strict=True))
    text = written(known, ROWS, "ptxas 2")
    other = ROWS | {("adam", "adam_fused"): ROWS["adam", "adam_fused"] | {"loads": "1"}}
    assert parsed(text, other, "ptxas 2") == {("in many modules", "fill_all"): "12"}
    assert parsed(text.replace("34", "35", 1), ROWS, "ptxas 2") == {("in many modules", "fill_all"): "12"}


def test_what_is_as_it_was_is_not_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another text is; of other versions all are."""
    rows, made_with = table.parsed(table.PATH.read_text(encoding="utf-8"))
    mine = {key: row for key, row in rows.items() if key[0] == "softmax"}
    asked: list[str] = []
    texts = tmp_path / "texts"
    texts.write_text(written(table.digests_of("softmax"), rows, table.listed(made_with)), encoding="utf-8")
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


def _texts() -> tuple[str, str]:
    return table.PATH.read_text(encoding="utf-8"), PATH.read_text(encoding="utf-8")


def test_the_table_and_its_digests_are_of_one_making() -> None:
    assert not table.written_at_once(*_texts())


def _line(text: str) -> str:
    """Return a line of a kernel in the middle."""
    return text.splitlines(keepends=True)[200]


def _with_first_digit(line: str, at: int) -> str:
    """Return the line with another digit at a place."""
    return f"{line[:at]}{(int(line[at], 16) + 1) % 16:x}{line[at + 1 :]}"


#: What hands, and merges that go by lines, do to the two files: {what: (of the table, of the digests)}
CHANGES = {
    "a figure": (lambda text: text.replace(_line(text), re.sub(r"\| (\d+) \|", "| 77 |", _line(text), count=1)), None),
    "a digest": (None, lambda text: text.replace(_line(text), _with_first_digit(_line(text), 0))),
    "a digest of both": (None, lambda text: text.replace(_line(text), _with_first_digit(_line(text), 17))),
    "a line that is lost": (lambda text: text.replace(_line(text), ""), None),
    "a digest that is lost": (None, lambda text: text.replace(_line(text), "")),
    "a line twice": (lambda text: text.replace(_line(text), 2 * _line(text)), None),
    "a digest twice": (None, lambda text: text.replace(_line(text), 2 * _line(text))),
    "an old digest before the new": (
        None, lambda text: text.replace(_line(text), _with_first_digit(_line(text), 0) + _line(text)),
    ),
    "a line for the kernel before": (lambda text: text + _line(text), None),
    "versions": (lambda text: text.replace("ptxas 1", "ptxas 2"), None),
    "versions of digests": (None, lambda text: text.replace("ptxas 1", "ptxas 2")),
    "versions of both": (lambda text: text.replace("ptxas 1", "ptxas 2"),) * 2,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_by_hand_or_in_a_merge_is_seen(change: str) -> None:
    """`python -m benchmarks.ptx` writes both files; nothing else can write one that the other fits."""
    before = _texts()
    after = [text if f is None else f(text) for f, text in zip(CHANGES[change], before, strict=True)]
    assert tuple(after) != before
    assert table.written_at_once(*after)


def test_a_line_that_was_changed_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is found by tests that have the compiler, if what is made now is not what the line says."""
    rows, made_with = table.parsed(table.PATH.read_text(encoding="utf-8"))
    monkeypatch.setattr(table, "versions", lambda: made_with)
    key = next(key for key in rows if key[0] == "softmax")
    assert key in table.unchanged(rows, made_with, "softmax")
    assert key not in table.unchanged(rows | {key: rows[key] | {"loads": "77"}}, made_with, "softmax")
