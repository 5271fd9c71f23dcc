"""How a user's arrays hold the tensors of a system: each entry of a tensor stands somewhere in an input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Held:
    """A tensor of the system, and where it stands.

    Attributes:
        tensor: its name in the system.
        input: the position of the user's input that holds it.
        places: for each entry of the tensor its position in the flattened input.
        words: how it is held, in words: "transposed", "columns 4 to 7"; "" where it is the input itself.
    """

    tensor: str
    input: int
    places: Array
    words: str = ""

    def read(self, inputs: Sequence[Any]) -> Array:
        """Return the tensor out of the user's inputs."""
        return np.asarray(np.asarray(inputs[self.input]).reshape(-1)[self.places])


@dataclass(frozen=True)
class Layout:
    """All tensors that come in, where each stands, and what was put in place of those that no input holds."""

    held: tuple[Held, ...]
    filled: Mapping[str, Any] = field(default_factory=dict)

    def tensors(self, inputs: Sequence[Any]) -> dict[str, Any]:
        """Return {tensor: array} for the user's inputs."""
        return {**dict(self.filled), **{h.tensor: h.read(inputs) for h in self.held}}

    def back(self, gradients: Mapping[str, Any], inputs: Sequence[Any], position: int) -> Array:
        """Return the gradient for one of the user's inputs, of any kind of numbers."""
        shape = np.shape(inputs[position])
        mine = [h for h in self.held if h.input == position and h.tensor in gradients]
        kind = next((np.asarray(gradients[h.tensor]).dtype for h in mine), np.dtype(float))
        out = np.zeros(int(np.prod(shape)), dtype=kind)
        for h in mine:
            out[h.places.reshape(-1)] = np.asarray(gradients[h.tensor]).reshape(-1)
        return out.reshape(shape)

    def of(self, position: int) -> tuple[str, ...]:
        """Return the tensors that an input holds."""
        return tuple(h.tensor for h in self.held if h.input == position)
