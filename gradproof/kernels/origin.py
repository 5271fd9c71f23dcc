"""What a kernel is made of: a system or a derivation at hand, or a text that is read and derived when it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation
    from gradproof.kernels.prepare import Program, What


@dataclass(frozen=True, slots=True)
class Given:
    """A program at hand.

    Attributes:
        program: what the kernel computes.
        derivation: what it was made of, unless that is a system.
    """

    program: Program
    derivation: Derivation | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Written:
    """A text that says all.

    Attributes:
        text: the equations.
        source: what the text is called in messages.
        what: the kind of kernel that is asked for, if any.
    """

    text: str
    source: str
    what: What | None

    @cached_property
    def program(self) -> Program:
        """What the kernel computes.

        Raises:
            InputError: the text is wrong, or there is no such kernel of it.
        """
        from gradproof.derive.model import System
        from gradproof.kernels.prepare import prepare

        system = isinstance(self._read, System)
        return prepare(self._read, self.what or ("update" if system else "fused"))

    @cached_property
    def derivation(self) -> Derivation | None:
        """What it is made of, unless that is a system."""
        from gradproof.derive.steps import Derivation

        return self._read if isinstance(self._read, Derivation) else None

    @cached_property
    def _read(self) -> System | Derivation:
        """The derivation; the system where nothing is derived: values of equations, updates of given values."""
        from gradproof.derive.derivation import derive
        from gradproof.derive.nodes import Grad
        from gradproof.derive.notation import parse_system

        system = parse_system(self.text, self.source)
        is_step = bool(system.updates) and not any(e.value.has(Grad) for e in system.updates)
        return system if is_step or self.what == "forward" else derive(system)


Origin = Given | Written
