"""Hand-written code against a system: is it the same function, and are its gradients the derived ones?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.verify.report import Report


def check_against(
    system: System | str | Path,
    f: Callable[..., Any],
    grad: Callable[..., Any] | None,
    inputs: Sequence[Any],
    *,
    wrt: Sequence[Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    mapping: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
    of: str | None = None,
    seed: int = 0,
) -> Report:
    """Return the verdict on a gradient written by hand, against the one derived from a system.

    The inputs are matched by name and shape (`mapping` says it: {input's name: tensor's name}), f's value is compared
    with the system's output, then the gradients with the derived ones. Where they differ, mutants of the derivation
    are tried, and the one that reproduces the claim names the equation.

    Args:
        system: a system, its name in the catalogue, or the path of an .eqs file.
        f: the function; `f(*inputs)` is a number, or an array if `vjp` is given.
        grad: its gradient, as for `check`.
        inputs: where.
        wrt: names or positions of the inputs that the gradient is for; default: every floating one.
        vjp: for an array-valued f: `vjp(cotangent, *inputs)` instead of `grad`.
        names: of the inputs; default: f's parameters.
        mapping: which tensor of the system an input is, where its name does not say it.
        given: tensors of the system that are no inputs of f: {tensor's name: its value}.
        of: the output that f returns; default: the one that f's value equals.
        seed: of the cotangent and of the further points.

    Raises:
        InputError: the inputs cannot be matched to the system's.

    Example:
        >>> import numpy as np
        >>> f, grad = (lambda x, y: np.mean((x - y) ** 2)), (lambda x, y: (2 * (x - y) / 3, 2 * (y - x) / 3))
        >>> report = check_against("mse", f, grad, [np.array([1.0, 2.0, 4.0]), np.zeros(3)])
        >>> report.verdict
        'right'
    """
    from gradproof.verify.against.course import Against

    asked = Against(system, mapping or {}, given or {}, of, seed)
    return asked.report(f, grad, inputs, wrt=wrt, vjp=vjp, names=names)
