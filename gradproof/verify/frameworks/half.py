"""Half precision inside a function of PyTorch: seen in its operations, where its results do not tell any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Types with at least this unit of roundoff: float16, bfloat16, and those of eight bits.
_HALF = 1e-4


class Seen:
    """The coarsest type that operations computed in.

    Attributes:
        eps: its unit of roundoff; 0 where none was of half precision or less.
        kind: what it is called.
    """

    def __init__(self, torch: Any) -> None:
        self.torch, self.eps, self.kind = torch, 0.0, ""
        self._looked: set[str] = set()

    @contextmanager
    def looking(self, what: str) -> Iterator[None]:
        """Look at the operations of a call: of the first one of its kind that returns, since it takes time."""
        if what in self._looked:
            yield
            return
        with self._mode():
            yield
        self._looked.add(what)

    def _mode(self) -> Any:
        from torch.utils._python_dispatch import TorchDispatchMode

        note = self._note

        class Mode(TorchDispatchMode):
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                found = func(*args, **(kwargs or {}))
                note(found)
                return found

        return Mode()

    def _note(self, found: Any) -> None:
        for x in found if isinstance(found, tuple | list) else (found,):
            if isinstance(x, self.torch.Tensor) and x.is_floating_point():
                eps = float(self.torch.finfo(x.dtype).eps)
                if eps >= _HALF and eps > self.eps:
                    self.eps, self.kind = eps, str(x.dtype).removeprefix("torch.")
