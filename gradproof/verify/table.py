"""Derive, generate, check: every gradient of a system, and a row of the table for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradproof.derive.interpret.smooth import smooth_functions
from gradproof.derive.joint import joint_system
from gradproof.derive.model import System
from gradproof.derive.steps import Derivation, Mode
from gradproof.errors import InputError, NotYet
from gradproof.verify.crosscheck import check_by_differences
from gradproof.verify.exact import GradientCheck, check_derivation
from gradproof.verify.rows import Row, together
from gradproof.verify.ulps import Kernel, KernelCheck, check_kernel

#: (derivation, dtype) -> the kernel that computes its gradients from inputs and cotangents by name, as {name: array}.
KernelMaker = Callable[[Derivation, str], Kernel]
Progress = Callable[[str], None]


def verify_system(
    system: System,
    *,
    of: Any = None,
    wrt: Any = None,
    seed: int = 0,
    kernels: KernelMaker | None = None,
    dtypes: tuple[str, ...] = ("float32", "float64"),
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Return a row for each gradient of the system.

    Args:
        system: the equations.
        of: outputs; wrt: tensors; both as for `derive`.
        seed: of the random points.
        kernels: makes the kernel of a derivation; without it only the derivation is checked.
        dtypes: what the kernels compute in.
        progress: called with a line of text before each part that takes time.

    Raises:
        InputError: the system cannot be derived.
    """
    from gradproof.derive.derivation import derive

    _say(progress, f"derive {system.title or 'the system'}")
    derivation = derive(system, of, wrt)
    return verify_derivation(derivation, seed=seed, kernels=kernels, dtypes=dtypes, progress=progress)


def verify_derivation(
    derivation: Derivation,
    *,
    seed: int = 0,
    kernels: KernelMaker | None = None,
    dtypes: tuple[str, ...] = ("float32", "float64"),
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Return a row for each gradient of a derivation: exact check, kernels in ulps, and a finite difference.

    Raises:
        NotYet: the derivation is not one of gradients.
    """
    if derivation.mode is not Mode.GRADIENT:
        raise NotYet(
            f"rows for a {derivation.mode} derivation are not supported yet",
            expected="a derivation of gradients",
            hint="gradproof.verify.exact.check_derivation(d) judges the others",
        )
    _say(progress, "check the derivation in ball arithmetic")
    checks = check_derivation(derivation, seed=seed)
    found: dict[str, list[KernelCheck]] = {c.name: [] for c in checks}
    trouble = ""
    for dtype in dtypes if kernels is not None else ():
        _say(progress, f"compile and check the {dtype} kernel")
        try:
            kernel = kernels(derivation, dtype)  # type: ignore[misc]
        except InputError as error:
            trouble = f"no {dtype} kernel: {error.message}"
            continue
        for check in _kernel_checks(derivation, kernel, dtype, seed):
            found[check.name].append(check)
    return tuple(_row(derivation, c, tuple(found[c.name]), trouble) for c in checks)


def _kernel_checks(derivation: Derivation, kernel: Kernel, dtype: str, seed: int) -> list[KernelCheck]:
    """Return the checks under the names of the tensors the derivative is taken for."""
    from dataclasses import replace

    joint = joint_system(derivation)
    functions = smooth_functions(derivation.system.functions)
    names = {equation.name: w for w, equation in derivation.gradients.items()}
    # The code is the same for both types, and float32 has less room.
    beyond = dtype == "float32"
    checks = check_kernel(joint, tuple(names), kernel, dtype=dtype, seed=seed, functions=functions, beyond=beyond)
    if dtype == "float64":
        checks = check_by_differences(derivation, kernel, checks, seed=seed)
    return [replace(c, name=names[c.name]) for c in checks]


def _row(derivation: Derivation, check: GradientCheck, kernels: tuple[KernelCheck, ...], trouble: str) -> Row:
    last = max((e.number for e in derivation.system.definitions if e.name in derivation.of), default=0)
    verdict = together([check.verdict, *(k.verdict for k in kernels), *(["undecided"] if trouble else [])])  # type: ignore[list-item]
    against = [f"derivation: {check.reason}"] if check.reason else []
    against += [f"{k.dtype} kernel: {k.reason}" for k in kernels if k.reason]
    reason = "; ".join([*against, *([trouble] if trouble else [])])
    return Row(last, derivation.of, check.name, _text(derivation, check), check, kernels, verdict, reason)


def _text(derivation: Derivation, check: GradientCheck) -> str:
    from gradproof.derive.notation import format_equation

    return format_equation(derivation.gradients[check.name], derivation.system)


def _say(progress: Progress | None, text: str) -> None:
    if progress is not None:
        progress(text)
