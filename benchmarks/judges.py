"""Other tools' gradient checks, each called with its defaults on functions and gradients written in NumPy.

An adapter takes a `Question` and returns "right" or "wrong"; where the tool tells which entries differ, a mask of
those beside it. The user's functions run unchanged in all of them: torch calls them in an `autograd.Function`, JAX
through `pure_callback` in a `custom_vjp`, autograd as a `primitive` with `defvjp`; scipy and numdifftools take the
inputs as one flat vector. What a tool has no default for stands beside its adapter.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
#: numdifftools is not asked about more entries.
MOST = 2000
Answer = tuple[str, list[Array] | None]


@dataclass(frozen=True)
class Question:
    """A function and a gradient of it, all of floating arrays.

    Attributes:
        f: from the inputs that are differentiated to an array.
        vjp: from a cotangent and those inputs to a list of gradients.
        inputs: where.
    """

    f: Callable[..., Any]
    vjp: Callable[..., list[Array]]
    inputs: Sequence[Array]

    def flat(self) -> tuple[Callable[[Array], float], Callable[[Array], Array], Array]:
        """Return f, its gradient and the point for one flat vector; the sum of f's entries, all weighed by 1."""
        sizes = np.cumsum([a.size for a in self.inputs])[:-1]

        def parts(x: Array) -> list[Array]:
            return [p.reshape(a.shape) for p, a in zip(np.split(x, sizes), self.inputs, strict=True)]

        def f(x: Array) -> float:
            return float(np.sum(self.f(*parts(x))))

        def grad(x: Array) -> Array:
            ones = np.ones(np.shape(self.f(*parts(x))))
            return np.concatenate([np.reshape(g, -1) for g in self.vjp(ones, *parts(x))])

        return f, grad, np.concatenate([np.reshape(a, -1) for a in self.inputs])


def torch_gradcheck(q: Question) -> Answer:
    """`torch.autograd.gradcheck(f, inputs)`: eps 1e-6, atol 1e-5, rtol 1e-3."""
    import torch

    # The function gradcheck hides the module of its name, and the error stands there.
    objection = import_module("torch.autograd.gradcheck").GradcheckError

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *inputs: Any) -> Any:
            ctx.save_for_backward(*inputs)
            return torch.as_tensor(np.array(q.f(*(a.numpy().copy() for a in inputs)), dtype=float))

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            arrays = [a.detach().numpy().copy() for a in ctx.saved_tensors]
            found = q.vjp(cotangents[0].numpy().copy(), *arrays)
            return tuple(torch.as_tensor(np.array(g, dtype=float)) for g in found)

    inputs = tuple(torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in q.inputs)
    try:
        torch.autograd.gradcheck(Function.apply, inputs)
    except objection:
        return "wrong", None
    return "right", None


def jax_check_grads(q: Question) -> Answer:
    """`jax.test_util.check_grads(f, inputs, order=1, modes="rev")`, in double precision; order has no default."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    result = jax.ShapeDtypeStruct(np.shape(q.f(*(a.copy() for a in q.inputs))), np.float64)
    shapes = [jax.ShapeDtypeStruct(a.shape, np.float64) for a in q.inputs]

    def value(*inputs: Any) -> Any:
        return np.asarray(q.f(*(np.array(a) for a in inputs)), dtype=float)

    def pulled(g: Any, *inputs: Any) -> Any:
        return [np.asarray(d, dtype=float) for d in q.vjp(np.array(g), *(np.array(a) for a in inputs))]

    f = jax.custom_vjp(lambda *inputs: jax.pure_callback(value, result, *inputs))
    f.defvjp(
        lambda *inputs: (f(*inputs), inputs), lambda inputs, g: tuple(jax.pure_callback(pulled, shapes, g, *inputs))
    )
    try:
        check_grads(f, tuple(q.inputs), order=1, modes="rev")
    except AssertionError:
        return "wrong", None
    return "right", None


def autograd_check_grads(q: Question) -> Answer:
    """`autograd.test_util.check_grads(f, modes=["rev"], order=1)`: a primitive's vjp has no derivatives of its own."""
    import autograd.numpy.random
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    autograd.numpy.random.seed(0)
    f = primitive(lambda *inputs: np.asarray(q.f(*(np.array(a) for a in inputs)), dtype=float)[()])

    def maker(k: int) -> Any:
        return lambda _, *inputs: lambda g: q.vjp(np.array(g), *(np.array(a) for a in inputs))[k]

    defvjp(f, *(maker(k) for k in range(len(q.inputs))))
    try:
        check_grads(f, modes=["rev"], order=1)(*(a[()] for a in q.inputs))
    except AssertionError:
        return "wrong", None
    return "right", None


def scipy_check_grad(q: Question) -> Answer:
    """`scipy.optimize.check_grad(f, grad, x)` below 1e-5: it returns an error and leaves the bound to the user."""
    from scipy.optimize import check_grad

    f, grad, x = q.flat()
    return "right" if check_grad(f, grad, x) < 1e-5 else "wrong", None


def numdifftools_gradient(q: Question) -> Answer:
    """`np.allclose(grad(x), numdifftools.Gradient(f)(x))`: the comparison is the user's, with NumPy's defaults.

    Beyond MOST entries it is not tried: it forms arrays of n x n.
    """
    import numdifftools

    f, grad, x = q.flat()
    if x.size > MOST:
        raise MemoryError(f"{x.size} entries")
    close = np.isclose(grad(x), np.reshape(numdifftools.Gradient(f)(x), -1))
    sizes = np.cumsum([a.size for a in q.inputs])[:-1]
    masks = [~p.reshape(a.shape) for p, a in zip(np.split(close, sizes), q.inputs, strict=True)]
    return "right" if np.all(close) else "wrong", masks


#: By the package's name: how the tool is called in the table, and its adapter.
TOOLS: dict[str, tuple[str, Callable[[Question], Answer]]] = {
    "torch": ("torch gradcheck", torch_gradcheck),
    "jax": ("JAX check_grads", jax_check_grads),
    "scipy": ("scipy check_grad", scipy_check_grad),
    "numdifftools": ("numdifftools", numdifftools_gradient),
    "autograd": ("autograd check_grads", autograd_check_grads),
}


def asked(tool: Callable[[Question], Answer], question: Question) -> Answer:
    """Return the tool's answer; "error: ..." where it raised something that is no verdict."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return tool(question)
        except Exception as error:  # noqa: BLE001 - whatever a tool does is its answer
            return f"error: {type(error).__name__}: {error}", None
