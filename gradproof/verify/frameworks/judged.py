"""`check` for a framework's function: its algorithm in float64, then what its own number type makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.frameworks import jax_arrays, pytorch
from gradproof.verify.frameworks.backend import Adapted, Array
from gradproof.verify.frameworks.narrow import in_own_type
from gradproof.verify.precision import EPS
from gradproof.verify.report import Report

Check = Callable[..., Report]
_BACKENDS = (pytorch.backend, jax_arrays.backend)


def framework_of(f: Any, inputs: Any) -> Any:
    """Return the framework that a function or its inputs belong to, None for NumPy."""
    given = inputs if isinstance(inputs, tuple | list) else (inputs,)
    return next((found for make in _BACKENDS if (found := make(f, given)) is not None), None)


def judged(check: Check, backend: Any, f: Any, inputs: Any, options: Mapping[str, Any]) -> Report:
    """Return the verdict on a framework's function.

    Args:
        check: the judge.
        backend: the framework.
        f: the function.
        inputs: where.
        options: what `check` was called with: grad, vjp, order and what is passed on.
    """
    asked = dict(options)
    order, grad, vjp = asked.pop("order", 1), asked.pop("grad", None), asked.pop("vjp", None)
    refused = [name for name in ("jac", "jvp", "hess", "hvp") if asked.pop(name, None) is not None]
    if refused:
        raise InputError(f"{refused[0]}= with {backend.name}", expected="grad=, vjp=, or none for the framework's own")
    adapted = adapt(backend, f, inputs, asked.pop("names", None), grad=grad, vjp=vjp)
    asked["exact"] = False
    with backend.session(adapted.given):
        report = _first(check, adapted, asked)
        if order == 2 and report.verdict != "wrong":
            report = _with_second(check, adapted, asked, report)
    return measured_of(replace(report, notes=(*adapted.notes, *report.notes)), f"functions of {backend.name}")


def measured_of(report: Report, kind: str) -> Report:
    """Return the report with its note of why it was measured: such functions do not run in ball arithmetic."""
    text = f"measured: {kind} do not run in ball arithmetic"
    notes = [text if note.endswith("as was asked for") else note for note in report.notes]
    return replace(report, notes=tuple(dict.fromkeys(notes)))


def adapt(
    backend: Any, f: Any, inputs: Any, names: Sequence[str] | None, *, grad: Any = None, vjp: Any = None
) -> Adapted:
    """Return a framework's function for the judge, in float64 if it runs there.

    Raises:
        InputError: no input is real.
    """
    given = inputs if isinstance(inputs, tuple | list) else (inputs,)
    function, everything, found = backend.function(f, given)
    named = (
        [*(names or found[: len(given)]), *found[len(given) :]] if names is None or len(names) == len(given) else names
    )
    eps = max((backend.precision(x) for x in everything), default=0.0)
    if not eps:
        raise InputError("no input is real", expected=f"at least one floating {backend.name} array")
    adapted = Adapted(backend, function, tuple(everything), tuple(named), True, eps, (), grad, vjp)
    why = _why_not_wide(adapted) if eps > EPS else ""
    if eps <= EPS:
        return adapted
    if why:
        return replace(adapted, wide=False, notes=(f"judged to its rounding: it does not run in float64 ({why})",))
    return replace(adapted, notes=("the algorithm is judged in float64",))


def _why_not_wide(adapted: Adapted) -> str:
    """Say what a run in float64 raises, "" for nothing."""
    try:
        value = adapted.value(*adapted.inputs)
        adapted.pulled(np.ones_like(value), *adapted.inputs)
    except Exception as error:  # noqa: BLE001  (whatever the function raises where it meets the other type)
        try:
            narrow = replace(adapted, wide=False)
            narrow.pulled(np.ones_like(narrow.value(*adapted.inputs)), *adapted.inputs)
        except Exception:  # noqa: BLE001  (it fails either way: the judge tells it)
            return ""
        return (str(error).splitlines() or [type(error).__name__])[0][:100]
    return ""


def _first(check: Check, adapted: Adapted, asked: Mapping[str, Any]) -> Report:
    inputs, names = adapted.inputs, list(adapted.names)
    if adapted.grad is not None and adapted.vjp is None:

        def grad(*given: Any) -> Any:
            return adapted.claimed(given, None, wide=adapted.wide)

        return check(adapted.value, grad, inputs, names=names, **asked)
    report = check(adapted.value, None, inputs, vjp=adapted.pulled, names=names, **asked)
    return in_own_type(adapted, report) if adapted.wide and adapted.eps > EPS else report


def _with_second(check: Check, adapted: Adapted, asked: Mapping[str, Any], first: Report) -> Report:
    """Return the report on the first derivatives and on those of the framework's backward."""
    from gradproof.verify.judge.assemble import together

    backend, inputs = adapted.backend, adapted.inputs
    shape = np.shape(adapted.value(*inputs))
    fixed: Array = np.asarray(np.random.default_rng(first.seed).uniform(0.5, 1.5, shape))

    def gradient(*given: Any) -> Any:
        return backend.second(adapted.f, given, adapted.given, fixed, None, wide=adapted.wide)

    def vjp(cotangent: Any, *given: Any) -> Any:
        return backend.second(adapted.f, given, adapted.given, fixed, np.asarray(cotangent), wide=adapted.wide)

    second = check(gradient, None, inputs, vjp=vjp, names=list(adapted.names), **asked)
    return together([("backward", first), ("double backward", second)])
