"""The GPU: numba-cuda, NVIDIA's driver, the libraries that compile for it, and the devices."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gradproof.doctor.finding import Finding, absent, broken, found
from gradproof.doctor.packages import installed

_GROUP = "GPU"
_EXTRA = "pip install 'numba-cuda[cu13]' (or [cu12] for a driver of CUDA 12)"
#: What every CUDA kernel is compiled for in our tests; an old and a newer data-centre GPU.
_CAPABILITIES = ((8, 0), (9, 0))


def gpu() -> Iterator[Finding]:
    """Yield what there is for kernels on a GPU; each absence says what is lost by it."""
    told = installed("numba-cuda")
    if not told:
        yield absent(_GROUP, "numba-cuda", "not installed: no kernels for a GPU", "pip install 'gradproof[cuda]'")
        return
    yield found(_GROUP, "numba-cuda", told)
    yield _products()
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in {"", "0"}:
        yield found(_GROUP, "simulator", "NUMBA_ENABLE_CUDASIM is set: kernels run in numba's simulator, on the CPU")
        return
    yield _compiler()
    yield from _devices()


def _products() -> Finding:
    """Return who makes matrix products: modules choose in the same way, when they are loaded."""
    told = installed("nvmath-python")
    if not told:
        lost = "matrix products are made by a kernel of the module's, not by cuBLAS"
        return absent(_GROUP, "nvmath-python", f"not installed: {lost}", "pip install 'gradproof[cublas]'")
    try:
        from nvmath.bindings import cublas
    except Exception as error:  # noqa: BLE001  (it looks for NVIDIA's libraries, in many ways)
        return broken(_GROUP, "nvmath-python", f"cannot be loaded: {_first_line(error)}")
    return found(_GROUP, "nvmath-python", f"{told}: matrix products are made by cuBLAS ({cublas.__name__})")


def _compiler() -> Finding:
    """Compile a kernel of one line: that needs libNVVM and NVRTC, and no GPU."""
    try:
        names = [_compiled(cc) for cc in _CAPABILITIES]
    except Exception as error:  # noqa: BLE001  (the libraries fail in many ways; the first line tells)
        return absent(_GROUP, "compiler", f"does not work: {_first_line(error)}", _EXTRA)
    return found(_GROUP, "compiler", f"PTX for {' and '.join(names)}")


def _compiled(capability: tuple[int, int]) -> str:
    from numba import cuda, float32

    def doubled(x: Any) -> None:
        i = cuda.grid(1)
        if i < x.size:
            x[i] *= 2

    text, _ = cuda.compile_ptx(doubled, (float32[::1],), cc=capability)
    return str(next(line.split()[1] for line in text.splitlines() if line.startswith(".target")).rstrip(","))


def _devices() -> Iterator[Finding]:
    from numba import cuda

    try:
        usable = bool(cuda.is_available())
        why = "" if usable else _first_line(cuda.cuda_error() or "numba-cuda finds no usable GPU")
    except Exception as error:  # noqa: BLE001
        usable, why = False, _first_line(error)
    if not usable:
        lost = "kernels can be generated, compiled and run in the simulator, but on no GPU"
        yield absent(_GROUP, "driver", f"{why.rstrip('.')}: {lost}", "install NVIDIA's driver")
        return
    yield from _seen(cuda)


def _seen(cuda: Any) -> Iterator[Finding]:
    yield found(_GROUP, "driver", f"for CUDA {'.'.join(map(str, cuda.runtime.get_version()))}")
    for number, device in enumerate(cuda.list_devices()):
        yield _attempt(f"device {number}", partial(_about, cuda, device))


def _about(cuda: Any, device: Any) -> str:
    name = device.name.decode() if isinstance(device.name, bytes) else str(device.name)
    major, minor = device.compute_capability
    with cuda.gpus[device.id]:
        _, total = cuda.current_context().get_memory_info()
    return f"{name}, compute capability {major}.{minor}, {total / 2**30:.0f} GiB"


def _attempt(what: str, tell: Callable[[], str]) -> Finding:
    try:
        return found(_GROUP, what, tell())
    except Exception as error:  # noqa: BLE001
        return broken(_GROUP, what, f"cannot be used: {_first_line(error)}")


def _first_line(error: object) -> str:
    """Return the first line of a message that says something."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.endswith(":")), type(error).__name__)
