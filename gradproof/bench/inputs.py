"""Arrays for a kernel's inputs: seeded, of moderate size, and the same for every peer."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradproof.bench.case import Case

if TYPE_CHECKING:
    from sympy import Expr

    from gradproof.bench.runner import Array, Arrays
    from gradproof.derive.model import Tensor

#: Scalars that come in, by the names that the literature gives them; any other is drawn from [0.5, 1.5].
SCALARS: dict[str, float] = {
    "eps": 1e-5,
    "alpha": 1e-3,
    "lam": 1e-2,
    "mu": 0.9,
    "beta1": 0.9,
    "beta2": 0.999,
    "step": 10.0,
}

#: Larger than the sums of normal numbers that a bias is added to.
_FAR = 8.0


def extent(e: Expr, sizes: Mapping[str, int]) -> int:
    """Return a size or an expression in sizes as a number."""
    from gradproof.derive.model import size_symbols

    return int(e.subs({s: sizes[s.name] for s in size_symbols(e)}))


def inputs_of(case: Case) -> Arrays:
    """Return {name: array} of everything that comes into the case's kernel, sizes left out.

    The recipe of an input is a number (the scale of a normal distribution, or a scalar's value), or one of "one-hot",
    "probabilities" (rows of positive numbers that sum to 1), "squares" (of normal numbers) and "far" (from 0, on both
    sides: as a bias it keeps what a relu gets away from its kink).
    """
    program = case.program
    return {name: _drawn(program.system[name], case) for name in program.inputs}


def _drawn(t: Tensor, case: Case) -> Array:
    rng = np.random.default_rng([case.seed, zlib.crc32(t.name.encode())])
    shape = tuple(extent(n, case.sizes) for n in t.shape)
    if t.bound is not None:
        return np.asarray(rng.integers(0, extent(t.bound, case.sizes), shape))
    recipe = case.recipe.get(t.name)
    if not shape:
        value = recipe if recipe is not None else SCALARS.get(t.name, rng.uniform(0.5, 1.5))
        return np.asarray(value, case.dtype)
    return np.asarray(_entries(rng, t, shape, recipe, case.dtype))


def _entries(rng: np.random.Generator, t: Tensor, shape: tuple[int, ...], recipe: Any, dtype: str) -> Array:
    if recipe == "one-hot":
        labels = rng.integers(0, shape[-1], shape[:-1])
        return np.asarray(labels[..., None] == np.arange(shape[-1]), dtype)
    if recipe == "probabilities":
        positive = rng.uniform(0.1, 1.0, shape)
        return np.asarray(positive / positive.sum(-1, keepdims=True), dtype)
    normal = _normal(rng, shape, dtype)
    if recipe == "squares":
        return np.square(normal)
    if recipe == "far":
        return normal + np.copysign(normal.dtype.type(_FAR), normal)
    # A matrix of weights as networks start with it: its products stay of the size of what comes in.
    scale = recipe if recipe is not None else max(shape) ** -0.5 if t.role == "param" and len(shape) > 1 else 1.0
    return normal if scale == 1.0 else np.multiply(normal, normal.dtype.type(scale))


def _normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    return rng.standard_normal(shape, np.float32) if dtype == "float32" else rng.standard_normal(shape, np.float64)
