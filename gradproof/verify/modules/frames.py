"""What belongs to a framework: torch Functions, jax.custom_vjp and custom_jvp; their own backward is what is judged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
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
        return _of(f"jax.{type(x).__name__}", x, parameters(x), _jax_array)
    return None


def _torch_function(kind: type) -> Recognised | None:
    torch = sys.modules.get("torch")
    if torch is None or not issubclass(kind, torch.autograd.Function):
        return None
    forward: Any = kind.forward  # type: ignore[attr-defined]
    apply: Any = kind.apply  # type: ignore[attr-defined]
    own = [vars(base) for base in kind.__mro__ if base.__module__.partition(".")[0] != "torch"]
    wanted = parameters(forward, skip=0 if any("setup_context" in names for names in own) else 1)

    def call(**values: Any) -> Any:
        return apply(*(values[p.name] for p in wanted if p.name in values))

    return _of(f"torch Function {kind.__name__}", call, wanted, torch.as_tensor)


def _of(
    how: str, function: Callable[..., Any], wanted: Sequence[Parameter], as_array: Callable[[Any], Any]
) -> Recognised:
    def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:  # noqa: ARG001
        arguments = Arguments(values)
        inputs = [as_array(x) if isinstance(x, np.ndarray) else x for x in arguments.values]

        def f(*given: Any) -> Any:
            filled = arguments.filled(given)
            return function(**filled) if how.startswith("torch") else called(function, filled)

        return [Task(f, inputs, arguments.names, {"grad": None})]

    return Recognised(how, tuple(wanted), ask)


def _jax_array(x: np.ndarray[Any, Any]) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(x)
