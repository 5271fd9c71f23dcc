"""What an option may be, for the command line to complete and check without loading what stands behind it."""

from __future__ import annotations

from gradproof.errors import InputError

FORMATS = ("terminal", "plain", "latex", "markdown", "json", "eqs")
"""Forms of a derivation; one module of `derive.render` each."""

TABLE_FORMATS = ("terminal", "plain", "markdown", "json")
"""Forms of the table of verdicts."""

TARGETS = ("cpu",)
"""What kernels are generated for."""

DTYPES = ("float32", "float64")
"""The numbers that a kernel computes with."""

KINKS = ("torch", "jax")
"""Whose convention is taken where a function has no derivative."""

SHELLS = ("bash", "zsh", "fish")
"""Shells whose completion is known."""


def names(values: tuple[str, ...], flag: str) -> tuple[str, ...]:
    """Split repeated options and comma lists into names, each once.

    Raises:
        InputError: a value names nothing.

    >>> names(("W,b", "W"), "--wrt")
    ('W', 'b')
    """
    parts = [part.strip() for value in values for part in value.split(",")]
    if not all(parts):
        raise InputError(f"{flag} {','.join(values)!r} holds an empty name", expected=f"names, as in {flag} W,b")
    return tuple(dict.fromkeys(parts))
