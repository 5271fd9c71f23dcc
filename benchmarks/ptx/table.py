"""The table of PTX figures: a line for each kernel, written, read and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from benchmarks.ptx import assembler, figures
from benchmarks.ptx.compiled import CAPABILITIES, SUPPORT, compiled

PATH = Path(__file__).parents[1] / "results" / "ptx.md"
COLUMNS = (*figures.COLUMNS, *assembler.COLUMNS)
#: What the kernels that do not depend on equations are listed under.
SHARED = "in many modules"
_PACKAGES = ("numba-cuda", "nvidia-nvvm", "nvidia-cuda-nvrtc")
#: {(entry, kernel): {column: figure}}
Rows = dict[tuple[str, str], dict[str, str]]

ABOUT = """# What the CUDA kernels compile to

Written by `python -m benchmarks.ptx`, in float32, for compute capability 8.0 and 9.0; "3 / 4" where these differ.
Nothing of it ran: these are figures of the text, and of `ptxas`.
"""


def rows_of(entries: Iterable[str], dtype: str = "float32", known: Rows | None = None) -> Rows:
    """Return the figures of the kernels of catalogue entries, compiled now, without those that are known."""
    found: Rows = {}
    for entry in entries:
        texts = [compiled(entry, dtype, c) for c in CAPABILITIES]
        for kernel in texts[0]:
            key = (SHARED if kernel in SUPPORT else entry, kernel)
            if key not in found and key not in (known or {}):
                found[key] = joined([_figures(t[kernel], c) for t, c in zip(texts, CAPABILITIES, strict=True)])
    return found


def _figures(text: str, capability: tuple[int, int]) -> dict[str, str]:
    return figures.figures(text) | assembler.assembled(text, capability)


def joined(said: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return each figure once, or one after the other where they differ."""
    return {c: " / ".join(dict.fromkeys(s[c] for s in said)) for c in COLUMNS}


def versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version_of(name)
        except PackageNotFoundError:
            found[name] = "none"
    return {**found, "ptxas": assembler.version() or "none"}


def written(rows: Rows, made_with: Mapping[str, str]) -> str:
    """Return the table as Markdown."""
    definitions = (figures.__doc__ or "").split("\n", 1)[1].strip()
    lines = [ABOUT, definitions, "", ", ".join(f"{n} {v}" for n, v in made_with.items()), ""]
    lines += [_line(("entry", "kernel", *COLUMNS)), "|" + "---|" * (len(COLUMNS) + 2)]
    for (entry, kernel), row in sorted(rows.items(), key=lambda item: item[0][0] != SHARED):
        lines.append(_line((entry, kernel, *(row[c] for c in COLUMNS))))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def parsed(text: str) -> tuple[Rows, dict[str, str]]:
    """Return the rows of a table, and the versions that it was made with."""
    lines = text.splitlines()
    start = lines.index(_line(("entry", "kernel", *COLUMNS)))
    made_with = dict(part.split(" ", 1) for part in lines[start - 2].split(", "))
    rows: Rows = {}
    for line in lines[start + 2 :]:
        entry, kernel, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[entry, kernel] = dict(zip(COLUMNS, cells, strict=True))
    return rows, made_with


def comparable(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that versions allow to compare.

    With another compiler nothing of the text need be the same, but that there are no atomic instructions (and which
    kernels there are); with another `ptxas`, or none, all but what it says.
    """
    if any(before[n] != now[n] for n in _PACKAGES):
        return ("atomics",)
    return COLUMNS if before["ptxas"] == now["ptxas"] else figures.COLUMNS


def differences(before: Rows, now: Rows, columns: Iterable[str]) -> list[str]:
    """Return what changed, a line for each kernel."""
    said = [f"{e}: {k} is not in the table" for e, k in now if (e, k) not in before]
    said += [f"{e}: {k} is in the table and no longer made" for e, k in before if (e, k) not in now]
    columns = tuple(columns)
    for key, row in now.items():
        changed = [f"{c} {before[key][c]} -> {row[c]}" for c in columns if key in before and before[key][c] != row[c]]
        if changed:
            said.append(f"{key[0]}: {key[1]}: {'; '.join(changed)}")
    return said
