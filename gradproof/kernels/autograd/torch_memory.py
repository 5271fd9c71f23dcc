"""Where a torch function's tensors stand, and as what kernels take them: on the CPU, on a GPU, in the simulator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch


class Memory(Protocol):
    """A place for tensors.

    Attributes:
        kind: the type of device that tensors must have, as torch calls it.
        told: the place in words.
    """

    kind: str
    told: str

    def array(self, tensor: torch.Tensor) -> Any:
        """Return what kernels take for a tensor, without a copy where there is a way without."""

    def tensor(self, array: Any) -> torch.Tensor:
        """Return a result of a kernel as a tensor, on the same memory."""

    def running(self, tensors: Iterable[Any]) -> Any:
        """Return a context to call kernels in, which gives their options."""


class OnHost:
    """Memory shared with NumPy."""

    kind, told = "cpu", "the CPU"

    def array(self, tensor: torch.Tensor) -> Any:
        return tensor.detach().numpy()

    def tensor(self, array: Any) -> torch.Tensor:
        return torch.from_numpy(np.asarray(array))

    @contextmanager
    def running(self, tensors: Iterable[Any]) -> Iterator[dict[str, Any]]:
        yield {}


class OnDevice:
    """Memory of PyTorch's own allocator: the kernels run on PyTorch's current stream, and wait for nothing."""

    kind, told = "cuda", "a GPU"

    def array(self, tensor: torch.Tensor) -> Any:
        """Return the tensor itself, or one number of it: that goes with the launch, and has to be waited for."""
        return _bits(tensor.detach()) if tensor.ndim else tensor.item()

    def tensor(self, array: Any) -> torch.Tensor:
        return _of_bits(torch.as_tensor(array, device="cuda"))

    @contextmanager
    def running(self, tensors: Iterable[Any]) -> Iterator[dict[str, Any]]:
        from numba import cuda

        devices = list(dict.fromkeys(t.device for t in tensors if isinstance(t, torch.Tensor) and t.is_cuda))
        if len(devices) > 1:
            raise ValueError(f"tensors are on {' and '.join(map(str, devices))}, expected all on one device")
        device = devices[0] if devices else torch.device("cuda", torch.cuda.current_device())

        def empty(shape: tuple[int, ...], kind: Any) -> torch.Tensor:
            return torch.empty(shape, dtype=getattr(torch, np.dtype(kind).name), device=device)

        with torch.cuda.device(device), cuda.gpus[device.index]:
            yield {"stream": torch.cuda.current_stream(device), "empty": empty}


class InSimulator:
    """Copies: numba's simulator has arrays of its own."""

    kind, told = "cpu", "the CPU, in numba's simulator"

    def array(self, tensor: torch.Tensor) -> Any:
        from numba import cuda

        return cuda.to_device(_bits(tensor.detach()).numpy()) if tensor.ndim else tensor.item()

    def tensor(self, array: Any) -> torch.Tensor:
        return _of_bits(torch.from_numpy(array.copy_to_host()))

    @contextmanager
    def running(self, tensors: Iterable[Any]) -> Iterator[dict[str, Any]]:
        yield {}


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor; of bfloat16, which NumPy and numba do not have, its bits."""
    return tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor


def _of_bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return what kernels give as a tensor; bits are those of bfloat16."""
    return tensor.view(torch.bfloat16) if tensor.dtype == torch.uint16 else tensor


def memory_of(target: str) -> Memory:
    """Return where the tensors of a target stand."""
    from gradproof.kernels.cuda.simulation import is_simulated

    if target == "cpu":
        return OnHost()
    return InSimulator() if is_simulated() else OnDevice()
