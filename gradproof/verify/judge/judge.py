"""Judge a gradient written by hand: exactly where the function runs in balls, else by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from gradproof.errors import InputError
from gradproof.verify.frameworks.generated import is_kernel
from gradproof.verify.frameworks.generated import judged as kernel_judged
from gradproof.verify.frameworks.judged import framework_of
from gradproof.verify.frameworks.judged import judged as framework_judged
from gradproof.verify.judge.again import line_of
from gradproof.verify.judge.options import Options
from gradproof.verify.judge.several import Asked, judged
from gradproof.verify.report import Report

#: A framework differentiates a backward by other code than runs it forward, which may be wrong for itself. A gradient
#: in NumPy is a function: where it is right in a neighbourhood, so are its derivatives.
_NOTHING_OF_SECOND_ORDER = "order=2: a gradient in NumPy claims no second derivative"


def check(
    f: Callable[..., Any],
    grad: Callable[..., Any] | None = None,
    inputs: Any = None,
    *,
    wrt: Sequence[Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    hvp: Callable[..., Any] | None = None,
    jac: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    hess: Callable[..., Any] | None = None,
    sampler: Callable[..., Any] | None = None,
    bounds: Any = None,
    rtol: float | None = None,
    budget: int | str | None = None,
    seed: int = 0,
    names: Sequence[str] | None = None,
    executor: Executor | None = None,
    order: int = 1,
    against: Any = None,
    exact: bool = True,
) -> Report:
    """Return the verdict on a gradient: right, wrong or undecided, with the entries that are wrong.

    Args:
        f: the function; `f(*inputs)` is a number, or an array if `vjp`, `jac` or `jvp` is given.
        grad: None for a function of a framework (torch, JAX), whose own backward is then judged; else
            `grad(*inputs)`: an array, or a tuple, list or dict with one for each of `wrt` (or for each input), or
            one vector over all of `wrt`.
        inputs: where; arrays and numbers.
        wrt: names or positions of the inputs that the gradient is for; default: every floating one.
        vjp: for an array-valued f: `vjp(cotangent, *inputs)` instead of `grad`.
        hvp: products with the Hessian, `hvp(v, *inputs)`; v is like the tangents of `jvp`.
        jac: the Jacobian, `jac(*inputs)`: for each of `wrt` an array [*output, *input], or one matrix over all.
        jvp: the derivative along tangents, `jvp(tangents, *inputs)`; the tangents are an array where one input is
            differentiated, else a tuple with one for each.
        hess: the Hessian, `hess(*inputs)`: an array [*input, *input], one matrix over all of `wrt`, or nested tuples
            or dicts. It is judged against `grad`, which is judged first, or without one against f's exact gradient.
        sampler: `sampler(rng)` returns further inputs at which the gradient must be right.
        bounds: for each input (low, high) or None, or a dict by name: within them the gradient must be right.
        rtol: a relative error of an entry that is allowed; without it, only what rounding explains.
        budget: how many evaluations of f and the gradient may be made, or for how long ("10s", "2min": then the
            verdict may depend on the machine). What was not checked is said in the report.
        seed: of the random points, directions and cotangents.
        names: of the inputs, for the report; default: f's parameters.
        executor: a `concurrent.futures.Executor`: f is evaluated at many points at once.
        order: 2 judges the second derivatives too: of a framework's function what the framework makes of its backward,
            of a NumPy function `hess` or `hvp`, one of which must be given.
        against: a system of equations that f computes (or its name in the catalogue): the gradient is judged against
            the derived one, and the diagnosis names the equation (`check_against`).
        exact: try ball arithmetic first.

    Raises:
        InputError: what was passed cannot be judged at all (no floating input, an array-valued f without vjp, order=2
            where nothing of second order was claimed).
        NotYet: an argument is not supported yet; the message names it.

    Example:
        >>> import numpy as np
        >>> report = check(lambda x: np.sum(x**3), lambda x: 3 * x**2, [np.array([1.0, 2.0])])
        >>> report.verdict, report.strength
        ('right', 'certified')
    """
    if inputs is None and not callable(grad):  # check(f, tensors): a framework's own backward is judged
        grad, inputs = None, grad
    if inputs is None:
        raise InputError("there are no inputs", expected="check(f, grad, inputs), inputs a list of arrays and numbers")
    if against is not None:
        from gradproof.verify.against import check_against

        return check_against(against, f, grad, inputs, wrt=wrt, vjp=vjp, names=names, seed=seed)
    if order not in (1, 2):
        raise InputError(f"order={order!r}", expected="1, or 2 for the second derivatives too")
    if is_kernel(f) and grad is None and vjp is None:
        asked_for = {"wrt": wrt, "bounds": bounds, "rtol": rtol, "budget": budget, "seed": seed, "executor": executor}
        return kernel_judged(check, f, inputs, asked_for)
    if sampler is None and against is None and (framework := framework_of(f, inputs)) is not None:
        asked_for = {"grad": grad, "vjp": vjp, "jac": jac, "jvp": jvp, "hess": hess, "hvp": hvp, "order": order}
        passed_on = {"wrt": wrt, "bounds": bounds, "rtol": rtol, "budget": budget, "seed": seed, "names": names}
        return framework_judged(check, framework, f, inputs, {**asked_for, **passed_on, "executor": executor})
    if order == 2 and hess is None and hvp is None:
        raise InputError(_NOTHING_OF_SECOND_ORDER, expected="hess= or hvp=, which are judged against it")
    if rtol is not None and not 0 <= rtol < 1:
        raise InputError(f"rtol={rtol!r}", expected="a relative error between 0 and 1")
    options = Options(seed, exact, rtol or 0.0, sampler, bounds)
    asked = Asked(f, inputs, grad, vjp, jac, jvp, hess, hvp, wrt, names, executor)
    report = judged(asked, options, budget)
    claims = {"vjp": vjp, "jac": jac, "jvp": jvp, "hess": hess, "hvp": hvp}
    rest = {"wrt": wrt, "seed": seed, "rtol": rtol, "budget": budget, "exact": exact}
    return replace(report, again=line_of(f, grad, claims, asked.input_names, **rest))


def assert_gradient(
    f: Callable[..., Any], grad: Callable[..., Any] | None = None, inputs: Any = None, **options: Any
) -> None:
    """Raise AssertionError with the report unless the gradient is right; options as for `check`."""
    __tracebackhide__ = True
    report = check(f, grad, inputs, **options)
    if report.verdict != "right":
        raise AssertionError(str(report))
