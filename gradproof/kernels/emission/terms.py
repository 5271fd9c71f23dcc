"""The lines that add a term to a reduction, on every target."""

from __future__ import annotations

from sympy import Expr

from gradproof.derive.index import Index
from gradproof.kernels.expressions import Facts, Writer
from gradproof.kernels.plan import Statement

#: The functions that take the better of two values.
BETTER = {"max": "max", "min": "min"}


def value_of(s: Statement, writer: Writer, facts: Facts) -> str:
    """Return the text of the term of a reduction."""
    writer.wide = writer.storage[s.name].wide
    text = writer.real(s.expr, facts)
    writer.wide = False
    return text


def term_lines(
    s: Statement, into: str, value: str, writer: Writer, best: str = "", *, branches: bool = True
) -> list[str]:
    """Return the lines that add a term to a reduction.

    Args:
        s: the reduction.
        into: what it runs in: a local, or an entry.
        value: the term.
        writer: of functions and integers.
        best: of a position, what holds the value there.
        branches: does an entry of an array change under a branch, and not by a selection, which can be in vectors?
    """
    if s.kind in ("sum", "add"):
        return [f"{into} += {value}  # ({s.number})"]
    if s.kind in BETTER:
        return [f"{into} = {writer.call(BETTER[s.kind], into, value)}  # ({s.number})"]
    return position_lines(s, into, best, value, flat_position(s.reduced, writer), branches=branches or "[" not in into)


def position_lines(s: Statement, into: str, best: str, value: str, at: str, *, branches: bool = True) -> list[str]:
    """Return the lines that take a position where the value there is better; a nan is better than any number."""
    beats = ">" if s.kind == "argmax" else "<"
    better = f"{into} < 0 or value {beats} {best} or (value != value and {best} == {best})"
    if branches:
        return [f"value = {value}", f"if {better}:", f"    {best} = value", f"    {into} = {at}  # ({s.number})"]
    return [
        f"value = {value}",
        f"better = {better}",
        f"{best} = value if better else {best}",
        f"{into} = {at} if better else {into}  # ({s.number})",
    ]


def flat_position(reduced: tuple[Index, ...], writer: Writer) -> str:
    """Return the position among the reduced indices, counted row by row."""
    flat: Expr = reduced[0]
    for index in reduced[1:]:
        flat = flat * index.size + index
    return writer.integer(flat.expand())
