"""From a derivation to its compiled kernels, as the judge wants them: `kernels` and `verify` meet here alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation
    from gradproof.kernels import Kernel
    from gradproof.verify.ulps import KernelCheck

DTYPES = ("float32", "float64")


def fused_kernel(derivation: Derivation, dtype: str) -> Callable[..., Mapping[str, Any]]:
    """Return the kernel that computes outputs and gradients, as a function of everything that the judge has by name."""
    from gradproof.kernels import kernel

    return _callable(kernel(derivation, dtype=dtype))


def check_passes(derivation: Derivation, dtype: str, seed: int) -> tuple[KernelCheck, ...]:
    """Return whether the forward kernel, and the backward one after it, compute outputs and gradients to rounding.

    The names are those of the outputs and of the gradients. For a scalar output the value that the fused kernel
    returns is compared too.

    Raises:
        InputError: there is no kernel for it yet.
    """
    from gradproof.derive.interpret.smooth import smooth_functions
    from gradproof.kernels import kernel
    from gradproof.verify.ulps import check_kernel

    made = [kernel(derivation, dtype=dtype, what="forward"), kernel(derivation, dtype=dtype, what="backward")]
    forward, backward = (_callable(k) for k in made)

    def passes(**named: Any) -> Mapping[str, Any]:
        values = forward(**named)
        return {**values, **backward(**{**named, **values})}

    joint, functions = derivation.joint, smooth_functions(derivation.system.functions)
    names = (*derivation.of, *(e.name for e in derivation.gradients.values()))
    checks = check_kernel(joint, names, passes, dtype=dtype, seed=seed, functions=functions)
    if any(derivation.system[name].rank for name in derivation.of):
        return checks
    fused = fused_kernel(derivation, dtype)
    return checks + check_kernel(joint, derivation.of, fused, dtype=dtype, seed=seed, functions=functions)


def check_updates(derivation: Derivation, dtype: str, seed: int) -> tuple[KernelCheck, ...]:
    """Return for each update whether its kernel computes the new value to rounding.

    Raises:
        InputError: there is no kernel for it yet.
    """
    from gradproof.derive.interpret.smooth import smooth_functions
    from gradproof.kernels import kernel
    from gradproof.verify.ulps import check_kernel

    made = kernel(derivation, dtype=dtype, what="update")
    source, updated, compute = made.program.source, dict(made.program.updated), _callable(made)

    def call(**named: Any) -> Mapping[str, Any]:
        found = compute(**named)
        return {name: found[updated[name]] for name in made.program.outputs}

    functions = smooth_functions(derivation.system.functions)
    return check_kernel(source, made.program.outputs, call, dtype=dtype, seed=seed, functions=functions)


def _callable(made: Kernel) -> Callable[..., Mapping[str, Any]]:
    """Return a kernel as a function that takes what it needs of what it is given.

    Where the system has unknown functions, the judge's test functions stand for them, compiled.
    """
    functions = _compiled_functions(made)

    def call(**named: Any) -> Mapping[str, Any]:
        wanted = made.unit.parameters
        return made(**{name: value for name, value in {**named, **functions}.items() if name in wanted})

    return call


def _compiled_functions(made: Kernel) -> dict[str, Any]:
    """Return the test functions that the kernel asks for, by their names in the notation (phi, phi')."""
    if not made.unit.functions:
        return {}
    from numba import njit

    from gradproof.derive.interpret.smooth import smooth_functions

    smooth = smooth_functions(made.program.source.functions)
    return {name: njit(smooth[name].plain()) for name, _ in made.unit.functions}
