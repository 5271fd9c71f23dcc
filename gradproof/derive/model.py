"""The data model: tensors, equations, systems. Immutable; a system is checked when it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sympy import Basic, Expr

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, free, names_in


class Role(StrEnum):
    """What a tensor is for: `given` and `param` come in, `output` is computed, `state` is a recurrence."""

    GIVEN = "given"
    PARAM = "param"
    STATE = "state"
    OUTPUT = "output"


class Kind(StrEnum):
    """`define`: target = value; `start`: a row where a recurrence begins; `update`: target := value, after all else."""

    DEFINE = "define"
    START = "start"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor by name.

    Attributes:
        name: its name.
        shape: sizes of its axes (symbols, integers or polynomials in sizes); () for a scalar.
        role: what it is for.
        bound: for an integer tensor, its values are 0 .. bound - 1 and it may stand in an index.
        outside: what a read past its edge gives; None: such a read is an error.
    """

    name: str
    shape: tuple[Expr, ...]
    role: Role = Role.GIVEN
    bound: Expr | None = None
    outside: Expr | None = None

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class Equation:
    """`target = value`.

    Attributes:
        number: its number in the system, from 1.
        target: the element that is defined; its free indices run over their whole ranges.
        value: expression over elements, reductions, brackets and calls.
        kind: definition, start row of a recurrence, or update.
    """

    number: int
    target: Element
    value: Expr
    kind: Kind = Kind.DEFINE

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def indices(self) -> tuple[Index, ...]:
        """The free indices at the left, in order (start rows have fixed slots beside them)."""
        return tuple(i for i in self.target.indices if isinstance(i, Index))

    def __str__(self) -> str:
        from gradproof.derive.notation.printer import format_equation

        return format_equation(self)


@dataclass(frozen=True, slots=True)
class Assumption:
    """`left = right` for all values of its free indices; optional in use (`--without NAME`)."""

    name: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class System:
    """Single-assignment equations in order.

    Attributes:
        title: the first line of the docstring.
        tensors: every tensor, in order of declaration or definition.
        equations: definitions, start rows and updates, in order.
        assumptions: stated facts that a derivation may use.
        functions: names of unknown functions (`given function phi`).
        sizes: every size symbol, declared or an axis.
        source: the rest of the docstring.
        index_names: for each size the letters that the text uses for its indices (for printing only).
        written: the order of terms and factors in the text (for printing only, see `notation.written`).
    """

    title: str
    tensors: tuple[Tensor, ...]
    equations: tuple[Equation, ...]
    assumptions: tuple[Assumption, ...] = ()
    functions: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()
    source: str = ""
    index_names: tuple[tuple[Expr, tuple[str, ...]], ...] = field(default=(), compare=False)
    written: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Return it in a line: `<System p, L of z, y: 2 equations>`."""
        computed = ", ".join(dict.fromkeys(e.name for e in self.equations)) or "nothing"
        given = ", ".join(t.name for t in self.inputs) or "nothing"
        count = len(self.equations)
        return f"<System {computed} of {given}: {count} equation{'' if count == 1 else 's'}>"

    def __post_init__(self) -> None:
        from gradproof.derive.check import check_system

        check_system(self)

    @cached_property
    def display(self) -> dict[Equation, Any]:
        """Equations as they are shown with the letters of this system, once `notation.printer` has laid them out."""
        return {}

    @cached_property
    def by_name(self) -> dict[str, Tensor]:
        return {t.name: t for t in self.tensors}

    def __getitem__(self, name: str) -> Tensor:
        """Return the tensor of that name."""
        return self.by_name[name]

    @cached_property
    def definitions(self) -> tuple[Equation, ...]:
        """The equations that compute (no updates), start rows included."""
        return tuple(e for e in self.equations if e.kind is not Kind.UPDATE)

    @cached_property
    def updates(self) -> tuple[Equation, ...]:
        return tuple(e for e in self.equations if e.kind is Kind.UPDATE)

    @cached_property
    def inputs(self) -> tuple[Tensor, ...]:
        """The tensors that come in: given and param."""
        return tuple(t for t in self.tensors if t.role in (Role.GIVEN, Role.PARAM))

    @cached_property
    def parameters(self) -> tuple[Tensor, ...]:
        return tuple(t for t in self.tensors if t.role is Role.PARAM)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The computed tensors that no other tensor's equation reads: what the system is for."""
        computed = dict.fromkeys(e.name for e in self.definitions if e.kind is Kind.DEFINE)
        read = {n for e in self.definitions for n in names_in(e.value) if n != e.name}
        return tuple(n for n in computed if n not in read) or tuple(computed)[-1:]

    @cached_property
    def differentiable(self) -> tuple[Tensor, ...]:
        """Real-valued inputs: what a derivative can be taken for."""
        return tuple(t for t in self.inputs if t.bound is None)

    @cached_property
    def _by_target(self) -> dict[str, tuple[Equation, ...]]:
        found: dict[str, list[Equation]] = {}
        for e in self.definitions:
            found.setdefault(e.name, []).append(e)
        return {name: tuple(equations) for name, equations in found.items()}

    def equations_of(self, name: str) -> tuple[Equation, ...]:
        return self._by_target.get(name, ())

    def names_for(self, size: Expr) -> tuple[str, ...]:
        """The letters that the text uses for indices of this range."""
        return dict(self.index_names).get(size, ())

    def __str__(self) -> str:
        from gradproof.derive.notation.system_printer import format_system

        return format_system(self)


def size_symbols(*expressions: Basic | int) -> tuple[Size, ...]:
    """Return the size symbols in the expressions, ordered by name."""
    found = {s for e in expressions if not isinstance(e, int) for s in free(e) if isinstance(s, Size)}
    return tuple(sorted(found, key=lambda s: s.name))
