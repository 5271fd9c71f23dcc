"""A kernel as one holds it: its source to read, and a callable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gradproof.kernels import cache, records
from gradproof.kernels.arguments import match_arguments
from gradproof.kernels.collecting import collected_later
from gradproof.kernels.each import each
from gradproof.kernels.memory import empty
from gradproof.kernels.origin import Origin
from gradproof.kernels.records import Face, Record
from gradproof.kernels.targets import module_text, unit_of

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation
    from gradproof.kernels.module import Unit
    from gradproof.kernels.planner.tree import Plan
    from gradproof.kernels.prepare import Program

#: Held while threads work for a kernel, whichever it is.
_IN_USE = Lock()
#: What a call takes beside the kernel's own parameters.
_OPTIONS = {"cpu": ("out", "threads"), "cuda": ("out", "stream", "empty")}


@dataclass(frozen=True)
class Kernel:
    r"""A compiled kernel: call it with arrays by name, and get {name: array} back.

    Attributes:
        name: the name of its function in the source.
        origin: what it is made of; of a kernel whose text was seen before, it is read and derived when asked for.
        target: "cpu", or "cuda": then its arrays stand on the device.
        dtype: "float32" or "float64"; "float16" or "bfloat16" on CUDA.
        fast: does it call CUDA's fast functions?
        key: under which it is kept on disk, if it is.
        record: what stands there.

    >>> from gradproof.kernels import kernel
    >>> from gradproof.loading import system
    >>> k = kernel(system("given x[n]\ny = sum[i] x[i]**2"), dtype="float64")
    >>> import numpy as np
    >>> float(k(x=np.array([3.0, 4.0]))["y"])
    25.0
    """

    name: str
    origin: Origin
    target: str
    dtype: str
    fast: bool = False
    key: str | None = field(default=None, compare=False, repr=False)
    record: Record | None = field(default=None, compare=False, repr=False)

    @property
    def program(self) -> Program:
        """What it computes."""
        return self.origin.program

    @property
    def derivation(self) -> Derivation | None:
        """What it was made of, unless that is a system."""
        return self.origin.derivation

    @cached_property
    def plan(self) -> Plan:
        """Regions, loops and places, as data."""
        from gradproof.kernels.planner.make import make_plan

        return make_plan(self.program, device=self.target == "cuda")

    @cached_property
    def unit(self) -> Unit:
        """The kernel's part of a module."""
        return unit_of(self.plan, self.name, self.target, self.dtype)

    @cached_property
    def source(self) -> str:
        """The module that holds this kernel alone: readable, and it needs only numpy and numba."""
        from gradproof.kernels.files import module_source

        return module_source([self])

    @cached_property
    def face(self) -> Face:
        """What a call needs to know of it."""
        if self.record is not None:
            return self.record.face
        updated = dict(self.program.updated)
        outputs = tuple(updated.get(n, n) for n in self.program.outputs)
        return Face(self.name, self.program.inputs, outputs, self.unit.wrapper.parameters, self.unit.functions)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the arrays that come in."""
        return self.face.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the arrays that come back (an updated parameter has its own name)."""
        return self.face.outputs

    @property
    def parameters(self) -> dict[str, str]:
        """The parameter for each name of the system: {"ŷ": "y_hat"}."""
        return dict(self.face.parameters)

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the unknown functions that must be passed, as parameters: phi, phi_prime."""
        return tuple(name for _, name in self.face.functions)

    @cached_property
    @collected_later()
    def module(self) -> ModuleType:
        """The module, loaded from the cache folder; numba compiles at the first call, and keeps that on disk."""
        module = None if self.record is None else cache.recall(self.record.module, self.name)
        module = module or self._generated()
        if self.target == "cpu":
            vars(module).update(empty=empty, IN_USE=_IN_USE)
        return module

    def _generated(self) -> ModuleType:
        """Write the module and load it; a kernel that is kept gets its record."""
        text = module_text((self.unit,), self.dtype, self.target, shared=True, fast=self.fast)
        module = cache.load(text, self.name)
        if self.key is not None:
            records.keep(self.key, Record(replace(self, record=None).face, cache.digest(text)))
        return module

    @cached_property
    def _called(self) -> tuple[Callable[..., dict[str, Any]], frozenset[str], frozenset[str]]:
        """The function that does the work, the names of its arguments, and these with those of its options."""
        parameters = frozenset(self.parameters.values())
        options = frozenset(n for n in _OPTIONS[self.target] if n not in self.parameters)
        function = getattr(self.module, self.name)

        @collected_later()
        def first(**arguments: Any) -> dict[str, Any]:  # numba compiles in it
            found: dict[str, Any] = function(**arguments)
            vars(self)["_called"] = function, parameters, parameters | options
            return found

        return first, parameters, parameters | options

    def __repr__(self) -> str:
        """Return it in a line: `<Kernel L_fused(z, y) -> L, d_z: cpu, float32>`."""
        call = f"{self.name}({', '.join(self.parameters)})"
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
            by_name = ", ".join(f"{n}=..." for n in self.parameters)
            raise TypeError(f"{self.name}() takes its arguments by name: {self.name}({by_name})")
        function, needed, known = self._called
        if not needed <= arguments.keys() <= known:
            options = {n: arguments.pop(n) for n in known - needed if n in arguments}
            arguments = match_arguments(self.name, self.parameters, arguments) | options
        return function(**arguments)

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
        from gradproof.kernels.files import save_module

        return save_module([self], path, force=force)
