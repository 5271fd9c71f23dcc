"""A stationary point: what each unknown is there, and how that was found."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Element
from gradproof.derive.render.symbols import as_ascii


@dataclass(frozen=True, slots=True)
class Linear:
    """`sum[k] matrix[j,k]*u[k] = right[j]`: the equation of an unknown that is met under a sum.

    `left` is the whole left side; the target of `right` is the unknown.
    """

    left: Expr
    matrix: Equation
    right: Equation


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its rule, what it says (notation, `left = right`), a side condition in words, the text in ASCII."""

    rule: str
    text: str
    because: str = ""
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One unknown.

    Attributes:
        target: its element, over all axes.
        values: its values at the stationary points; empty where it is the solution of a linear system.
        linear: that linear system, or None.
        second: the second derivative there, one for each value, where the unknown's elements do not meet.
        nature: "minimum", "maximum" or "", one for each of `second`: what its sign says.
        lines: the steps.
    """

    target: Element
    values: tuple[Expr, ...]
    linear: Linear | None
    second: tuple[Expr, ...]
    nature: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        return self.target.name


@dataclass(frozen=True, slots=True)
class Solution:
    """The stationary point of `of` for its unknowns; each may be written with the ones before it.

    Attributes:
        system: what was solved.
        of: the output whose gradient vanishes.
        unknowns: in the order in which they are computed.
    """

    system: System
    of: str
    unknowns: tuple[Unknown, ...]

    def __getitem__(self, name: str) -> Unknown:
        """Return what was found for an unknown."""
        return next(u for u in self.unknowns if u.name == name)

    def text(self, width: int = 80, *, ascii: bool = False) -> str:  # noqa: A002  (the option's public name)
        """Return the steps as plain text."""
        lines = [f"Stationary point of {self.of} for {', '.join(u.name for u in self.unknowns)}", ""]
        for unknown in self.unknowns:
            for line in unknown.lines:
                note = f"{line.rule}, {line.because}" if line.because else line.rule
                shown = as_ascii(line.plain or line.text) if ascii else line.text
                flat = f"  {shown.ljust(44)}   {note}"
                if len(flat) <= width:
                    lines.append(flat)
                else:
                    lines += textwrap.wrap(shown, width, initial_indent="  ", subsequent_indent="      ")
                    lines += textwrap.wrap(note, width, initial_indent=" " * 8, subsequent_indent=" " * 8)
            lines.append("")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Return the solution as plain data."""
        return {
            "format": "gradproof-solution",
            "version": 1,
            "of": self.of,
            "unknowns": [
                {
                    "name": u.name,
                    "kind": "linear system" if u.linear else "solved",
                    "nature": list(u.nature),
                    "steps": [{"rule": x.rule, "text": x.text, "because": x.because} for x in u.lines],
                }
                for u in self.unknowns
            ],
        }
