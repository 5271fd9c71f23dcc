"""A report as plain text, for pytest's output, for logs and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradproof.verify.pictures import error_maps, not_drawn, taylor_plot
from gradproof.verify.report import Finding, Report

#: So many entries are shown.
SHOWN = 10


def lines_of(report: Report) -> list[str]:
    """Return the lines, without colour, none of the pictures wider than 72 characters."""
    return [headline(report), *(f"  {line}" for line in _body(report))]


def headline(report: Report) -> str:
    """Return the verdict, its strength and the reason."""
    strength = f" ({report.strength})" if report.strength else ""
    return f"gradient {report.verdict}{strength}: {report.reason}"


def _body(report: Report) -> Iterator[str]:
    yield from (f"because: {cause}" for cause in report.diagnosis)
    yield from _entries(report.findings)
    for title, rows in error_maps(report):
        yield title
        yield from (f"  {row}" for row in rows)
    if others := not_drawn(report):
        yield others
    if report.severity == "mistake":
        yield from taylor_plot(report)
    yield from (f"elsewhere: {f}" for f in report.elsewhere[:3])
    yield from (f"checked: {c}" for c in report.checked)
    yield from (f"not checked: {u}" for u in report.unchecked)
    yield from (f"advice: {a}" for a in report.advice)
    yield from (f"note: {n}" for n in report.notes)
    yield f"{report.evaluations} evaluations, seed {report.seed}"
    if report.again:
        yield f"again: {report.again}"


def _entries(findings: Sequence[Finding]) -> Iterator[str]:
    for f in findings[:SHOWN]:
        yield f"{f}{share(f)}"
    if len(findings) > SHOWN:
        yield f"... and {len(findings) - SHOWN} more"


def share(f: Finding) -> str:
    """Return the relative error in words; "" where there is none to tell, or where the error bar explains it."""
    if abs(f.claimed - f.expected) <= f.error_bar:
        return ""
    if not f.relative or f.relative != f.relative or f.relative == float("inf"):
        return ""
    return f", off by {f.relative:.3g}" if f.relative < 1e-3 else f", off by {100 * f.relative:.3g} %"
