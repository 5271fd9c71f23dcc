"""Kernels for CUDA on a device: with PyTorch and JAX, on streams, in captured graphs, past 2**31 entries.

Written where no device was at hand, so that a first run may find them wrong themselves.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import gradproof as gp
from gradproof.kernels import Kernel
from gradproof.loading import load

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _device() -> None:
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0"):
        pytest.skip("the simulator is no device")
    from numba import cuda

    if not cuda.is_available():
        pytest.skip("there is no GPU")


@pytest.fixture
def torch() -> Any:
    found = pytest.importorskip("torch")
    if not found.cuda.is_available():
        pytest.skip("this PyTorch sees no GPU")
    return found


def _kernel(name: str, **options: Any) -> Kernel:
    return gp.kernel(gp.derive(load(name)), target="cuda", **options)


def _loss(torch: Any, logits: Any, label: Any) -> Any:
    return torch.nn.functional.cross_entropy(logits, label)


def test_gradients_of_tensors(torch: Any) -> None:
    F = _kernel("softmax_cross_entropy_labels").torch()
    z, label = torch.randn(37, 101, device="cuda", requires_grad=True), torch.arange(37, device="cuda")
    other = z.detach().clone().requires_grad_()
    ours, theirs = F(z, label), _loss(torch, other, label)
    (2 * ours).backward()
    (2 * theirs).backward()
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(z.grad, other.grad)
    with pytest.raises(TypeError, match=r"z is on cpu.*pass z\.cuda\(\)"):
        F(z.detach().cpu(), label)
    with pytest.raises(ValueError, match="z is not contiguous"):
        F(z.detach()[:, ::2], label)


def test_work_is_queued_on_the_current_stream(torch: Any) -> None:
    """The input is not there yet when the function is called, on a stream that is kept busy."""
    F, stream = _kernel("sigmoid").torch(), torch.cuda.Stream()
    z = torch.zeros(1 << 20, device="cuda")
    F(z)
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(100_000_000)
        z.fill_(100.0)
        found = F(z)
        assert not stream.query()
    stream.synchronize()
    assert bool((found == 1).all())


def test_new_memory_is_all_the_callers(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from numba import cuda

    F = _kernel("lstm").torch()
    names = F.__doc__.split("(")[1].split(")")[0].split(", ")
    shapes = {"x": (5, 3, 4), "h0": (3, 6), "c0": (3, 6)}
    shapes |= {f"{m}_{g}": s for g in "ifgo" for m, s in (("W", (4, 6)), ("U", (6, 6)), ("b", (6,)))}
    given = [torch.randn(shapes[n], device="cuda", requires_grad=True) for n in names]
    monkeypatch.setattr(cuda, "device_array", None)
    y, _ = F(*given)
    y.sum().backward()
    assert all(t.grad is not None for t in given)


def test_a_call_can_be_captured_in_a_graph(torch: Any) -> None:
    from numba import cuda

    k = _kernel("softmax_cross_entropy_labels")
    z, label = torch.randn(64, 10, device="cuda"), torch.arange(64, device="cuda") % 10

    def call() -> dict[str, Any]:
        return k(z=z, label=label, stream=torch.cuda.current_stream(), empty=empty)

    def empty(shape: tuple[int, ...], kind: Any) -> Any:
        return torch.empty(shape, dtype=getattr(torch, np.dtype(kind).name), device="cuda")

    torch.cuda.synchronize()
    with torch.cuda.stream(torch.cuda.Stream()):
        call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with cuda.defer_cleanup(), torch.cuda.graph(graph):
        found = call()
    z.copy_(torch.randn(64, 10, device="cuda"))
    graph.replay()
    torch.cuda.synchronize()
    torch.testing.assert_close(torch.as_tensor(found["L"], device="cuda"), _loss(torch, z, label))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_tensors_in_half_precision(torch: Any, dtype: str) -> None:
    F, kind = _kernel("softmax_cross_entropy_labels", dtype=dtype).torch(), getattr(torch, dtype)
    z, label = torch.randn(37, 101, device="cuda").to(kind).requires_grad_(), torch.arange(37, device="cuda")
    other = z.detach().float().requires_grad_()
    ours, theirs = F(z, label), _loss(torch, other, label)
    (2 * ours).backward()
    (2 * theirs).backward()
    assert ours.dtype == torch.float32
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(z.grad, other.grad.to(kind))


def test_products_in_half_precision_by_cublas() -> None:
    pytest.importorskip("nvmath")
    from numba import cuda

    k, random = _kernel("dense", dtype="float16"), np.random.default_rng(0)
    shapes = {"X": (33, 17), "W": (17, 29), "b": (29,), "d_Z": (33, 29)}
    host = {n: random.normal(size=shapes[n]).astype(np.float16) for n in k.inputs}
    assert k.module.cublas is not None
    found = {n: a.copy_to_host() for n, a in k(**{n: cuda.to_device(a) for n, a in host.items()}).items()}
    x, w, b, d = (host[n].astype(float) for n in ("X", "W", "b", "d_Z"))
    for name, exact in {"Z": x @ w + b, "d_X": d @ w.T, "d_W": x.T @ d}.items():
        np.testing.assert_allclose(found[name], exact, rtol=2**-10, atol=2**-10, err_msg=name)


def test_products_by_cublas_and_by_the_own_kernel_agree() -> None:
    pytest.importorskip("nvmath")
    from numba import cuda

    k, random = _kernel("mlp", dtype="float64"), np.random.default_rng(0)
    shapes = {"X": (33, 17), "W1": (17, 29), "b1": (29,), "W2": (29, 5), "b2": (5,), "y": (33, 5)}
    given = {n: cuda.to_device(random.normal(size=shapes[n])) for n in k.inputs}
    assert k.module.cublas is not None
    found = [{n: a.copy_to_host() for n, a in k(**given).items()} for _ in range(2)]
    library, k.module.cublas = k.module.cublas, None
    own = {n: a.copy_to_host() for n, a in k(**given).items()}
    k.module.cublas = library
    for n, a in own.items():
        np.testing.assert_allclose(found[0][n], a, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(found[0][n], found[1][n])


def test_a_step_writes_over_its_parameter(torch: Any) -> None:
    step = _kernel("l2", what="update")
    w = torch.ones(1000, device="cuda")
    (new,) = step(w=w, lam=0.5, alpha=0.25, out={"w": w}).values()
    assert new is w
    torch.testing.assert_close(w, torch.full_like(w, 1 - 0.25 * 0.5))
    (found,) = step.each([{"w": w.reshape(10, 100), "out": {"w": w.reshape(10, 100)}}], lam=0.5, alpha=0.25)
    assert found["w"].shape == (10, 100)
    torch.testing.assert_close(w, torch.full_like(w, (1 - 0.25 * 0.5) ** 2))


def test_no_room_on_the_device() -> None:
    from numba import cuda

    k = gp.kernel(gp.system("given x[n], y[m]\nz[i,j] = x[i]*y[j]"), target="cuda")
    long = cuda.device_array(1 << 23, np.float32)
    with pytest.raises(MemoryError, match=r"the device has no \d+ bytes for an array of shape"):
        k(x=long, y=long)


def test_another_device_is_refused(torch: Any) -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("there is one GPU")
    with pytest.raises(ValueError, match="z is on device 1, not on 0"):
        _kernel("sigmoid", what="forward")(z=torch.zeros(5, device="cuda:1"))
    F, z = _kernel("sigmoid").torch(), torch.zeros(5, device="cuda:1", requires_grad=True)
    F(z).sum().backward()
    assert z.grad.device == z.device


def test_jax_hands_over_its_memory() -> None:
    jax = pytest.importorskip("jax")
    if jax.default_backend() != "gpu":
        pytest.skip("this JAX sees no GPU")
    jnp = jax.numpy
    F = _kernel("softmax_cross_entropy_labels").jax()
    z, label = jnp.asarray(np.random.default_rng(0).standard_normal((8, 5)), jnp.float32), jnp.arange(8) % 5

    def plain(z: Any) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(z), label[:, None], 1).mean()

    np.testing.assert_allclose(jax.jit(lambda z: F(z, label))(z), plain(z), rtol=1e-6)
    np.testing.assert_allclose(jax.jit(jax.grad(lambda z: F(z, label)))(z), jax.grad(plain)(z), rtol=1e-5, atol=1e-7)
