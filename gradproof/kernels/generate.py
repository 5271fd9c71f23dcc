"""The kernel of a system or of a derivation: source to read, and a callable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from gradproof.derive.check import require_system
from gradproof.derive.model import System
from gradproof.derive.steps import Derivation
from gradproof.kernels import cache
from gradproof.kernels.arguments import match_arguments
from gradproof.kernels.default_names import default_name
from gradproof.kernels.each import each
from gradproof.kernels.files import module_source, save_module
from gradproof.kernels.memory import empty
from gradproof.kernels.module import Unit
from gradproof.kernels.names import RESERVED, ascii_name
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.prepare import Program, What, prepare
from gradproof.kernels.targets import check_fast, check_target, dtype_name, module_text, unit_of

#: Held while threads work for a kernel, whichever it is.
_IN_USE = Lock()
#: What a call takes beside the kernel's own parameters.
_OPTIONS = {"cpu": ("out", "threads"), "cuda": ("out", "stream", "empty")}


@dataclass(frozen=True)
class Kernel:
    r"""A compiled kernel: call it with arrays by name, and get {name: array} back.

    Attributes:
        name: the name of its function in the source.
        program: what it computes.
        target: "cpu", or "cuda": then its arrays stand on the device.
        dtype: "float32" or "float64"; "float16" or "bfloat16" on CUDA.
        derivation: what it was made of, unless that is a system.
        fast: does it call CUDA's fast functions?

    >>> from gradproof.loading import system
    >>> k = kernel(system("given x[n]\ny = sum[i] x[i]**2"), dtype="float64")
    >>> import numpy as np
    >>> float(k(x=np.array([3.0, 4.0]))["y"])
    25.0
    """

    name: str
    program: Program
    target: str
    dtype: str
    derivation: Derivation | None = field(default=None, compare=False, repr=False)
    fast: bool = False

    @cached_property
    def plan(self) -> Plan:
        """Regions, loops and places, as data."""
        return make_plan(self.program, device=self.target == "cuda")

    @cached_property
    def unit(self) -> Unit:
        """The kernel's part of a module."""
        return unit_of(self.plan, self.name, self.target, self.dtype)

    @cached_property
    def source(self) -> str:
        """The module that holds this kernel alone: readable, and it needs only numpy and numba."""
        return module_source([self])

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the arrays that come in."""
        return self.program.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the arrays that come back (an updated parameter has its own name)."""
        updated = dict(self.program.updated)
        return tuple(updated.get(n, n) for n in self.program.outputs)

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the unknown functions that must be passed, as parameters: phi, phi_prime."""
        return tuple(name for _, name in self.unit.functions)

    @cached_property
    def module(self) -> ModuleType:
        """The module, loaded from the cache folder; numba compiles at the first call, and keeps that on disk."""
        module = cache.load(module_text((self.unit,), self.dtype, self.target, shared=True, fast=self.fast), self.name)
        if self.target == "cpu":
            vars(module).update(empty=empty, IN_USE=_IN_USE)
        return module

    @cached_property
    def _called(self) -> tuple[Callable[..., dict[str, Any]], frozenset[str], tuple[str, ...]]:
        """The function that does the work, the names of its arguments, and those of its options."""
        parameters = self.unit.parameters
        options = tuple(n for n in _OPTIONS[self.target] if n not in parameters)
        return getattr(self.module, self.name), frozenset(parameters.values()), options

    def __repr__(self) -> str:
        """Return it in a line: `<Kernel L_fused(z, y) -> L, d_z: cpu, float32>`."""
        call = f"{self.name}({', '.join(self.unit.parameters)})"
        return f"<Kernel {call} -> {', '.join(self.outputs)}: {self.target}, {self.dtype}>"

    def __call__(self, /, *unnamed: Any, **arguments: Any) -> dict[str, Any]:
        """Return {name: array} of the outputs.

        Args:
            arguments: arrays, sizes and functions by name. More, unless the kernel has inputs of these names:
                `out`, {name: array} with arrays for results, which are filled and returned (an updated parameter may be
                given its own array); `threads`, among how many threads work is shared: as many as pay, by default;
                on CUDA `stream`, where the launches are queued, and `empty(shape, dtype)`, which makes all new arrays.

        Raises:
            TypeError, ValueError: an array is missing, unknown, or has the wrong type or shape; the message says which.
        """
        if unnamed:
            by_name = ", ".join(f"{n}=..." for n in self.unit.parameters)
            raise TypeError(f"{self.name}() takes its arguments by name: {self.name}({by_name})")
        function, parameters, named = self._called
        options = {n: arguments.pop(n) for n in named if n in arguments}
        if arguments.keys() != parameters:
            arguments = match_arguments(self.name, self.unit.parameters, arguments)
        return function(**arguments, **options)

    def each(self, groups: Iterable[Mapping[str, Any]], /, **shared: Any) -> list[dict[str, Any]]:
        """Return the results for each group of arrays, {name: array} with perhaps `out`, all of one shape.

        For kernels of arrays with one axis, as an optimiser's step: arrays of any shape are taken flat.

        Args:
            groups: the arrays of each call.
            **shared: what all calls get: numbers, `threads`, `stream`.
        """
        return each(self, groups, shared, None if self.target == "cpu" else self.module.device_view)

    def torch(self, **sizes: int) -> Any:
        """Return a torch.autograd.Function: `F(x, W)` takes tensors in the order of the system's inputs.

        Its backward pass is our backward kernel; tensors share their memory with the kernels, and a gradient that is
        not needed is not computed. It can be differentiated twice where the system can.

        Args:
            **sizes: those that no shape gives, as the stride of a convolution.

        Raises:
            InputError: the kernel is made of a system, so that there is no gradient. TypeError: a size is missing.
        """
        from gradproof.kernels.autograd.pair import pair_of

        pair = pair_of(self, "torch", sizes)  # what is wrong with the kernel is said before PyTorch is loaded
        from gradproof.kernels.autograd.torch_function import torch_function

        return torch_function(pair)

    def jax(self, **sizes: int) -> Any:
        """Return a jax.custom_vjp function of the system's inputs in order; it works under jit, vmap and grad.

        The arguments and errors are those of `torch`. The kernels run on the host, through jax.pure_callback; those for
        CUDA on the device, on JAX's own memory and stream, through jax.experimental.buffer_callback.
        """
        from gradproof.kernels.autograd.pair import pair_of

        pair = pair_of(self, "jax", sizes)
        from gradproof.kernels.autograd.jax_function import jax_function

        return jax_function(pair)

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the module; it appears whole or not at all.

        Raises:
            InputError: the file exists (and not `force`), or cannot be written.
        """
        return save_module([self], path, force=force)


def kernel(
    source: System | Derivation,
    target: str = "cpu",
    dtype: str | type = "float32",
    what: What | None = None,
    *,
    name: str = "",
    fast: bool = False,
) -> Kernel:
    """Return the kernel of a system (forward) or a derivation (fused forward and backward).

    Args:
        source: the system or the derivation.
        target: "cpu" or "cuda".
        dtype: "float32" or "float64" (or NumPy's type): of the arrays and the arithmetic; sums are kept in float64.
            On CUDA also "float16" and "bfloat16": of the arrays; the arithmetic is in float32.
        what: "forward" returns all computed tensors; "backward" takes them with the inputs and the cotangents `d_y`,
            and returns the gradients; "fused" returns what was differentiated and the gradients; "update" returns
            updated parameters.
        name: the function's name; by default made of the title or of the outputs.
        fast: may exp, log, sin and cos be CUDA's fast ones? Their errors stand in the module's header.

    Raises:
        InputError: an unknown target, dtype or kind. NotYet: something that has no kernel yet, with the equation.
    """
    check_target(target)
    program = prepare(source if isinstance(source, Derivation) else require_system(source, "kernel"), what)
    dtype = dtype_name(dtype, target)
    if fast:
        check_fast(target, dtype)
    name = ascii_name(name) if name else default_name(program)
    derivation = source if isinstance(source, Derivation) else None
    made = Kernel(f"{name}_kernel" if name in RESERVED else name, program, target, dtype, derivation, fast)
    _ = made.unit  # what cannot be planned is refused here, not at the first call
    return made
