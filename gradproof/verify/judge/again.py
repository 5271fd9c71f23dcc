"""The line that repeats a check, and what a check leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradproof.verify.calls import Problem, is_real
from gradproof.verify.judge.options import Options

#: Arguments of `check` that are functions.
_CLAIMS = ("vjp", "jac", "jvp", "hess", "hvp")


def line_of(f: Any, grad: Any, claims: dict[str, Any], names: Sequence[str], **rest: Any) -> str:
    """Return the call of `gp.check` with the names that the user's functions and inputs have.

    >>> def loss(w, x): ...
    >>> def loss_grad(w, x): ...
    >>> line_of(loss, loss_grad, {}, ["w", "x"], seed=3, exact=True)
    'gp.check(loss, loss_grad, [w, x], seed=3)'
    """
    plain = {"exact": True, "wrt": None, "rtol": None, "budget": None}
    parts = [_name(f, "f"), "None" if grad is None else _name(grad, "grad")]
    parts.append(f"[{', '.join(n.replace(' ', '_') for n in names)}]")
    parts += [f"{key}={_name(claims[key], key)}" for key in _CLAIMS if claims.get(key) is not None]
    parts += [f"{key}={value!r}" for key, value in rest.items() if key not in plain or value != plain[key]]
    return f"gp.check({', '.join(parts)})"


def _name(function: Any, otherwise: str) -> str:
    name = getattr(function, "__qualname__", otherwise)
    return otherwise if "<" in name else str(name)


def unchecked(problem: Problem, options: Options) -> tuple[str, ...]:
    """Return what no verdict is about: inputs that are not differentiated."""
    others = [n for k, n in enumerate(problem.names) if k not in problem.wrt and is_real(problem.inputs[k])]
    found = [f"derivatives for {', '.join(others)}"] if others else []
    if options.rtol:
        found.append(f"relative errors of an entry below {options.rtol:g} (rtol)")
    return tuple(found)
