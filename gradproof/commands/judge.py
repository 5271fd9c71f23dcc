"""Judge one piece of work: a verdict for each of its gradients, and for each of its updates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradproof.commands.bridge import DTYPES, check_passes, check_updates, fused_kernel
from gradproof.commands.progress import Report
from gradproof.commands.work import Piece, Request, derivation_of
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation
    from gradproof.verify import Row
    from gradproof.verify.ulps import KernelCheck


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        name: what it is about, in words: "d L / d w", "update of w".
        equation: the gradient or the update, in notation.
        derivation: how the derivation stands: certified, wrong, undecided; "" where nothing was derived.
        kernels: right, wrong, undecided, or none.
        ulps: the kernels' greatest error; None without a kernel.
        verdict: of both together.
        reason: what stands against "right".
        record: the same and more, as plain data.
    """

    name: str
    equation: str
    derivation: str
    kernels: str
    ulps: float | None
    verdict: str
    reason: str
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A piece of work and its lines; none where the piece says what stands against it.

    Attributes:
        piece: what was judged.
        lines: a verdict each.
        between: the adjoints that the gradients are written with, in notation, in the order of their computation.
    """

    piece: Piece
    lines: tuple[Line, ...] = ()
    between: tuple[str, ...] = ()


def judge(piece: Piece, seed: int, doing: Report) -> Judged:
    """Return the verdicts on a piece; on a page, what goes wrong with one equation does not stop the others."""
    if piece.system is None:
        return Judged(piece)
    try:
        derivation = derivation_of(piece.system, Request())

        def telling(text: str) -> None:
            doing(f"{piece.label}: {text}")

        if piece.for_kernels is not piece.system and piece.for_kernels is not None:
            by_entry = derivation_of(piece.for_kernels, Request())
            return Judged(piece, _of_a_function(derivation, by_entry, seed, telling))
        lines = (*_gradients(derivation, seed, telling), *_updates(derivation, seed))
        return Judged(piece, lines, _between(derivation))
    except InputError as error:
        if not piece.place:
            raise
        return Judged(piece.failed(error))


def _between(derivation: Derivation) -> tuple[str, ...]:
    from gradproof.derive.notation import format_equation
    from gradproof.derive.render.outline import result_equations

    asked = {e.name for e in derivation.gradients.values()}
    equations = result_equations(derivation)
    return tuple(format_equation(e, derivation.system) for e in equations if e.name not in asked)


def _gradients(derivation: Derivation, seed: int, doing: Report) -> tuple[Line, ...]:
    from gradproof.verify import verify_derivation

    if not derivation.wrt:
        return ()
    rows = verify_derivation(derivation, seed=seed, kernels=fused_kernel, dtypes=DTYPES, progress=doing)
    lines = tuple(_of_row(row) for row in rows)
    for dtype in DTYPES:
        doing(f"compile and check the {dtype} kernels of each pass")
        lines = _with_passes(lines, derivation, dtype, seed)
    return lines


def _with_passes(lines: tuple[Line, ...], derivation: Derivation, dtype: str, seed: int) -> tuple[Line, ...]:
    """Join to each gradient's line what the kernels of each pass make of it, and of the outputs."""
    try:
        checks = check_passes(derivation, dtype, seed)
    except InputError as error:
        trouble = f"no {dtype} kernels of each pass: {error.message}"
        return tuple(replace(x, verdict=_worse(x.verdict, "undecided"), reason=_and(x.reason, trouble)) for x in lines)
    gradients = {e.name: w for w, e in derivation.gradients.items()}
    for check in checks:
        about = gradients.get(check.name)
        lines = tuple(_with_check(x, check) if about in (None, x.record["wrt"]) else x for x in lines)
    return lines


def _with_check(line: Line, check: KernelCheck) -> Line:
    text = f"{check.dtype} kernel of {check.name}: {check.reason}" if check.reason else ""
    return replace(
        line,
        kernels=_worse(line.kernels, check.verdict) if line.kernels != "none" else "none",
        ulps=max(line.ulps or 0.0, check.ulps),
        verdict=_worse(line.verdict, check.verdict),
        reason=_and(line.reason, text),
    )


def _and(a: str, b: str) -> str:
    return "; ".join(x for x in (a, b) if x)


def _of_a_function(derivation: Derivation, by_entry: Derivation, seed: int, doing: Report) -> tuple[Line, ...]:
    """Judge a function as it is derived, of a number, together with its kernels, which take every entry of an array."""
    from gradproof.verify import verify_derivation

    derived = [_of_row(row) for row in verify_derivation(derivation, seed=seed)]
    made = _gradients(by_entry, seed, doing)
    return tuple(
        replace(
            line,
            kernels=kernel.kernels,
            ulps=kernel.ulps,
            verdict=_worse(line.verdict, kernel.verdict),
            reason=_and(line.reason, kernel.reason),
            record={**kernel.record, **{k: line.record[k] for k in ("equation", "gradient", "derivation", "strength")}},
        )
        for line, kernel in zip(derived, made, strict=True)
    )


def _worse(a: str, b: str) -> str:
    return next((v for v in ("wrong", "undecided") if v in (a, b)), "right")


def _of_row(row: Row) -> Line:
    stands = row.strength if row.derivation.verdict == "right" else row.derivation.verdict
    kernels = row.kernel_verdict or "none"
    return Line(row.name, row.gradient, stands, kernels, row.ulps, row.verdict, row.reason, row.to_dict())


def _updates(derivation: Derivation, seed: int) -> tuple[Line, ...]:
    """Check the updates' kernels; what is derived in them is the gradients' matter."""
    if not derivation.updates:
        return ()
    checks = list(zip(*(check_updates(derivation, dtype, seed) for dtype in DTYPES), strict=True))
    return tuple(_of_update(derivation, k, found) for k, found in enumerate(checks))


def _of_update(derivation: Derivation, position: int, checks: tuple[KernelCheck, ...]) -> Line:
    from gradproof.derive.notation import format_equation
    from gradproof.verify.rows import together

    update = derivation.updates[position]
    verdict, ulps = together(check.verdict for check in checks), max(check.ulps for check in checks)
    reason = "; ".join(f"{check.dtype} kernel: {check.reason}" for check in checks if check.reason)
    text = format_equation(update, derivation.system)
    kernels = {check.dtype: {"verdict": check.verdict, "ulps": check.ulps, "share": check.share} for check in checks}
    record = {"update": text, "kernels": kernels, "ulps": ulps, "verdict": verdict, "reason": reason}
    return Line(f"update of {update.name}", text, "", verdict, ulps, verdict, reason, record)
