"""What an option may be, for the command line to complete and check without loading what stands behind it."""

from __future__ import annotations

FORMATS = ("terminal", "plain", "latex", "markdown", "json")
"""Forms of a derivation; one module of `derive.render` each."""

TABLE_FORMATS = ("terminal", "plain", "markdown", "json")
"""Forms of the table of verdicts."""

TARGETS = ("cpu",)
"""What kernels are generated for."""

DTYPES = ("float32", "float64")
"""The numbers that a kernel computes with."""

KINKS = ("torch",)
"""Whose convention is taken where a function has no derivative; the engine has no other yet."""

SHELLS = ("bash", "zsh", "fish")
"""Shells whose completion is known."""


def names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Split repeated options and comma lists into names, each once.

    >>> names(("W,b", "W"))
    ('W', 'b')
    """
    return tuple(dict.fromkeys(name for value in values for part in value.split(",") if (name := part.strip())))
