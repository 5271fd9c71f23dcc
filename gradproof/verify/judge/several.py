"""Everything that was claimed about one function, judged in order: first derivatives, then second ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.balls.traced import Untraceable
from gradproof.verify.calls import Problem, names_of
from gradproof.verify.judge.assemble import report_of, together
from gradproof.verify.judge.claims import (
    Claim,
    gradient_as_function,
    hessian,
    hessian_products,
    jacobian,
    products,
    standing_for,
)
from gradproof.verify.judge.course import Course
from gradproof.verify.judge.native import in_given_type
from gradproof.verify.judge.options import Options
from gradproof.verify.meter import Meter
from gradproof.verify.report import Report
from gradproof.verify.safely import Failed

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What `check` was called with."""

    f: Function
    inputs: Any
    grad: Function | None = None
    vjp: Function | None = None
    jac: Function | None = None
    jvp: Function | None = None
    hess: Function | None = None
    hvp: Function | None = None
    wrt: Sequence[Any] | None = None
    names: Sequence[str] | None = None
    executor: Executor | None = None

    @property
    def input_names(self) -> list[str]:
        """How the inputs are called."""
        return list(self.names) if self.names is not None else names_of(self.f, self.inputs)


def judged(asked: Asked, options: Options, budget: int | str | None) -> Report:
    """Return the report on everything that was claimed."""
    meter = Meter(budget)
    try:
        with np.errstate(all="ignore"):  # inf and nan are looked at, and never an error
            return replace(_judged(asked, options, meter), evaluations=meter.evaluations)
    finally:
        meter.close()


def _judged(asked: Asked, options: Options, meter: Meter) -> Report:
    reports = [(claim.name, _report(claim, options)) for claim in _first(asked, meter)]
    if asked.hess is None and asked.hvp is None:
        return together(reports)
    if reports and reports[0][1].verdict == "wrong":
        text = "the Hessian was not judged: the gradient, which it would be judged by, is wrong"
        return together([(n, replace(r, checked=(*r.checked, text))) for n, r in reports])
    doubtful = bool(reports) and reports[0][1].verdict != "right"
    for claim in _second(asked, meter):
        report = _report(claim, options if asked.grad is not None else replace(options, exact=False))
        reports.append((claim.name, _as_of(report, claim, doubtful=doubtful)))
    return together(reports)


def _report(claim: Claim, options: Options) -> Report:
    course = Course(claim, options)
    return in_given_type(claim.problem, report_of(course, course.outcome()))


def _as_of(report: Report, claim: Claim, *, doubtful: bool) -> Report:
    """Return the report with what the claim was judged against; no verdict where that is in doubt itself."""
    report = replace(report, checked=(*report.checked, f"against {claim.reference}"))
    if not doubtful or report.verdict == "undecided":
        return report
    text = f"it would be {report.verdict} by {claim.reference}, which is undecided itself"
    return replace(report, verdict="undecided", strength="", reason=text, wrong={}, severity="")


def _first(asked: Asked, meter: Meter) -> Iterator[Claim]:
    """Yield the claims about first derivatives."""
    options: dict[str, Any] = {"wrt": asked.wrt, "names": asked.names, "meter": meter, "executor": asked.executor}
    if asked.grad is not None or asked.vjp is not None:
        problem = Problem(asked.f, asked.grad, asked.inputs, vjp=asked.vjp, **options)
        yield Claim("grad" if asked.vjp is None else "vjp", problem)
    if asked.jac is not None:
        yield jacobian(asked.f, asked.jac, asked.inputs, **options)
    if asked.jvp is not None:
        yield products(asked.f, asked.jvp, asked.inputs, **options)
    if all(c is None for c in (asked.grad, asked.vjp, asked.jac, asked.jvp, asked.hess, asked.hvp)):
        raise InputError(
            "there is no gradient to judge", expected="grad= or vjp=, or tensors of torch or JAX as inputs"
        )


def _second(asked: Asked, meter: Meter) -> Iterator[Claim]:
    """Yield the claims about second derivatives, against the user's gradient or f's exact one."""
    grad = asked.grad
    base = Problem(asked.f, grad or _none, asked.inputs, wrt=asked.wrt, names=asked.names, meter=meter)
    gradient = _exact_gradient(base) if grad is None else gradient_as_function(base, grad)
    reference = "the exact gradient of f" if grad is None else "the gradient that was given"
    options: dict[str, Any] = {"wrt": list(base.wrt), "names": base.names, "meter": meter, "executor": asked.executor}
    if asked.hess is not None:
        yield hessian(gradient, asked.hess, base, reference, **options)
    if asked.hvp is not None:
        yield hessian_products(gradient, asked.hvp, base, reference, **options)


def _none(*_: Any) -> Any:
    raise Failed("there is no gradient")


def _exact_gradient(base: Problem) -> Function:
    """Return f's gradient as one vector, taken in ball arithmetic and rounded once."""

    def gradient(*passed: Any) -> Any:
        inputs = [np.asarray(a) if k in base.wrt else a for k, a in enumerate(passed)]
        try:
            slopes = exact_slopes(base, inputs, None, None)
        except Untraceable as error:
            raise Failed(f"f does not run in ball arithmetic ({error}): give its gradient too, grad=") from error
        if slopes.events:
            raise Failed(f"f has a kink ({slopes.events[0]})")
        return np.array([float(row.mid()) for row in slopes.rows])

    return standing_for(base.f, gradient)
