"""What float32 or half precision makes of an algorithm that is right: overflow, digits lost, or mere rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from gradproof.verify.frameworks.backend import Array
from gradproof.verify.report import Finding, Report

_SAMPLES = 4
#: The rounding that is allowed: so many times what a change of the inputs by their own rounding makes, and so many
#: units of the largest entry.
_CONDITION, _UNITS = 16.0, 64.0
#: Above this share of the largest entry, and far beyond the rounding, no digit is left.
_NO_DIGIT, _FAR = 0.1, 100.0


class Narrow(Protocol):
    """Functions that run in float64 and in the inputs' own type, and the inputs that are differentiated."""

    @property
    def inputs(self) -> Sequence[Any]:
        """The inputs."""

    @property
    def names(self) -> Sequence[str]:
        """What the inputs are called."""

    @property
    def eps(self) -> float:
        """The unit of roundoff of the inputs' own type."""

    def value(self, *inputs: Any) -> Any:
        """Return the function in float64."""

    def claimed(self, inputs: Sequence[Any], cotangent: Any, *, wide: bool) -> Any:
        """Return the gradient in float64 or in the inputs' own type."""


def in_own_type(adapted: Narrow, report: Report) -> Report:
    """Return the report with what the gradient is in the inputs' own type; a gradient that overflows there is wrong."""
    if report.verdict != "right":
        return report
    inputs, rng = adapted.inputs, np.random.default_rng(report.seed)
    cotangent = np.asarray(rng.uniform(0.5, 1.5, np.shape(adapted.value(*inputs))))
    try:
        with np.errstate(all="ignore"):
            own = _arrays(adapted.claimed(inputs, cotangent, wide=False))
    except Exception as error:  # noqa: BLE001  (an operation that the type has not)
        told = (str(error).splitlines() or [""])[0][:100]
        return replace(report, notes=(*report.notes, f"not run in the inputs' own type: {told}"))
    exact = _arrays(adapted.claimed(inputs, cotangent, wide=True))
    allowed = _allowed(adapted, cotangent, exact, rng)
    return _judged(adapted, report, own, exact, allowed)


def _arrays(found: Any) -> list[Array | None]:
    return [None if g is None else np.asarray(g, dtype=np.float64) for g in found]


def _allowed(
    adapted: Narrow, cotangent: Array, exact: list[Array | None], rng: np.random.Generator
) -> list[Array | None]:
    """Return for each entry what rounding explains: half a unit in the inputs, and some units of its own."""
    moved = [None if g is None else np.zeros_like(g) for g in exact]
    for _ in range(_SAMPLES):
        near = [
            x * (1 + adapted.eps * rng.choice([-0.5, 0.5], np.shape(x))) if g is not None else x
            for x, g in zip(adapted.inputs, exact, strict=True)
        ]
        again = _arrays(adapted.claimed(near, cotangent, wide=True))
        moved = [_further(m, g, h) for m, g, h in zip(moved, exact, again, strict=True)]
    return [
        None if m is None or g is None else _CONDITION * m + _UNITS * adapted.eps * _largest(g)
        for m, g in zip(moved, exact, strict=True)
    ]


def _further(moved: Array | None, exact: Array | None, again: Array | None) -> Array | None:
    if moved is None or exact is None or again is None:
        return None
    return np.asarray(np.maximum(moved, np.abs(exact - again)))


def _largest(g: Array) -> float:
    return float(np.max(np.abs(g), initial=0.0))


def _judged(
    adapted: Narrow,
    report: Report,
    own: list[Array | None],
    exact: list[Array | None],
    allowed: list[Array | None],
) -> Report:
    advice, lost, overflown = [], [], []
    for name, a, g, bar in zip(adapted.names, own, exact, allowed, strict=True):
        if a is None or g is None or bar is None or not g.size:
            continue
        bad = np.isfinite(g) & ~np.isfinite(a)
        overflown += _findings(name, a, g, bad, "overflow")
        error = np.where(bad, 0.0, np.abs(a - g))
        far = (error > _FAR * bar) & (error > _NO_DIGIT * _largest(g))
        lost += _findings(name, a, g, far, "no digit is left")
        if not bad.any() and not far.any() and np.any(error > _FAR * bar):
            share = float(np.max(error)) / _largest(g)
            advice.append(f"in the inputs' own type the gradient of {name} keeps {-np.log10(share):.0f} digits")
    if overflown or lost:
        found, severity = (overflown, "overflow") if overflown else (lost, "digits lost")
        reason = f"the algorithm is right in float64, and in the inputs' own type {_SAYS[severity]}"
        return replace(
            report, verdict="wrong", strength="measured", reason=reason, findings=tuple(found), severity=severity,
            wrong={name: _indices(found, name) for name in dict.fromkeys(f.input for f in found)},
        )  # fmt: skip
    return replace(report, advice=(*report.advice, *advice), severity="digits lost" if advice else report.severity)


_SAYS = {"overflow": "its gradient is not finite", "digits lost": "its gradient has entries without a correct digit"}


def _findings(name: str, own: Array, exact: Array, bad: Array, note: str) -> list[Finding]:
    return [
        Finding(name, tuple(int(i) for i in place), float(own[tuple(place)]), float(exact[tuple(place)]), 0.0, note)
        for place in np.argwhere(bad)
    ]


def _indices(found: list[Finding], name: str) -> Any:
    rows = [f.index for f in found if f.input == name]
    return np.array(rows, dtype=np.int64).reshape(len(rows), -1)
