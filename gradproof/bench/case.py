"""One kernel at given sizes: what a worker is told, and what the work amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation
    from gradproof.kernels.prepare import Program


@dataclass(frozen=True)
class Case:
    """Attributes:
    kernel: the name by which peers know the system.
    text: the system in the notation.
    sizes: all its sizes.
    dtype: "float32" or "float64".
    wrt: what is differentiated; () for the system's choice.
    recipe: how inputs are drawn, where the name does not tell (see `inputs`).
    peers: a package with further peers, beside those of gradproof.
    seed: of the inputs.
    target: "cpu" or "cuda": where our kernel and its peers run.
    """

    kernel: str
    text: str
    sizes: Mapping[str, int]
    dtype: str = "float32"
    wrt: tuple[str, ...] = ()
    recipe: Mapping[str, float | str] = field(default_factory=dict)
    peers: str = ""
    seed: int = 0
    target: str = "cpu"

    @property
    def system(self) -> System:
        """The system, read from its text."""
        from gradproof.derive.notation import parse_system

        return parse_system(self.text, f"{self.kernel}.eqs")

    @property
    def source(self) -> System | Derivation:
        """What the kernel is made of: the derivation, or the system where it holds nothing but updates of given values.

        Every real array that comes in is differentiated where the text names no parameters.
        """
        from gradproof.derive.derivation import derive

        system = self.system
        return system if is_update(system) else derive(system, None, self.wrt or None)

    @property
    def program(self) -> Program:
        """What the kernel computes, from which inputs."""
        from gradproof.kernels.prepare import prepare

        source = self.source
        return prepare(source, kind_of(source))


def kind_of(source: System | Derivation) -> Literal["update", "fused"]:
    """Return the kind of kernel: an update of a system, or both passes of a derivation in one."""
    from gradproof.derive.model import System

    return "update" if isinstance(source, System) else "fused"


def is_update(system: System) -> bool:
    """Is the system a step of an optimiser: updates, and no gradient to be derived?"""
    from gradproof.derive.nodes import Grad

    return bool(system.updates) and not any(e.value.has(Grad) for e in system.updates)
