"""PyTorch: tensors on their device, autograd Functions, modules with their parameters as inputs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradproof.verify.frameworks.backend import Array, Function
from gradproof.verify.frameworks.half import Seen
from gradproof.verify.parameters import numbered, positional
from gradproof.verify.precision import EPS, rounded

_SMALL = 100_000


def backend(f: Any, inputs: Sequence[Any]) -> Torch | None:
    """Return PyTorch if it is loaded, and the function is its own or an input is a tensor."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    ours = isinstance(f, torch.nn.Module) or _function_class(f) is not None
    return Torch(torch) if ours or any(isinstance(x, torch.Tensor) for x in inputs) else None


class Torch:
    """PyTorch as the judge needs it."""

    name = "torch"

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.half = Seen(torch)

    # ------------------------------------------------------------ what is judged

    def function(self, f: Any, inputs: Sequence[Any]) -> tuple[Function, list[Any], list[str]]:
        """Return the function with all its inputs and their names: a module's parameters are inputs."""
        inputs = [self.torch.as_tensor(x) if isinstance(x, np.ndarray) else x for x in inputs]
        if not isinstance(f, self.torch.nn.Module):
            return f, list(inputs), _names(_function_class(f), f, len(inputs))
        parameters = {n: p.detach() for n, p in f.named_parameters() if p.requires_grad}
        others = {n: p.detach() for n, p in [*f.named_parameters(), *f.named_buffers()] if n not in parameters}
        count = len(inputs)

        def call(*tensors: Any) -> Any:
            wide = any(t.dtype == self.torch.float64 for t in tensors if isinstance(t, self.torch.Tensor))
            state = {n: self._as_wide(t.clone(), wide) for n, t in others.items()}
            state |= dict(zip(parameters, tensors[count:], strict=True))
            return self.torch.func.functional_call(f, state, tensors[:count])

        names = [*_names(None, f.forward, count), *parameters]
        return call, [*inputs, *parameters.values()], names

    def _as_wide(self, tensor: Any, wide: bool) -> Any:
        return tensor.double() if wide and tensor.is_floating_point() else tensor

    @contextmanager
    def session(self, given: Sequence[Any]) -> Iterator[None]:
        """Keep to one thread for small tensors: in many short calls, threads wait for each other."""
        threads = self.torch.get_num_threads()
        size = sum(x.numel() for x in given if isinstance(x, self.torch.Tensor))
        self.torch.set_num_threads(1 if size < _SMALL else threads)
        try:
            yield
        finally:
            self.torch.set_num_threads(threads)

    # ------------------------------------------------------------ numbers in and out

    def precision(self, x: Any) -> float:
        """Return the unit of roundoff of a real input, 0 for any other."""
        if isinstance(x, self.torch.Tensor):
            return float(self.torch.finfo(x.dtype).eps) if x.is_floating_point() else 0.0
        return EPS if isinstance(x, float) else 0.0

    def array(self, x: Any) -> Any:
        """Return a tensor as an array, real ones in float64."""
        if not isinstance(x, self.torch.Tensor):
            return x
        x = x.detach().cpu()
        return (x.double() if x.is_floating_point() else x).numpy()

    def _own(self, x: Any) -> Array:
        """Return a result as an array of its own type, or with a note of it in float64: its rounding is to be known."""
        x = x.detach().cpu()
        own = self.precision(x)
        if own < self.half.eps:
            return rounded(x.double().numpy(), self.half.eps, self.half.kind)
        if not own or x.dtype in (self.torch.float64, self.torch.float32, self.torch.float16):
            return np.array((x if own else x.double()).numpy())
        return rounded(x.double().numpy(), own, str(x.dtype).removeprefix("torch."))

    def _tensors(self, inputs: Sequence[Any], given: Sequence[Any], wide: bool, *, tracked: bool = False) -> list[Any]:
        out = []
        for x, like in zip(inputs, given, strict=True):
            if not isinstance(like, self.torch.Tensor):
                out.append(float(x) if isinstance(like, float) else x)
                continue
            dtype = self.torch.float64 if wide and like.is_floating_point() else like.dtype
            tensor = self.torch.tensor(np.ascontiguousarray(x)).to(dtype=dtype, device=like.device).reshape(np.shape(x))
            out.append(tensor.requires_grad_() if tracked and like.is_floating_point() else tensor)
        return out

    def _flat(self, found: Any) -> Any:
        """Return the output; several end to end.

        Raises:
            TypeError: it holds no real tensor.
        """
        if isinstance(found, self.torch.Tensor):
            return found
        parts = list(found.values()) if isinstance(found, Mapping) else found
        if not isinstance(parts, tuple | list):
            raise TypeError(f"the function returned a {type(found).__name__}, not a tensor")
        real = [p.reshape(-1) for p in parts if isinstance(p, self.torch.Tensor) and p.is_floating_point()]
        return self.torch.cat(real)

    @contextmanager
    def _repeatable(self) -> Iterator[None]:
        """Start every call from the same state of the random numbers: dropout drops the same."""
        with self.torch.random.fork_rng(enabled=True):
            self.torch.manual_seed(0)
            yield

    # ------------------------------------------------------------ derivatives

    def value(self, f: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Array:
        """Return f's value as one array."""
        with self._repeatable(), self.half.looking("value"):
            out = self._flat(f(*self._tensors(inputs, given, wide)))
        return self._own(out)

    def pullback(
        self, f: Function, inputs: Sequence[Any], given: Sequence[Any], cotangent: Array | None, wide: bool
    ) -> list[Any]:
        """Return autograd's gradient for each real input."""
        leaves = self._tensors(inputs, given, wide, tracked=True)
        with self._repeatable(), self.half.looking("backward"), self.torch.enable_grad():
            out = self._flat(f(*self._passed(leaves)))
            return self._spread(leaves, self._grads(out, leaves, cotangent, again=False))

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
        """Return all gradients of `fixed . f` end to end; with a cotangent, what autograd makes of their derivative."""
        leaves = self._tensors(inputs, given, wide, tracked=True)
        with self._repeatable(), self.torch.enable_grad():
            out = self._flat(f(*self._passed(leaves)))
            first = self.torch.cat([g.reshape(-1) for g in self._grads(out, leaves, fixed, again=True)])
            if cotangent is None:
                return np.array(self.array(first))
            return tuple(self._spread(leaves, self._grads(first, leaves, cotangent, again=False)))

    def _passed(self, leaves: Sequence[Any]) -> list[Any]:
        """Return what is handed to the function: it may be changed in place, the leaves may not."""
        return [x.clone() if isinstance(x, self.torch.Tensor) and x.requires_grad else x for x in leaves]

    def _grads(self, out: Any, leaves: Sequence[Any], cotangent: Any, *, again: bool) -> list[Any]:
        tracked = [x for x in leaves if isinstance(x, self.torch.Tensor) and x.requires_grad]
        if not out.requires_grad:  # as far as autograd knows, it depends on nothing
            return [self.torch.zeros_like(x) for x in tracked]
        seed = self.torch.tensor(np.asarray(cotangent)).to(dtype=out.dtype, device=out.device).reshape(out.shape)
        found = self.torch.autograd.grad(out, tracked, seed, allow_unused=True, create_graph=again)
        return [self.torch.zeros_like(x) if g is None else g for x, g in zip(tracked, found, strict=True)]

    def _spread(self, leaves: Sequence[Any], found: Sequence[Any]) -> list[Any]:
        """Return a gradient for each input, None for those that have none."""
        rest = iter(found)
        tracked = [isinstance(x, self.torch.Tensor) and x.requires_grad for x in leaves]
        return [self._own(next(rest)) if t else None for t in tracked]

    def called(self, function: Function, inputs: Sequence[Any], given: Sequence[Any], wide: bool) -> Any:
        """Return what a function of tensors returns, as arrays."""
        with self._repeatable():
            return self._plain(function(*self._tensors(inputs, given, wide)))

    def _plain(self, found: Any) -> Any:
        if isinstance(found, Mapping):
            return {key: self._plain(value) for key, value in found.items()}
        if isinstance(found, tuple | list):
            return tuple(self._plain(value) for value in found)
        return self.array(found)


def _function_class(f: Any) -> Any:
    """Return the autograd Function whose `apply` this is, None for any other function."""
    torch, owner = sys.modules["torch"], getattr(f, "__self__", None)
    return owner if isinstance(owner, type) and issubclass(owner, torch.autograd.Function) else None


def _names(kind: Any, f: Any, count: int) -> list[str]:
    plain = positional(kind.forward if kind else f)
    if kind and len(plain) > count:  # ctx comes first, unless there is a setup_context
        plain = plain[len(plain) - count :] if plain[0] in ("ctx", "context") else plain
    if kind and plain[:1] == ["ctx"]:
        plain = plain[1:]
    return numbered(plain, count)
