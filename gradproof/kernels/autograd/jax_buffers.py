"""Kernels on the memory of JAX's device: XLA hands over its buffers and its stream, and nothing goes by the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

#: XLA calls from several threads of the host, and numba's simulator knows one launch.
_ONE_AT_A_TIME = Lock()
Arrays = dict[str, Any]
Callback = Callable[..., None]


def on_buffers(callback: Callback, results: Mapping[str, Any], given: tuple[Arrays, ...]) -> Arrays:
    """Return {name: array} that the callback has written; it runs under jit too, where XLA's stream gets to it.

    Raises:
        NotImplementedError: this JAX is too old.
    """
    try:
        from jax.experimental.buffer_callback import buffer_callback
    except ImportError:
        raise NotImplementedError(
            "k.jax() of a kernel for CUDA needs jax.experimental.buffer_callback, by which JAX hands over the device's "
            f"memory, and JAX {jax.__version__} has none: pip install -U jax"
        ) from None
    half = {n for n, r in results.items() if r.dtype == jnp.bfloat16}
    held = {n: jax.ShapeDtypeStruct(r.shape, jnp.uint16 if n in half else r.dtype) for n, r in results.items()}
    bits = tuple({n: _cast(a, jnp.bfloat16, jnp.uint16) for n, a in one.items()} for one in given)
    found = buffer_callback(callback, held, vmap_method="sequential")(*bits)
    return {n: _cast(a, jnp.uint16, jnp.bfloat16) if n in half else a for n, a in found.items()}


def _cast(array: Any, before: Any, after: Any) -> Any:
    """Return bfloat16 as its bits, or the other way round; what is of another type as it is."""
    return jax.lax.bitcast_convert_type(array, after) if array.dtype == before else array


def callback_of(run: Callable[..., Arrays]) -> Callback:
    """Return a pass of a pair, `run(values, ..., options={})`, as a function (context, buffers to write, buffers)."""
    from gradproof.kernels.cuda.simulation import is_simulated

    called = _simulated if is_simulated() else _called

    def callback(context: Any, out: Arrays, *given: Arrays) -> None:
        called(run, context, out, given)

    return callback


def _called(run: Callable[..., Arrays], context: Any, out: Arrays, given: tuple[Arrays, ...]) -> None:
    run(*({n: _on_device(n, a, context) for n, a in one.items()} for one in given),
        options={"stream": context.stream, "out": out})  # fmt: skip


def _on_device(name: str, buffer: Any, context: Any) -> Any:
    """Return a buffer as it is, but a number as one of the host: it goes with the launch, and has to be waited for."""
    from numba import cuda

    if not hasattr(buffer, "__cuda_array_interface__"):
        raise TypeError(f"JAX has {name} on the CPU, and the kernel runs on a GPU: put it there with jax.device_put")
    if buffer.shape:
        return buffer
    stream = cuda.external_stream(context.stream) if context.stream else cuda.default_stream()
    number = cuda.as_cuda_array(buffer, sync=False).copy_to_host(stream=stream)
    stream.synchronize()
    return number.item()


def _simulated(run: Callable[..., Arrays], context: Any, out: Arrays, given: tuple[Arrays, ...]) -> None:  # noqa: ARG001
    """Run on copies: numba's simulator has arrays of its own."""
    from numba import cuda

    def copy(buffer: Any) -> Any:
        array = np.asarray(buffer)
        return cuda.to_device(array) if array.ndim else array.item()

    with _ONE_AT_A_TIME:
        found = run(*({n: copy(a) for n, a in one.items()} for one in given), options={})
    for n, buffer in out.items():
        np.asarray(buffer)[...] = found[n].copy_to_host()
