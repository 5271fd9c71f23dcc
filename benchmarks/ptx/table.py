"""The table of PTX figures: a line for each kernel, written, read and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from benchmarks.ptx import assembler, figures, kept
from benchmarks.ptx.compiled import CAPABILITIES, SUPPORT, compiled_text, module_of
from benchmarks.ptx.kept import Digests, Rows, digests

PATH = Path(__file__).parents[1] / "results" / "ptx.md"
COLUMNS = (*figures.COLUMNS, *assembler.COLUMNS)
#: What the kernels that do not depend on equations are listed under.
SHARED = "in many modules"
_PACKAGES = ("numba-cuda", "nvidia-nvvm", "nvidia-cuda-nvrtc")

ABOUT = """# What the CUDA kernels compile to

Written by `python -m benchmarks.ptx`, in float32, for compute capability 8.0 and 9.0; "3 / 4" where these differ.
Nothing of it ran: these are figures of the text, and of `ptxas`.
"""


def rows_of(entries: Iterable[str], known: Rows | None = None, as_before: Rows | None = None) -> Rows:
    """Return the figures of the float32 kernels of catalogue entries, compiled now, without those that are known.

    Args:
        entries: their names.
        known: what need not be found again.
        as_before: rows of kernels whose text is as it was (`unchanged`): these are taken as they are.
    """
    found: Rows = {}
    for entry in entries:
        text, kernels = module_of(entry, "float32")
        keys = {kernel: key_of(entry, kernel) for kernel in kernels}
        found |= {key: row for key, row in (as_before or {}).items() if key in keys.values()}
        wanted = {k: types for k, types in kernels.items() if keys[k] not in found and keys[k] not in (known or {})}
        texts = [compiled_text(text, wanted, c) for c in CAPABILITIES] if wanted else []
        for kernel in wanted:
            found[keys[kernel]] = joined([_figures(t[kernel], c) for t, c in zip(texts, CAPABILITIES, strict=True)])
    return found


def key_of(entry: str, kernel: str) -> tuple[str, str]:
    """Return where a kernel stands in the table."""
    return (SHARED if kernel in SUPPORT else entry), kernel


def digests_of(entry: str) -> Digests:
    """Return the digest of the text of each kernel of an entry."""
    return {key_of(entry, kernel): digest for kernel, digest in digests(*module_of(entry, "float32")).items()}


def unchanged(rows: Rows, made_with: Mapping[str, str], entry: str) -> Rows:
    """Return the rows of an entry's kernels whose text is what these versions compiled for the table."""
    if made_with != versions():
        return {}
    before = kept.parsed(kept.PATH.read_text(encoding="utf-8"), rows, listed(made_with))
    return {key: rows[key] for key, digest in digests_of(entry).items() if before.get(key) == digest and key in rows}


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


def listed(made_with: Mapping[str, str]) -> str:
    """Return the versions in a line."""
    return ", ".join(f"{n} {v}" for n, v in made_with.items())


def written(rows: Rows, made_with: Mapping[str, str]) -> str:
    """Return the table as Markdown."""
    definitions = (figures.__doc__ or "").split("\n", 1)[1].strip()
    lines = [ABOUT, definitions, "", listed(made_with), ""]
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


def written_at_once(table: str, texts: str) -> str:
    """Return "", or what shows that the table and the file of its texts' digests are not of one making."""
    rows, made_with = parsed(table)
    known = kept.parsed(texts, rows, listed(made_with))
    if missing := [f"{entry}: {kernel}" for entry, kernel in rows if (entry, kernel) not in known]:
        return f"no digest that belongs to the line: {', '.join(missing)}"
    if table != written(rows, made_with):
        return (
            "the table is not as it is written: a line is there twice, or not in order, or the text around is another"
        )
    if texts != kept.written(known, rows, listed(made_with)):
        return "a digest is there twice, or belongs to no line of the table"
    return ""


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
