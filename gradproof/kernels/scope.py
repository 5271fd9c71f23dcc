"""Names in force while text is written: tensors and sizes of the kernel, and the loop indices that are open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradproof.derive.index import Index, is_fresh
from gradproof.derive.model import System
from gradproof.errors import InternalError
from gradproof.kernels.names import Namer, ascii_name
from gradproof.kernels.plan import LoopNest
from gradproof.kernels.planner.tree import Plan

_LETTERS = "ijklabuvqrgh"
_WORKING = ("total", "best", "value", "position")


class Scope:
    """Identifiers of one kernel function. Index names are reused by loops that do not nest."""

    def __init__(self, nest: LoopNest | Plan) -> None:
        system: System = nest.program.system
        self.names = Namer(_WORKING)
        #: Parameters that are unknown functions.
        self.functions: set[str] = set()
        self.letters = {size: tuple(ascii_name(n) for n in names) for size, names in system.index_names}
        for name in nest.program.inputs:
            self.names.name(name, name)
        for size in system.sizes:
            self.names.name(size, size.name)
        for name in system.functions:
            self.function(name)
        for name in nest.storage:
            self.names.name(name, name.replace("~", "_"))
        self._fixed = frozenset(self.names.all()) - self.names.reserved - set(_WORKING)
        self._open: dict[Index, str] = {}
        #: Names that every function gives to the same value, where it needs that.
        self.own: frozenset[str] = frozenset()
        #: Local names of the function that is being written.
        self.local: set[str] = set()

    def tensor(self, name: str) -> str:
        return self.names[name]

    def function(self, name: str) -> str:
        """Return the parameter's name of an unknown function or of a derivative of it: phi, phi_prime, phi_prime2."""
        base = name.rstrip("'")
        order = len(name) - len(base)
        chosen = self.names.name(
            ("function", name), base + ("" if not order else f"_prime{order if order > 1 else ''}")
        )
        self.functions.add(chosen)
        return chosen

    def index(self, index: Index) -> str:
        if index not in self._open:
            raise InternalError(f"index {index} is used outside its loop")
        return self._open[index]

    @property
    def fixed(self) -> frozenset[str]:
        """Names of tensors, sizes and functions, which every function of the kernel may get."""
        return self._fixed | self.functions

    def visible(self) -> frozenset[str]:
        """Return every name of a value that a line of the function may mention."""
        return self.fixed | self.local | set(self._open.values())

    @contextmanager
    def loop(self, index: Index, start: str = "") -> Iterator[str]:
        """Open a loop: its index has the name that is yielded, which counts from `start` where one is given."""
        name = self._choose(index)
        self._open[index] = f"({start} + {name})" if start else name
        yield name
        del self._open[index]

    def _choose(self, index: Index) -> str:
        wishes = [] if is_fresh(index) else [ascii_name(index.name)]
        wishes += [*self.letters.get(index.size, ()), *_LETTERS]
        taken = self._fixed | self.local | set(self._open.values())
        numbered = (f"i{n}" for n in range(2, 1000))
        return next(
            w for w in [*wishes, *numbered] if w not in taken and w not in self.names.reserved and w not in _WORKING
        )
