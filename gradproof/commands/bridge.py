"""From a derivation to its compiled kernel, as the judge wants it: `kernels` and `verify` meet here alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation
    from gradproof.kernels import Kernel


def fused_kernel(derivation: Derivation, dtype: str) -> Callable[..., Mapping[str, Any]]:
    """Return the kernel that computes outputs and gradients, as a function of everything that the judge has by name.

    Where the system has unknown functions, the judge's test functions stand for them, compiled.
    """
    from gradproof.kernels import kernel

    made = kernel(derivation, dtype=dtype)
    functions = _compiled_functions(made, derivation.system.functions)

    def call(**named: Any) -> Mapping[str, Any]:
        wanted = made.unit.parameters
        return made(**{name: value for name, value in {**named, **functions}.items() if name in wanted})

    return call


def _compiled_functions(made: Kernel, unknown: tuple[str, ...]) -> dict[str, Any]:
    """Return the test functions that the kernel asks for, by their names in the notation (phi, phi')."""
    if not made.unit.functions:
        return {}
    from numba import njit

    from gradproof.derive.interpret.smooth import smooth_functions

    smooth = smooth_functions(unknown)
    return {name: njit(smooth[name].plain()) for name, _ in made.unit.functions}
