"""What a gradient returned, one array for each input: from an array, tuple, list, dict or one flat vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.safely import Failed

#: Stands for the gradient of an input that a returned dict has no key for.
MISSING = object()


@dataclass(frozen=True, slots=True)
class Layout:
    """What a gradient is for.

    Attributes:
        names: of all inputs; shapes: of all of them.
        wrt: positions of those that the gradient is for.
        chosen: did the user name them?
        what: what is arranged, for messages.
        flat: may it be one vector over all inputs? A Jacobian may not.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    wrt: tuple[int, ...]
    chosen: bool
    what: str = "the gradient"
    flat: bool = True

    @property
    def sizes(self) -> list[int]:
        return [int(np.prod(self.shapes[k])) for k in self.wrt]

    def without(self, missing: Sequence[int]) -> Layout:
        return replace(self, wrt=tuple(k for k in self.wrt if k not in missing), chosen=False)

    def arranged(self, raw: Any) -> list[Any]:
        """Return one entry for each of `wrt`, whichever way they were returned.

        Raises:
            Failed: their number is another.
            InputError: a dict has a key that is no input.
        """
        if isinstance(raw, Mapping):
            return self._from_mapping(raw)
        flat = self._from_flat(raw)
        if flat is not None:
            return flat
        if isinstance(raw, tuple) or (isinstance(raw, list) and len(self.wrt) != 1):
            return self._from_sequence(raw)
        if isinstance(raw, list) and len(raw) == 1 and np.shape(raw[0]) == self.shapes[self.wrt[0]]:
            return raw
        if len(self.wrt) != 1:
            kind = f"array of shape {raw.shape}" if isinstance(raw, np.ndarray) else type(raw).__name__
            raise Failed(f"{self.what} returned one {kind} for {len(self.wrt)} inputs: {self._wanted()}")
        return [raw]

    def _from_flat(self, raw: Any) -> list[Any] | None:
        """Return the parts of one vector over all inputs; None if it is none."""
        total = sum(self.sizes)
        if not self.flat or not isinstance(raw, np.ndarray) or raw.shape != (total,):
            return None
        shapes = [self.shapes[k] for k in self.wrt]
        if shapes == [raw.shape]:
            return [raw]
        parts = np.split(raw, np.cumsum(self.sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def _from_mapping(self, raw: Mapping[Any, Any]) -> list[Any]:
        known = {*self.names, *range(len(self.names))}
        for key in raw:
            if key not in known:
                near = get_close_matches(str(key), self.names, 1)
                raise InputError(
                    f"{self.what} has the key {key!r}, and no input is named so",
                    expected=f"keys among {', '.join(self.names)}",
                    hint=f"did you mean {near[0]!r}?" if near else "names= says how the inputs are called",
                )
        return [raw[self.names[k]] if self.names[k] in raw else raw.get(k, MISSING) for k in self.wrt]

    def _from_sequence(self, raw: Sequence[Any]) -> list[Any]:
        if len(raw) == len(self.names) and not self.chosen and len(self.names) != len(self.wrt):
            return [raw[k] for k in self.wrt]
        if len(raw) == len(self.wrt):
            return list(raw)
        if len(raw) == len(self.names):
            return [raw[k] for k in self.wrt]
        raise Failed(f"{self.what} returned {len(raw)} entries, and {len(self.wrt)} are wanted: {self._wanted()}")

    def _wanted(self) -> str:
        return ", ".join(self.names[k] for k in self.wrt)
