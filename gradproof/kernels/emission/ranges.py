"""Loops that run only where conditions hold, so that nothing is asked inside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Expr, Mul

from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Iverson, free
from gradproof.kernels.expressions import Facts, Writer
from gradproof.kernels.planner.ranges import Bound, solved


@dataclass(frozen=True, slots=True)
class Limits:
    """Where along an index a loop runs.

    Attributes:
        start: the first place, as text.
        stop: the place after the last.
        used: the conditions that then hold.
    """

    start: str
    stop: str
    used: tuple[Condition, ...]

    @property
    def facts(self) -> Facts:
        """What is at least 0 inside."""
        return tuple(c.operands[0] for c in self.used)


def limits(
    conditions: Iterable[Condition], index: Index, known: frozenset[Index], writer: Writer, divisors: frozenset[Size]
) -> Limits | None:
    """Return the limits that the conditions set, as far as they name open indices alone; None where there is none.

    Args:
        conditions: they all must hold.
        index: the loop's.
        known: the indices that are open around it.
        writer: writes the bounds.
        divisors: sizes that are at least 1.
    """
    used, least, most = [], ["0"], [writer.integer(index.size)]
    for c in conditions:
        if c.kind != "ge" or {i for i in free(c) if isinstance(i, Index)} - known - {index}:
            continue
        found = solved([c], index, divisors)
        if found.least or found.most:
            used.append(c)
            least += [_up(b, writer) for b in found.least]
            most += [_down(b, writer) for b in found.most]
    if not used:
        return None
    start = _extreme("max", least)
    return Limits(start, _extreme("min", most), tuple(used))


def _extreme(name: str, texts: list[str]) -> str:
    texts = list(dict.fromkeys(texts))
    return texts[0] if len(texts) == 1 else f"{name}({', '.join(texts)})"


def _up(b: Bound, writer: Writer) -> str:
    """Return num/den rounded up."""
    return writer.integer(b.num) if b.den == 1 else f"-({writer.tight_integer(-b.num)}//{writer.tight_integer(b.den)})"


def _down(b: Bound, writer: Writer) -> str:
    """Return the place after num/den rounded down."""
    if b.den == 1:
        return writer.integer(b.num + 1)
    return f"{writer.tight_integer(b.num)}//{writer.tight_integer(b.den)} + 1"


def bracket_conditions(e: Expr) -> tuple[Condition, ...]:
    """Return the conditions of the brackets that are factors of an expression: where they do not hold, it is 0."""
    return tuple(c for f in Mul.make_args(e) if isinstance(f, Iverson) for c in f.conditions)
