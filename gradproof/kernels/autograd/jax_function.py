"""A pair of kernels as a jax.custom_vjp function: it runs under jit and grad, through a callback."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from jax.custom_derivatives import SymbolicZero

from gradproof.errors import InputError
from gradproof.kernels.autograd.jax_buffers import callback_of, on_buffers
from gradproof.kernels.autograd.pair import Pair

Arrays = dict[str, Any]


def jax_function(pair: Pair) -> Any:
    """Return a jax.custom_vjp function of the inputs, in the system's order."""
    whole = _Whole(pair)

    def run(*given: Any) -> Any:
        return _outputs(pair, whole(*given))

    def forward(*given: Any) -> Any:
        found, residual = whole.forward(*given)
        return _outputs(pair, found), residual

    def backward(residual: Any, cotangents: Any) -> Any:
        several = cotangents if len(pair.outputs) > 1 else (cotangents,)
        return whole.backward(residual, dict(zip(pair.outputs, several, strict=True)))

    function = jax.custom_vjp(run)
    function.defvjp(forward, backward, symbolic_zeros=True)
    function.__name__ = pair.name
    function.__doc__ = f"{pair.name}({', '.join(pair.inputs)}) -> {', '.join(pair.outputs)}"
    return function


class _Whole:
    """The function from inputs to outputs and saved values, with its rules.

    The forward rule calls the function, not the callback below it: JAX differentiates the rule for a second derivative.
    The saved values are functions of the inputs, to which every derivative is ascribed: theirs count as 0.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair, self.pulled = pair, _pullback(pair)
        self.function = jax.custom_vjp(self.run)
        self.function.defvjp(self.forward, self.backward, symbolic_zeros=True)

    def __call__(self, *given: Any) -> Arrays:
        found: Arrays = self.function(*given)
        return found

    def run(self, *given: Any) -> Arrays:
        return _forward(self.pair, _checked(self.pair, given))

    def forward(self, *given: Any) -> Any:
        pair = self.pair
        for name, x in zip(pair.inputs, given, strict=True):
            if x.perturbed and name not in pair.wrt and not pair.is_integer(name):
                raise TypeError(
                    f"the gradient for {name} is asked for, and the kernel has those of {', '.join(pair.wrt)} alone: "
                    f"derive it with wrt=[..., {name!r}], or pass jax.lax.stop_gradient({name})"
                )
        values = _checked(pair, tuple(x.value for x in given))
        found = self(*values.values())
        # What is needed is told by keys: they are known while JAX traces.
        needed = {n: None for n, x in zip(pair.inputs, given, strict=True) if x.perturbed and n in pair.wrt}
        return found, (values, {n: found[n] for n in pair.saved}, needed)

    def backward(self, residual: Any, cotangents: Arrays) -> Any:
        pair, (values, saved, needed) = self.pair, residual
        wrt = tuple(n for n in pair.wrt if n in needed)
        given = {y: _instantiated(cotangents[y]) for y in pair.outputs}
        found = self.pulled(wrt)(values, {d: given[y] for y, d in pair.seeds.items()}, saved)
        if not pair.seeds:
            found = {w: (g * given[pair.outputs[0]]).astype(g.dtype) for w, g in found.items()}
        return tuple(found.get(n) for n in pair.inputs)


def _instantiated(cotangent: Any) -> Any:
    zero = isinstance(cotangent, SymbolicZero)
    return jnp.zeros(cotangent.shape, cotangent.dtype) if zero else cotangent


def _outputs(pair: Pair, found: Arrays) -> Any:
    return found[pair.outputs[0]] if len(pair.outputs) == 1 else tuple(found[y] for y in pair.outputs)


def _checked(pair: Pair, given: tuple[Any, ...]) -> Arrays:
    """Return {name: array} of the inputs.

    Raises:
        TypeError: too many or too few, or one of another type. ValueError: of another shape.
    """
    if len(given) != len(pair.inputs):
        raise TypeError(f"{pair.name}() takes {len(pair.inputs)} arguments, not {len(given)}: {', '.join(pair.inputs)}")
    values = {n: _array(pair, n, x) for n, x in zip(pair.inputs, given, strict=True)}
    pair.shapes({n: tuple(x.shape) for n, x in values.items()})
    return values


def _array(pair: Pair, name: str, x: Any) -> Any:
    array = jnp.asarray(x)
    if pair.is_integer(name):
        if not jnp.issubdtype(array.dtype, jnp.integer):
            raise TypeError(f"{name} holds {array.dtype}, expected integers")
        return array
    if isinstance(x, int | float):
        return jnp.asarray(x, pair.kind(name))
    if str(array.dtype) != (expected := pair.kind(name)):
        wide = "" if expected != "float64" or jax.config.jax_enable_x64 else "switch jax_enable_x64 on, "
        raise TypeError(
            f"{name} holds {array.dtype}, expected {expected}: {wide}pass {name}.astype({expected!r}), "
            f"or make the kernel with dtype={str(array.dtype)!r}"
        )
    return array


def _forward(pair: Pair, values: Arrays) -> Arrays:
    shapes = pair.shapes({n: tuple(x.shape) for n, x in values.items()})
    wanted = dict.fromkeys((*pair.outputs, *pair.saved))
    return _called(pair, ("forward",), {n: shapes[n] for n in wanted}, values)


def _called(pair: Pair, role: tuple[str, ...], shapes: dict[str, tuple[int, ...]], *given: Arrays) -> Arrays:
    """Return what a pass of the pair gives, as arrays of these shapes."""
    if pair.target == "cuda":
        made = {n: jax.ShapeDtypeStruct(shape, pair.kind(n)) for n, shape in shapes.items()}
        return on_buffers(_on_device(pair, role), made, given)
    results = {n: jax.ShapeDtypeStruct(shape, pair.dtype) for n, shape in shapes.items()}
    found: Arrays = jax.pure_callback(_host(pair, role), results, *given, vmap_method="sequential")
    return found


def _pass(pair: Pair, role: tuple[str, ...]) -> Any:
    """Return a pass of the pair."""
    if role[0] == "backward":
        return lambda values, **options: pair.backward(values, role[1:], **options)
    return pair.forward if role[0] == "forward" else pair.twice


@lru_cache(256)
def _on_device(pair: Pair, role: tuple[str, ...]) -> Any:
    """Return the pass as one function of the device's memory, with JAX's stream."""
    return callback_of(_pass(pair, role))


@lru_cache(256)
def _host(pair: Pair, role: tuple[str, ...]) -> Any:
    """Return the pass as one function of NumPy arrays: JAX compiles anew for every function that it has not met."""
    run = _pass(pair, role)

    def host(*arrays: Arrays) -> Arrays:
        found = run(*({n: np.asarray(a) for n, a in one.items()} for one in arrays))
        return {n: np.asarray(a, pair.dtype) for n, a in found.items()}

    return host


def _pullback(pair: Pair) -> Any:
    """Return, for names, the function (inputs, cotangents, saved values) -> gradients; it has a vjp too."""

    @lru_cache(32)
    def pulled(wrt: tuple[str, ...]) -> Any:
        def run(values: Arrays, seeds: Arrays, saved: Arrays) -> Arrays:
            shapes = {w: values[w].shape for w in wrt}
            return _called(pair, ("backward", *wrt), shapes, {**values, **seeds, **saved})

        function = jax.custom_vjp(run)

        def forward(values: Arrays, seeds: Arrays, saved: Arrays) -> Any:
            return function(values, seeds, saved), (values, seeds, saved)

        def backward(residual: Any, cotangents: Arrays) -> Any:
            values, seeds, saved = residual
            given = {w: cotangents.get(w, jnp.zeros_like(values[w])) for w in pair.wrt}
            shapes = {n: a.shape for n, a in {**{w: values[w] for w in pair.wrt}, **seeds}.items()}
            _refuse_without_second(pair)
            found = _called(pair, ("twice",), shapes, {**values, **seeds}, given)
            # The saved values are functions of the inputs, to which all is ascribed.
            return {n: found.get(n) for n in values}, {n: found[n] for n in seeds}, dict.fromkeys(saved)

        function.defvjp(forward, backward)
        return function

    return pulled


def _refuse_without_second(pair: Pair) -> None:
    try:
        pair.second_kernel()
    except InputError as error:
        raise NotImplementedError(f"{pair.name} has no second derivative: {error}") from None
