"""SymPy's own diff and JAX's tracing of a gradient, timed on fixed small sizes.

`python -m benchmarks.others CASE LIBRARY` prints the seconds that the differentiation takes, of the clock and of the
processor, the building of the forward expression left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

SOFTMAX = """
given z[m,C], y[m,C]
p[i,c] = exp(z[i,c])/(sum[k] exp(z[i,k]))
L = -1/m*sum[i,c] y[i,c]*log(p[i,c])
"""
RECURRENT = """
given x[T,D], y[K]
param W[D,K], U[K,K], b[K], h0[K]
start h[-1,k] = h0[k]
h[t,k] = tanh(sum[d] x[t,d]*W[d,k] + (sum[j] h[t-1,j]*U[j,k]) + b[k])
L = sum[k] (h[T-1,k] - y[k])**2
"""


#: Seconds of the clock and of the processor.
Times = tuple[float, float]


def unrolled(depth: int) -> str:
    """Return a tanh network of that many layers, each with weights and sizes of its own, and its squared error."""
    layers = range(1, depth + 1)
    lines = [f"given h0[m,d0], y[m,d{depth}]"]
    lines += [f"param W{n}[d{n - 1},d{n}], b{n}[d{n}]" for n in layers]
    lines += [f"h{n}[i,j] = tanh(sum[k] h{n - 1}[i,k]*W{n}[k,j] + b{n}[j])" for n in layers]
    return "\n".join([*lines, f"L = 1/m*sum[i,j] (h{depth}[i,j] - y[i,j])**2"])


@dataclass(frozen=True, slots=True)
class Case:
    """A system, and for each library beside it the function that differentiates it and returns both times."""

    text: str
    libraries: dict[str, Callable[[], Times]]


def _timed(work: Callable[[], object]) -> Times:
    begun, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - worked


def _symbols(name: str, *sizes: int) -> dict[Any, Any]:
    import sympy as sp

    keys = [k if len(sizes) > 1 else k[0] for k in product(*map(range, sizes))]
    return {k: sp.Symbol(name + "".join(map(str, k if isinstance(k, tuple) else (k,))), real=True) for k in keys}


def _softmax_sympy(m: int = 2, classes: int = 4) -> Times:
    import sympy as sp

    z, y = _symbols("z", m, classes), _symbols("y", m, classes)
    below = [sum(sp.exp(z[i, c]) for c in range(classes)) for i in range(m)]
    loss = -sum(y[i, c] * sp.log(sp.exp(z[i, c]) / below[i]) for i, c in z) / m
    return _timed(lambda: [loss.diff(s) for s in z.values()])


def _recurrent_sympy(steps: int = 3, width: int = 2) -> Times:
    import sympy as sp

    axis = range(width)
    x, w, u = _symbols("x", steps, width), _symbols("w", width, width), _symbols("u", width, width)
    b, h, y = _symbols("b", width), _symbols("h", width), _symbols("y", width)
    weights = [*w.values(), *u.values(), *b.values(), *h.values()]
    for t in range(steps):
        inner = {k: sum(x[t, d] * w[d, k] for d in axis) + sum(h[j] * u[j, k] for j in axis) + b[k] for k in axis}
        h = {k: sp.tanh(e) for k, e in inner.items()}
    loss = sum((h[k] - y[k]) ** 2 for k in axis)
    return _timed(lambda: [loss.diff(s) for s in weights])


def _softmax_jax(m: int = 2, classes: int = 4) -> Times:
    import jax
    import jax.numpy as jnp

    z, y = jnp.ones((m, classes)), jnp.ones((m, classes))

    def loss(z: Any) -> Any:
        p = jnp.exp(z) / jnp.exp(z).sum(1, keepdims=True)
        return -(y * jnp.log(p)).sum() / m

    return _timed(lambda: jax.make_jaxpr(jax.grad(loss))(z))


def _recurrent_jax(steps: int = 3, width: int = 2) -> Times:
    import jax
    import jax.numpy as jnp

    x, y = jnp.ones((steps, width)), jnp.ones(width)
    weights = (jnp.ones((width, width)), jnp.ones((width, width)), jnp.ones(width), jnp.ones(width))

    def loss(weights: Any) -> Any:
        w, u, b, h = weights
        for t in range(steps):
            h = jnp.tanh(x[t] @ w + h @ u + b)
        return ((h - y) ** 2).sum()

    return _timed(lambda: jax.make_jaxpr(jax.grad(loss))(weights))


def _deep_jax(depth: int = 48, m: int = 2, width: int = 2) -> Times:
    import jax
    import jax.numpy as jnp

    weights = [(jnp.ones((width, width)), jnp.ones(width))] * depth
    x = jnp.ones((m, width))

    def loss(weights: Any) -> Any:
        h = x
        for w, b in weights:
            h = jnp.tanh(h @ w + b)
        return ((h - x) ** 2).sum() / m

    return _timed(lambda: jax.make_jaxpr(jax.grad(loss))(weights))


CASES = {
    "softmax cross-entropy (2 x 4 beside it)": Case(SOFTMAX, {"sympy": _softmax_sympy, "jax": _softmax_jax}),
    "recurrent network (3 steps of width 2 beside it)": Case(
        RECURRENT, {"sympy": _recurrent_sympy, "jax": _recurrent_jax}
    ),
    "tanh network of 48 layers (2 x 2 beside it)": Case(unrolled(48), {"jax": _deep_jax}),
}

if __name__ == "__main__":
    print(*CASES[sys.argv[1]].libraries[sys.argv[2]]())
