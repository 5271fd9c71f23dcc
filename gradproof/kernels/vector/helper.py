"""One helper of a generated module: its text, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

#: The types, in the order of the bounds.
DTYPES = ("float32", "float64")


@dataclass(frozen=True, slots=True)
class Helper:
    """A function that a generated module holds.

    Attributes:
        name: its name in the module.
        needs: names of the helpers and constants that its text uses.
        text: its definition; fields in braces are filled in for the type.
        ulps: greatest error for each type, in units in the last place; none for what is no function of reals.
        text64: its definition for float64, where that is another.
        needs32: what its text for float32 needs beside.
        needs64: what its text for float64 needs beside.
    """

    name: str
    needs: tuple[str, ...]
    text: str
    ulps: tuple[float, float] | None = None
    text64: str = ""
    needs32: tuple[str, ...] = ()
    needs64: tuple[str, ...] = ()
