"""The gradient of f as if it took a whole axis where it takes a part: `x[k:]`, `x[:n]`, `E[tokens]`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.verify.diagnosis.case import Array, Case
from gradproof.verify.diagnosis.tape.record import Look, Tape, Untapeable
from gradproof.verify.diagnosis.tape.reverse import Edges, Reverse
from gradproof.verify.diagnosis.tape.run import run_on_tape

#: So many places are tried.
_MOST = 12


def opened(case: Case, inputs: Sequence[Any], cotangent: Array | None) -> Iterator[tuple[Look, list[Array]]]:
    """Yield each place that takes a part of an axis, and the gradients of f as if it took the whole."""
    seen = Tape(looks={})
    try:
        run_on_tape(case.function, inputs, case.wrt, case.code, tape=seen)  # type: ignore[arg-type]
    except Untapeable:
        return
    for look in list(seen.looks or {})[:_MOST]:
        found = whole(case, inputs, cotangent, look)
        if found is not None:
            yield look, found


def whole(case: Case, inputs: Sequence[Any], cotangent: Array | None, look: Look) -> list[Array] | None:
    """Return the gradients of f as if it took the whole axis at one place; None where that does not run."""
    try:
        run = run_on_tape(case.function, inputs, case.wrt, case.code, tape=Tape(opened=look))  # type: ignore[arg-type]
    except Untapeable:
        return None
    if cotangent is not None and np.shape(cotangent) != run.output.shape:
        return None
    return [g[0] for g in Reverse(run, cotangent).gradients([Edges()])]


def said(look: Look) -> tuple[str, str]:
    """Return kind and words."""
    at = f"`{look.text}`, " if look.text else ""
    text = "the gradient is that of f with a whole axis where f takes a part of it: a sum runs over too much,"
    return "sum", f"{text} at {at}line {look.line} of {Path(look.file).name}"
