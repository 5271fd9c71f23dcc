"""JAX: functions of its arrays, custom_vjp and custom_jvp among them; judged with 64-bit numbers switched on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from gradproof.verify.frameworks.backend import Array, Function
from gradproof.verify.parameters import parameter_names
from gradproof.verify.precision import EPS, rounded


def backend(f: Any, inputs: Sequence[Any]) -> Jax | None:
    """Return JAX if it is loaded, and the function is its own or an input is its array."""
    jax = sys.modules.get("jax")
    if jax is None:
        return None
    kind = type(f)
    ours = kind.__module__.partition(".")[0] in ("jax", "jaxlib")
    return Jax(jax) if ours or any(isinstance(x, jax.Array) for x in inputs) else None


class Jax:
    """JAX as the judge needs it."""

    name = "jax"

    def __init__(self, jax: Any) -> None:
        self.jax = jax

    def function(self, f: Any, inputs: Sequence[Any]) -> tuple[Function, list[Any], list[str]]:
        """Return the function with its inputs and their names."""
        return f, list(inputs), parameter_names(f, len(inputs))

    def session(self, given: Sequence[Any]) -> AbstractContextManager[None]:
        """Return what is entered while a function is judged: nothing."""
        return nullcontext()

    # ------------------------------------------------------------ numbers in and out

    def _is_array(self, x: Any) -> bool:
        return isinstance(x, self.jax.Array | np.ndarray)

    def _is_real(self, x: Any) -> bool:
        return self._is_array(x) and bool(self.jax.numpy.issubdtype(x.dtype, self.jax.numpy.floating))

    def precision(self, x: Any) -> float:
        """Return the unit of roundoff of a real input, 0 for any other."""
        if self._is_real(x):
            return float(self.jax.numpy.finfo(x.dtype).eps)
        return EPS if isinstance(x, float) else 0.0

    def array(self, x: Any) -> Any:
        """Return JAX's array as NumPy's, real ones in float64."""
        if not self._is_array(x):
            return x
        return np.asarray(x).astype(np.float64) if self._is_real(x) else np.asarray(x)

    def _own(self, x: Any) -> Array:
        """Return a result as an array of its own type, or with a note of it in float64: its rounding is to be known."""
        array = np.asarray(x)
        if array.dtype in (np.float64, np.float32, np.float16) or not self._is_real(x):
            return array if array.dtype.kind == "f" else array.astype(np.float64)
        return rounded(array.astype(np.float64), self.precision(x), str(x.dtype))

    def _arrays(self, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> list[Any]:
        out = []
        for x, like in zip(inputs, given, strict=True):
            if not self._is_array(like):
                out.append(x)
            elif wide and self._is_real(like):
                out.append(self.jax.numpy.asarray(np.asarray(x), dtype=np.float64))
            else:
                out.append(self.jax.numpy.asarray(np.asarray(x)).astype(like.dtype))
        return out

    def _flat(self, found: Any) -> Any:
        """Return the output; several end to end."""
        if not isinstance(found, dict | tuple | list):
            return found
        leaves = [leaf for leaf in self.jax.tree_util.tree_leaves(found) if self._is_real(leaf)]
        return self.jax.numpy.concatenate([self.jax.numpy.ravel(leaf) for leaf in leaves])

    # ------------------------------------------------------------ derivatives

    def value(self, f: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Array:
        """Return f's value as one array."""
        with self.jax.enable_x64(wide):
            return self._own(self._flat(f(*self._arrays(inputs, given, wide))))

    def pullback(
        self, f: Function, inputs: Sequence[Any], given: Sequence[Any], cotangent: Array | None, wide: bool
    ) -> list[Any]:
        """Return JAX's gradient for each real input."""
        with self.jax.enable_x64(wide):
            arrays = self._arrays(inputs, given, wide)
            return self._spread(arrays, given, *self._pulled(self._of_real(f, arrays, given), arrays, given, cotangent))

    def second(
        self,
        f: Function,
        inputs: Sequence[Any],
        given: Sequence[Any],
        fixed: Array,
        cotangent: Array | None,
        *,
        wide: bool,
    ) -> Any:
        """Return all gradients of `fixed . f` end to end; with a cotangent, the pullback of that."""
        with self.jax.enable_x64(wide):
            arrays = self._arrays(inputs, given, wide)
            of_real = self._of_real(f, arrays, given)

            def first(*real: Any) -> Any:
                out, pull = self.jax.vjp(of_real, *real)
                seed = self.jax.numpy.asarray(fixed, dtype=out.dtype).reshape(out.shape)
                return self.jax.numpy.concatenate([self.jax.numpy.ravel(g) for g in pull(seed)])

            if cotangent is None:
                real = [a for a, like in zip(arrays, given, strict=True) if self._is_real(like)]
                return np.asarray(first(*real)).astype(np.float64)
            return tuple(self._spread(arrays, given, *self._pulled(first, arrays, given, cotangent)))

    def _of_real(self, f: Function, arrays: Sequence[Any], given: Sequence[Any]) -> Function:
        """Return f as a function of its real arrays alone."""

        def of_real(*real: Any) -> Any:
            rest = iter(real)
            return self._flat(f(*(next(rest) if self._is_real(g) else a for a, g in zip(arrays, given, strict=True))))

        return of_real

    def _pulled(self, f: Function, arrays: Sequence[Any], given: Sequence[Any], cotangent: Any) -> tuple[Any, ...]:
        real = [a for a, like in zip(arrays, given, strict=True) if self._is_real(like)]
        out, pull = self.jax.vjp(f, *real)
        return tuple(pull(self.jax.numpy.asarray(cotangent, dtype=out.dtype).reshape(out.shape)))

    def _spread(self, arrays: Sequence[Any], given: Sequence[Any], *found: Any) -> list[Any]:
        rest = iter(found)
        return [self._own(next(rest)) if self._is_real(g) else None for g in given[: len(arrays)]]

    def called(self, function: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Any:
        """Return what a function of JAX's arrays returns, as NumPy's."""
        with self.jax.enable_x64(wide):
            return self.jax.tree_util.tree_map(self.array, function(*self._arrays(inputs, given, wide)))
