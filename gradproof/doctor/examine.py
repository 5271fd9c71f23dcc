"""Everything that is looked at, in order."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.doctor.finding import Finding, State
from gradproof.doctor.gpu import gpu
from gradproof.doctor.packages import needed, optional
from gradproof.doctor.processor import processor


def examine() -> Iterator[Finding]:
    """Yield what is found; the processor is left out where a package that it needs is missing."""
    whole = True
    for finding in needed():
        whole = whole and finding.state is not State.BROKEN
        yield finding
    if whole:
        yield from processor()
        yield from gpu()
    yield from optional()
