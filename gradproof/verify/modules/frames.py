"""What belongs to a framework: torch Functions, jax.custom_vjp and custom_jvp; their own backward is what is judged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.modules.task import Parameter, Task, called, parameters
from gradproof.verify.modules.trees import Arguments


@dataclass(frozen=True, slots=True)
class Recognised:
    """A framework's function: what it is in words, its parameters, and what makes the question to the judge."""

    how: str
    wanted: tuple[Parameter, ...]
    ask: Callable[[Mapping[str, Any], np.random.Generator], list[Task]]


def recognised(x: Any) -> Recognised | None:
    """Return a framework's function as it is to be judged, None for anything else. No framework is imported for it."""
    if isinstance(x, type):
        return _torch_function(x)
    if type(x).__module__.startswith("jax") and type(x).__name__ in ("custom_vjp", "custom_jvp"):
        return _jax_function(x)
    return None


def _torch_function(kind: type) -> Recognised | None:
    torch = sys.modules.get("torch")
    if torch is None or not issubclass(kind, torch.autograd.Function):
        return None
    forward: Any = kind.forward  # type: ignore[attr-defined]
    apply: Any = kind.apply  # type: ignore[attr-defined]
    overridden = any("setup_context" in vars(base) for base in kind.__mro__ if base.__module__.split(".")[0] != "torch")
    wanted = parameters(forward, skip=0 if overridden else 1)

    def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:  # noqa: ARG001
        arguments = Arguments(values)
        tensors = [_tensor(torch, value) for value in arguments.values]

        def f(*given: Any) -> Any:
            filled = arguments.filled(given)
            return apply(*(filled[p.name] for p in wanted if p.name in filled))

        return [Task(f, tensors, arguments.names, {"grad": None})]

    return Recognised(f"torch Function {kind.__name__}", wanted, ask)


def _tensor(torch: Any, value: Any) -> Any:
    """Return arrays and lists as tensors; numbers stay what they are."""
    return torch.as_tensor(value) if isinstance(value, np.ndarray) else value


def _jax_function(function: Any) -> Recognised:
    wanted = parameters(function)
    kind = type(function).__name__

    def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:  # noqa: ARG001
        import jax.numpy as jnp

        arguments = Arguments(values)
        arrays = [jnp.asarray(x) if isinstance(x, np.ndarray) else x for x in arguments.values]

        def f(*given: Any) -> Any:
            return called(function, arguments.filled(given))

        return [Task(f, arrays, arguments.names, {"grad": None})]

    return Recognised(f"jax.{kind}", wanted, ask)
