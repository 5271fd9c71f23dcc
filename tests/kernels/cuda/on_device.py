"""Run as a program: kernels on odd places of memory, on streams, again and again, and on huge arrays.

Runs on a device, or in numba's simulator with NUMBA_ENABLE_CUDASIM=1, on small arrays.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numba import cuda

import gradproof as gp
from gradproof.kernels import Kernel
from gradproof.kernels.cuda.module import is_simulated
from gradproof.loading import load

ROWS, COLUMNS = (5, 7) if is_simulated() else (1021, 1537)
#: What sums over rows, over columns, over both, what adds at labels, and what multiplies matrices.
REPEATED = ("softmax_cross_entropy", "layer_norm", "batch_norm", "embedding", "dense")


def _kernel(name: str) -> Kernel:
    return gp.kernel(gp.derive(load(name)), target="cuda")


def _given(k: Kernel, seed: int) -> dict[str, Any]:
    """Return inputs on the host, of sizes that nothing divides."""
    rng, system = np.random.default_rng(seed), k.program.system
    sizes = {s: (ROWS, COLUMNS)[n % 2] for n, s in enumerate(system.sizes)}
    found: dict[str, Any] = {}
    for name in k.program.inputs:
        t = system[name]
        shape = tuple(int(e.subs(sizes)) for e in t.shape)
        labels = t.bound is not None
        found[name] = rng.integers(0, int(t.bound.subs(sizes)), shape) if labels else rng.normal(size=shape)
        found[name] = np.asarray(found[name], np.int64 if labels else np.float32)
    return found


def _on_device(given: dict[str, Any]) -> dict[str, Any]:
    return {n: cuda.to_device(a) if a.ndim else float(a) for n, a in given.items()}


def _host(found: dict[str, Any]) -> dict[str, Any]:
    return {n: a.copy_to_host() for n, a in found.items()}


def _same(first: dict[str, Any], second: dict[str, Any], what: str) -> None:
    for name, array in first.items():
        assert array.tobytes() == second[name].tobytes(), f"{what}: {name} differs"


def _shifted(array: Any, by: int) -> Any:
    """Return the array on the device, beginning so many elements after an allocation does."""
    room = cuda.to_device(np.concatenate([np.zeros(by, array.dtype), array.reshape(-1)]))
    return room[by:].reshape(array.shape)


def views() -> None:
    """Arrays that begin one, two and three elements after an allocation give the same bits."""
    for name in ("sigmoid", "softmax_cross_entropy", "layer_norm", "dense"):
        k = _kernel(name)
        given = _given(k, 1)
        expected = _host(k(**_on_device(given)))
        for by in (1, 2, 3):
            moved = {n: _shifted(a, by) if a.ndim else float(a) for n, a in given.items()}
            out = {n: _shifted(a, by) for n, a in expected.items() if a.ndim}
            _same(expected, _host(k(**moved, out=out)), f"{name} shifted by {by}")


def streams() -> None:
    """Calls on two streams at once give what calls one after the other give."""
    k = _kernel("softmax_cross_entropy")
    given = [_given(k, seed) for seed in (1, 2)]
    expected = [_host(k(**_on_device(g))) for g in given]
    arrays, queues = [_on_device(g) for g in given], [cuda.stream(), cuda.stream()]
    cuda.synchronize()
    for _ in range(3):
        found = [k(**a, stream=s) for a, s in zip(arrays, queues, strict=True)]
        for queue in queues:
            queue.synchronize()
        for one, other in zip(expected, found, strict=True):
            _same(one, _host(other), "streams")


def repeats() -> None:
    """Ten runs of each kernel give the same bits."""
    for name in REPEATED:
        k = _kernel(name)
        arrays = _on_device(_given(k, 3))
        first = _host(k(**arrays))
        for _ in range(2 if is_simulated() else 10):
            _same(first, _host(k(**arrays)), name)


def large() -> str:
    """More than 2**31 elements: the ends and the places around 2**31 are right; says what is missing where it is."""
    count = 13 if is_simulated() else 2**31 + 257
    needed = 4 * count * 4 + (1 << 30)
    if not is_simulated() and cuda.current_context().get_memory_info()[0] < needed:
        return f"skipped: needs {needed >> 30} GiB of free memory on the device"
    k = _kernel("sigmoid")
    z, d_a = (cuda.device_array(count, np.float32) for _ in range(2))
    places = [slice(0, 5), slice(count // 2 - 3, count // 2 + 3), slice(count - 260 if count > 260 else 6, count)]
    rng = np.random.default_rng(4)
    for p in places:
        for array in (z, d_a):
            array[p].copy_to_device(rng.normal(size=array[p].shape).astype(np.float32))
    found = k(z=z, d_a=d_a)
    for p in places:
        a = 1 / (1 + np.exp(-z[p].copy_to_host().astype(float)))
        np.testing.assert_allclose(found["a"][p].copy_to_host(), a, rtol=1e-6)
        np.testing.assert_allclose(found["d_z"][p].copy_to_host(), d_a[p].copy_to_host() * a * (1 - a), rtol=1e-5)
    return "ok"


def main(names: list[str]) -> None:
    """Run the checks named, and say for each how it went."""
    checks = {"views": views, "streams": streams, "repeats": repeats, "large": large}
    for name in names:
        sys.stdout.write(f"{name} {checks[name]() or 'ok'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
