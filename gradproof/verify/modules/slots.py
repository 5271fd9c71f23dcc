"""Where an object keeps its parameters and their gradients: attributes, dicts, lists, parts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.modules.names import called_after
from gradproof.verify.modules.trees import is_real

_GRADIENT_HOLDERS = ("gradients", "grads", "grad", "gradient", "dparams", "d_params", "param_grads", "param_gradients")
_PARAMETER_HOLDERS = ("parameters", "params", "weights", "param", "theta", "_params", "_parameters", "trainable")
_VALUES = ("value", "data", "val", "w", "p")
_GRADS = ("grad", "gradient", "g", "dw", "d")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in an object that holds an array: attribute names and keys from the object inwards."""

    path: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        """How it is called in a report: `W`, `layers[0].W`."""
        out = ""
        for kind, key in self.path:
            dotted = kind == "attribute" or (isinstance(key, str) and key.isidentifier())
            out += f".{key}" if dotted else f"[{key!r}]"
        return out.removeprefix(".")

    def get(self, root: Any) -> Any:
        """Return what stands there.

        Raises:
            AttributeError, KeyError, IndexError: nothing does.
        """
        for kind, key in self.path:
            root = getattr(root, key) if kind == "attribute" else root[key]
        return root

    def put(self, root: Any, value: Any) -> None:
        """Put something else there."""
        inner = Slot(self.path[:-1]).get(root)
        kind, key = self.path[-1]
        if kind == "attribute":
            setattr(inner, key, value)
        else:
            inner[key] = value


def slots(root: Any) -> Iterator[Slot]:
    """Yield the places in an object that hold real arrays or numbers, attribute by attribute; shared ones each time."""
    yield from _within(root, (), {id(root)})


def _within(holder: Any, path: tuple[tuple[str, Any], ...], seen: set[int]) -> Iterator[Slot]:
    for kind, key, value in _items(holder):
        here = (*path, (kind, key))
        if is_real(value):
            yield Slot(here)
        elif _can_hold(value) and id(value) not in seen and len(here) < _DEEPEST:
            yield from _within(value, here, seen | {id(value)})


def _items(holder: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(holder, dict):
        yield from (("key", key, value) for key, value in holder.items() if isinstance(key, str | int))
    elif isinstance(holder, list):
        yield from (("key", k, value) for k, value in enumerate(holder))
    else:
        yield from (("attribute", key, value) for key, value in vars(holder).items())


def _can_hold(value: Any) -> bool:
    plain = isinstance(value, dict | list)
    return plain or (hasattr(value, "__dict__") and not callable(value) and not isinstance(value, type | np.ndarray))


def gradients_of(root: Any) -> dict[str, tuple[Slot, Slot]]:
    """Return the parameters of an object by name, each with the place of its gradient.

    Told by the names: `W` and `dW`, `parameters["W"]` and `gradients["W"]`, `params[0]` and `grads[0]`, `w.data` and
    `w.grad`.
    """
    there = list(slots(root))
    by_path = {slot.path: slot for slot in there}
    found: dict[str, tuple[Slot, Slot]] = {}
    for gradient in there:
        for path in _parameter_paths(gradient.path):
            parameter = by_path.get(path)
            if parameter is not None and _alike(parameter.get(root), gradient.get(root)):
                found.setdefault(short(parameter), (parameter, gradient))
                break
    return found


def _parameter_paths(path: tuple[tuple[str, Any], ...]) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Yield where the parameter of a gradient at this place would stand."""
    kind, key = path[-1]
    outer = path[:-1]
    if isinstance(key, str):
        yield from ((*outer, (kind, name)) for name in called_after(key)[1:])
    if kind == "attribute" and key in _GRADS:
        yield from ((*outer, ("attribute", name)) for name in _VALUES)
    if outer and outer[-1][1] in _GRADIENT_HOLDERS:
        keys = called_after(key) if isinstance(key, str) else [key]
        for holder in _PARAMETER_HOLDERS:
            yield from ((*outer[:-1], (outer[-1][0], holder), (kind, name)) for name in keys)
        yield from ((*outer[:-1], ("attribute", name)) for name in keys if isinstance(name, str))


def _alike(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b)


def short(slot: Slot) -> str:
    """Return a parameter's name without the dict that holds it: `W` for `parameters["W"]`."""
    path = [step for step in slot.path if step[1] not in _PARAMETER_HOLDERS or not isinstance(step[1], str)]
    ends_in_value = len(path) > 1 and path[-1] in [("attribute", v) for v in _VALUES]
    kept = path[:-1] if ends_in_value else path
    if not kept or not isinstance(kept[0][1], str):
        return slot.name
    return Slot(tuple(kept)).name
