"""JAX: the forward pass in jax.numpy and its vjp, in one compiled function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradproof.bench.case import Case
from gradproof.bench.peers.tables import function_for
from gradproof.bench.peers.with_torch import wrt_of
from gradproof.bench.runner import Arrays, Forward, Runner, chosen


def runner(kind: str, case: Case, inputs: Arrays) -> Runner | None:  # noqa: ARG001  (every peer has this signature)
    """Return how JAX runs a case, None where it is not written for it."""
    import jax

    # One worker serves both types; without this JAX would turn float64 into float32.
    jax.config.update("jax_enable_x64", True)
    found = function_for(case, "by_jax", "FORWARD")
    if found is None:
        return None
    arrays = {name: jax.numpy.asarray(a) for name, a in inputs.items()}
    if isinstance(found, Forward):
        return _of_forward(jax, found, case, arrays)
    step = jax.jit(partial(found, **chosen(found, case.sizes)))
    return Runner(lambda: jax.block_until_ready(step(**arrays)), _arrays)


def _of_forward(jax: Any, peer: Forward, case: Case, arrays: dict[str, Any]) -> Runner:
    cotangents = {name[2:]: a for name, a in arrays.items() if name.startswith("d_")}
    values = chosen(peer.function, peer.pack({n: a for n, a in arrays.items() if not n.startswith("d_")}))
    wrt = peer.wrt or wrt_of(case)
    both = jax.jit(_both(jax, partial(peer.function, **chosen(peer.function, case.sizes))))
    leaves = {name: values[name] for name in wrt}
    fixed = {name: a for name, a in values.items() if name not in wrt}
    return Runner(lambda: jax.block_until_ready(both(leaves, fixed, cotangents)), partial(_named, peer))


def _both(jax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def both(leaves: dict[str, Any], fixed: dict[str, Any], cotangents: dict[str, Any]) -> Any:
        outputs, pull = jax.vjp(lambda t: function(**t, **fixed), leaves)
        seeds = {name: cotangents.get(name, jax.numpy.ones_like(y)) for name, y in outputs.items()}
        return outputs, pull(seeds)[0]

    return both


def _named(peer: Forward, found: Any) -> Arrays:
    outputs, gradients = found
    return {**_arrays(outputs), **{f"d_{name}": a for name, a in _arrays(peer.unpack(gradients)).items()}}


def _arrays(values: dict[str, Any]) -> Arrays:
    return {name: np.asarray(a) for name, a in values.items()}
