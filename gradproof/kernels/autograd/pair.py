"""The forward and the backward kernel of a derivation, and that of the gradient's own gradient, on any target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from gradproof.derive.model import size_symbols
from gradproof.errors import InputError, NotYet
from gradproof.kernels.binding import bind_sizes

if TYPE_CHECKING:
    from sympy import Expr

    from gradproof.derive.steps import Derivation
    from gradproof.kernels.compiled import Kernel

Arrays = dict[str, Any]
Options = Mapping[str, Any]
_NONE: Options = {}


@dataclass(frozen=True, eq=False)
class Pair:
    """Attributes:
    derivation: the gradients.
    target, dtype: of the kernels.
    given: sizes that no shape gives.
    fast: may functions be CUDA's fast ones?
    """

    derivation: Derivation
    target: str
    dtype: str
    given: Mapping[str, int]
    fast: bool = False

    # ---------------------------------------------------------------- names

    @property
    def name(self) -> str:
        return self.forward_kernel.name.removesuffix("_forward")

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Everything that comes in, in the system's order."""
        used = {*self.forward_kernel.inputs, *self._backward_kernel(self.wrt).inputs}
        return tuple(t.name for t in self.derivation.system.inputs if t.name in used)

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.derivation.of

    @property
    def wrt(self) -> tuple[str, ...]:
        return self.derivation.wrt

    @cached_property
    def seeds(self) -> dict[str, str]:
        """For each output the cotangent that the backward kernel takes; a scalar has none, its gradients are scaled."""
        of_kernels = self.derivation.joint.by_name
        return {y: f"d_{y}" for y in self.outputs if f"d_{y}" in of_kernels}

    @cached_property
    def saved(self) -> tuple[str, ...]:
        """What the forward kernel computes and the backward kernel reads."""
        computed = {e.name for e in self.derivation.system.definitions}
        return tuple(n for n in self._backward_kernel(self.wrt).inputs if n in computed)

    def rank(self, name: str) -> int:
        return self.derivation.system[name].rank

    def is_integer(self, name: str) -> bool:
        return self.derivation.system[name].bound is not None

    def kind(self, name: str) -> str:
        """Return the type of an input, output, saved value or cotangent: beside half precision, numbers are float32."""
        half = self.dtype not in ("float32", "float64")
        return "float32" if half and not self.derivation.joint[name].rank else self.dtype

    # ---------------------------------------------------------------- kernels

    def _made(self, derivation: Derivation, what: Any, name: str) -> Kernel:
        from gradproof.kernels.generate import kernel

        return kernel(derivation, self.target, self.dtype, what, name=name, fast=self.fast)

    @cached_property
    def forward_kernel(self) -> Kernel:
        return self._made(self.derivation, "forward", "")

    @lru_cache(32)  # noqa: B019  (a pair lives as long as the function made of it)
    def _backward_kernel(self, wrt: tuple[str, ...]) -> Kernel:
        return self._made(replace(self.derivation, wrt=wrt), "backward", "")

    @cached_property
    def _second(self) -> tuple[Kernel, Derivation]:
        """The kernel of the gradient's gradient, for the inputs and the cotangents.

        Without assumptions: that one holds at a point says nothing of how the gradient changes beside it.
        """
        from gradproof.derive.derivation import derive

        d = self.derivation
        without = tuple(a.name for a in d.system.assumptions)
        first = derive(d.system, d.of, d.wrt, without=without) if without else d
        gradients = tuple(first.gradients[w].name for w in d.wrt)
        second = derive(first.joint, gradients, (*d.wrt, *self.seeds.values()))
        return self._made(second, "fused", f"{self.name}_twice"), second

    def second_kernel(self) -> Kernel:
        """Return the kernel of the gradient's gradient.

        Raises:
            InputError: there is none; the message says why.
        """
        return self._second[0]

    def _call(self, kernel: Kernel, values: Mapping[str, Any], results: Mapping[str, str], options: Options) -> Arrays:
        """Return some results of a kernel by other names; `out`, among the options, has these names too."""
        known, options = {**self.given, **values}, dict(options)
        if "out" in options:
            options["out"] = {results[n]: array for n, array in options["out"].items()}
        found = kernel(**{n: known[n] for n in kernel.unit.parameters}, **options)
        return {n: found[result] for n, result in results.items()}

    # ---------------------------------------------------------------- the three passes

    def forward(self, values: Mapping[str, Any], options: Options = _NONE) -> Arrays:
        """Return the outputs, and what the backward pass reads; `options` are those of a kernel's call."""
        return self._call(self.forward_kernel, values, {n: n for n in (*self.outputs, *self.saved)}, options)

    def backward(self, values: Mapping[str, Any], wrt: tuple[str, ...], options: Options = _NONE) -> Arrays:
        """Return {input: gradient} from inputs, saved values and cotangents by their names."""
        results = {w: self.derivation.gradients[w].name for w in wrt}
        return self._call(self._backward_kernel(wrt), values, results, options)

    def twice(self, values: Mapping[str, Any], cotangents: Mapping[str, Any], options: Options = _NONE) -> Arrays:
        """Return the gradient of sum(cotangents * gradients): {input or cotangent: array}.

        Args:
            values: inputs, and cotangents of the outputs by their names.
            cotangents: {input: array of its shape} for each of `wrt`.
            options: of the kernel's call.

        Raises:
            InputError: there is no such derivative, or no kernel of it; the message says why.
        """
        kernel, second = self._second
        seeds = {f"d_{self.derivation.gradients[w].name}": a for w, a in cotangents.items()}
        return self._call(kernel, {**values, **seeds}, {w: second.gradients[w].name for w in second.wrt}, options)

    # ---------------------------------------------------------------- shapes

    def shapes(self, given: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        """Return the shapes of outputs, saved values and inputs, from those of the inputs.

        Raises:
            ValueError: the shapes do not fit each other; the message says which.
        """
        system, sizes = self.derivation.system, dict(self.given)
        for name, shape in given.items():
            if len(shape) != self.rank(name):
                raise ValueError(f"{name} has shape {shape}, expected {self.rank(name)} axes: [{self._axes(name)}]")
        for b in bind_sizes(self.forward_kernel.program).bound:
            known = {s: sizes[s.name] for s in size_symbols(b.rest)}
            if b.tensor in given:
                sizes.setdefault(b.size.name, b.factor * (given[b.tensor][b.axis] - int(b.rest.subs(known))))
        for name, shape in given.items():
            expected = _numbers(system[name].shape, sizes)
            if shape != expected:
                raise ValueError(f"{name} has shape {shape}, expected {expected}: [{self._axes(name)}]")
        wanted = dict.fromkeys((*self.inputs, *self.outputs, *self.saved))
        return {n: _numbers(system[n].shape, sizes) for n in wanted}

    def _axes(self, name: str) -> str:
        return ", ".join(map(str, self.derivation.system[name].shape))


def _numbers(shape: tuple[Expr, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(int(n.subs({s: sizes[s.name] for s in size_symbols(n)})) for n in shape)


def pair_of(kernel: Kernel, verb: str, given: Mapping[str, int]) -> Pair:
    """Return the pair that a kernel stands for.

    Args:
        kernel: made of a derivation.
        verb: "torch" or "jax", for the message.
        given: sizes that no shape gives.

    Raises:
        InputError: the kernel is not of a derivation. TypeError: a size is missing or unknown.
        NotYet: unknown functions, or several outputs with a number among them.
    """
    derivation = kernel.derivation
    if derivation is None:
        raise InputError(
            f"the kernel {kernel.name} has no backward pass: it is made of a system",
            hint=f"gp.kernel(gp.derive(system)).{verb}() has both passes",
        )
    pair = Pair(derivation, kernel.target, kernel.dtype, given, kernel.fast)
    if pair.forward_kernel.functions:
        raise NotYet(f"a {verb} function of a system with unknown functions")
    if len(pair.outputs) > 1 and len(pair.seeds) < len(pair.outputs):
        numbers = ", ".join(y for y in pair.outputs if y not in pair.seeds)
        raise NotYet(f"a {verb} function with several outputs, of which {numbers} is a number", expected="one output")
    _check_sizes(pair, verb)
    return pair


def _check_sizes(pair: Pair, verb: str) -> None:
    kernels = (pair.forward_kernel, pair._backward_kernel(pair.wrt))  # noqa: SLF001  (of this module)
    arrays = {n for k in kernels for n in k.inputs}
    asked = tuple(dict.fromkeys(n for k in kernels for n in k.unit.parameters if n not in arrays))
    example = ", ".join(f"{n}=1" for n in asked)
    if missing := [n for n in asked if n not in pair.given]:
        raise TypeError(f"{verb}() needs {', '.join(missing)}, which no shape gives: {verb}({example})")
    if unknown := [n for n in pair.given if n not in asked]:
        raise TypeError(f"{verb}() has no size {', '.join(unknown)}; expected: {', '.join(asked) or 'nothing'}")
