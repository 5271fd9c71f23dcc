"""PyTorch: the forward pass as its users write it, and autograd's backward; eager, compiled, and its fused forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from gradproof.bench.case import Case
from gradproof.bench.device import torch_events
from gradproof.bench.peers.tables import function_for
from gradproof.bench.runner import Arrays, Forward, Runner, chosen

COMPILED, FUSED, LIGER = "torch.compile", "torch fused", "liger"


def runner(kind: str, case: Case, inputs: Arrays) -> Runner | None:
    """Return how PyTorch runs a case, None where it is not written for it."""
    import torch

    if kind == COMPILED:  # a second size would be compiled for any, and a ninth not at all
        torch.compiler.reset()
    module = "by_liger" if kind == LIGER else "by_torch"
    found = function_for(
        replace(case, peers="") if kind == LIGER else case, module, "FUSED" if kind == FUSED else "FORWARD"
    )
    if isinstance(found, Forward):
        return _of_forward(torch, found, case, inputs, compiled=kind == COMPILED)
    if found is None:
        return None
    made: Runner = found(inputs, compiled=kind == COMPILED, device=case.target)
    return made if case.target == "cpu" else replace(made, timed=torch_events(torch).timed(made.run))


def _of_forward(torch: Any, peer: Forward, case: Case, inputs: Arrays, *, compiled: bool) -> Runner:
    tensors = {name: torch.from_numpy(a).to(case.target if a.ndim else "cpu") for name, a in inputs.items()}
    cotangents = {name[2:]: t for name, t in tensors.items() if name.startswith("d_")}
    values = peer.pack({name: t for name, t in tensors.items() if not name.startswith("d_")})
    wrt = peer.wrt or wrt_of(case)
    for name in wrt:
        values[name].requires_grad_()
    function = partial(peer.function, **chosen(peer.function, case.sizes))
    function = torch.compile(function) if compiled else function
    arguments = chosen(peer.function, values)
    run = _both(torch, function, arguments, [values[n] for n in wrt], cotangents)
    return Runner(run, _named(peer, wrt), None if case.target == "cpu" else torch_events(torch).timed(run))


def _both(
    torch: Any, function: Callable[..., Any], arguments: dict[str, Any], leaves: list[Any], cotangents: dict[str, Any]
) -> Callable[[], Any]:
    def run() -> Any:
        outputs = function(**arguments)
        seeds = [cotangents.get(name) for name in outputs]
        return outputs, torch.autograd.grad(list(outputs.values()), leaves, seeds)

    return run


def _named(peer: Forward, wrt: tuple[str, ...]) -> Callable[[Any], Arrays]:
    def named(found: Any) -> Arrays:
        outputs, gradients = found
        by_name = peer.unpack(dict(zip(wrt, gradients, strict=True)))
        return {**_arrays(outputs), **{f"d_{name}": a for name, a in _arrays(by_name).items()}}

    return named


def _arrays(tensors: dict[str, Any]) -> Arrays:
    return {name: t.detach().cpu().numpy() for name, t in tensors.items()}


def wrt_of(case: Case) -> tuple[str, ...]:
    """Return what is differentiated."""
    from gradproof.derive.steps import Derivation

    source = case.source
    return source.wrt if isinstance(source, Derivation) else ()
