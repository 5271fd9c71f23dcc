"""A pair of kernels as a torch.autograd.Function: its tensors' memory is that of the kernels' arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gradproof.errors import InputError
from gradproof.kernels.arguments import match_arguments
from gradproof.kernels.autograd.pair import Pair
from gradproof.kernels.autograd.torch_memory import Memory, memory_of


def torch_function(pair: Pair) -> Any:
    """Return a subclass of torch.autograd.Function; `F(x, W)`, `F(x=x, W=W)` and `F.apply(x, W)` are the same."""
    memory = memory_of(pair.target)
    backward = _backward_function(pair, memory)
    backward.__name__ = f"{pair.name}_backward"

    class Function(torch.autograd.Function):
        def __new__(cls, *tensors: Any, **named: Any) -> Any:
            return cls.apply(*tensors, *_in_order(pair, tensors, named))

        @staticmethod
        def forward(ctx: Any, *given: Any) -> Any:
            return _forward(pair, memory, ctx, given)

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            wrt = tuple(n for n, needed in zip(pair.inputs, ctx.needs_input_grad, strict=True) if needed)
            inputs, kept = _restored(pair, memory, ctx)
            found = backward.apply(
                kept, wrt, *inputs, *(c for y, c in zip(pair.outputs, cotangents, strict=True) if y in pair.seeds)
            )
            scale = None if pair.seeds else cotangents[0]
            by_name = {w: g if scale is None else g * scale for w, g in zip(wrt, found, strict=True)}
            return tuple(by_name.get(n) for n in pair.inputs)

    Function.__name__ = Function.__qualname__ = pair.name
    Function.__doc__ = f"{pair.name}({', '.join(pair.inputs)}) -> {', '.join(pair.outputs)}"
    return Function


def _in_order(pair: Pair, tensors: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """Return the named arguments that follow the positional ones."""
    if not named:
        return []
    positional = dict(zip(pair.inputs, tensors, strict=False))
    if twice := [n for n in named if n in positional]:
        raise TypeError(f"{pair.name}() got {twice[0]} by position and by name")
    found = match_arguments(pair.name, {n: n for n in pair.inputs}, {**positional, **named})
    return [found[n] for n in pair.inputs[len(tensors) :]]


def _forward(pair: Pair, memory: Memory, ctx: Any, given: tuple[Any, ...]) -> Any:
    if len(given) != len(pair.inputs):
        raise TypeError(f"{pair.name}() takes {len(pair.inputs)} arguments, not {len(given)}: {', '.join(pair.inputs)}")
    for name, needed in zip(pair.inputs, ctx.needs_input_grad, strict=True):
        if needed and name not in pair.wrt:
            raise TypeError(
                f"{name} requires a gradient, and the kernel has those of {', '.join(pair.wrt)} alone: "
                f"derive it with wrt=[..., {name!r}], or pass {name}.detach()"
            )
    values = {n: _array(pair, memory, n, x) for n, x in zip(pair.inputs, given, strict=True)}
    with memory.running(given) as options:
        found = pair.forward(values, options)
        outputs = {y: memory.tensor(found[y]) for y in pair.outputs}
    # What autograd keeps is watched: a tensor changed in place before the backward pass is an error.
    watched = {n: x for n, x in zip(pair.inputs, given, strict=True) if isinstance(x, torch.Tensor)}
    watched |= {y: t for y, t in outputs.items() if y in pair.saved}
    ctx.save_for_backward(*watched.values())
    ctx.watched = tuple(watched)
    ctx.numbers = {n: x for n, x in zip(pair.inputs, given, strict=True) if not isinstance(x, torch.Tensor)}
    ctx.kept = {n: found[n] for n in pair.saved if n not in outputs}
    return next(iter(outputs.values())) if len(outputs) == 1 else tuple(outputs.values())


def _restored(pair: Pair, memory: Memory, ctx: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the inputs as they were given, and the arrays that were saved."""
    watched = dict(zip(ctx.watched, ctx.saved_tensors, strict=True))
    kept = {**ctx.kept, **{n: memory.array(watched[n]) for n in pair.saved if n in watched}}
    return [watched[n] if n in watched else ctx.numbers[n] for n in pair.inputs], kept


def _backward_function(pair: Pair, memory: Memory) -> Any:
    """Return the backward pass as a function of inputs and cotangents, which can be differentiated once more."""
    names = (*pair.inputs, *pair.seeds.values())

    class Backward(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, kept: dict[str, Any], wrt: tuple[str, ...], *given: Any) -> Any:
            tensors = {n: x for n, x in zip(names, given, strict=True) if isinstance(x, torch.Tensor)}
            ctx.save_for_backward(*tensors.values())
            ctx.watched, ctx.wrt = tuple(tensors), wrt
            ctx.numbers = {n: x for n, x in zip(names, given, strict=True) if n not in tensors}
            values = {n: _array(pair, memory, n, x) for n, x in zip(names, given, strict=True)}
            with memory.running(given) as options:
                found = pair.backward({**values, **kept}, wrt, options)
                return tuple(memory.tensor(found[w]) for w in wrt)

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            tensors = dict(zip(ctx.watched, ctx.saved_tensors, strict=True))
            given = {**tensors, **ctx.numbers}
            values = {n: _array(pair, memory, n, given[n]) for n in names}
            zeros = {
                w: torch.zeros_like(torch.as_tensor(given[w], dtype=getattr(torch, pair.kind(w))))
                for w in pair.wrt
                if w not in ctx.wrt
            }
            seeds = {**dict(zip(ctx.wrt, cotangents, strict=True)), **zeros}
            try:
                with memory.running(given.values()) as options:
                    found = pair.twice(values, {w: memory.array(c.contiguous()) for w, c in seeds.items()}, options)
                    second = {n: memory.tensor(a) for n, a in found.items()}
            except InputError as error:
                raise RuntimeError(f"{pair.name} has no double backward: {error}") from None
            if torch.is_grad_enabled():
                second = dict(
                    zip(
                        second,
                        _Last.apply(pair.name, len(second), *second.values(), *ctx.saved_tensors, *cotangents),
                        strict=True,
                    )
                )
            return (None, None, *(second.get(n) for n in names))

    return Backward


class _Last(torch.autograd.Function):
    """Second derivatives as they are, tied to what they depend on, so that a third derivative is refused, not 0."""

    @staticmethod
    def forward(ctx: Any, name: str, count: int, *tensors: Any) -> Any:
        ctx.name = name
        return tuple(t.clone() for t in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise RuntimeError(f"{ctx.name} can be differentiated twice, not three times")


def _array(pair: Pair, memory: Memory, name: str, x: Any) -> Any:
    """Return a tensor's memory as an array; a number stays one.

    Cotangents come as PyTorch makes them, expanded from one number for instance: those are made contiguous.

    Raises:
        TypeError: it is on another device, or of another type.
    """
    if not isinstance(x, torch.Tensor):
        return x
    is_cotangent = name in pair.seeds.values()
    if not is_cotangent and pair.target == "cuda" and not x.ndim:
        if x.is_cuda:
            raise TypeError(f"{name} is on {x.device}, expected a number of the host: pass {name}.item(), which waits")
    elif x.device.type != memory.kind:
        raise TypeError(f"{name} is on {x.device}, and the kernel runs on {memory.told}: pass {name}.{memory.kind}()")
    is_labels = not is_cotangent and pair.is_integer(name)
    if not is_labels and x.dtype != getattr(torch, expected := pair.kind(name)):
        other = str(x.dtype).removeprefix("torch.")
        raise TypeError(
            f"{name} holds {other}, expected {expected}: pass {name}.to(torch.{expected}), "
            f"or make the kernel with dtype={other!r}"
        )
    return memory.array(x.contiguous() if is_cotangent else x)
