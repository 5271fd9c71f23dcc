"""What an option may be, for the command line to complete and check without loading what stands behind it."""

from __future__ import annotations

from gradproof.errors import InputError, NotYet

FORMATS = ("terminal", "plain", "latex", "markdown", "json", "html", "eqs")
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


def form_of(order: int, hvp: bool, jvp: bool) -> str:
    """Return what is to be derived: "gradient", "second", "hvp" or "jvp".

    Raises:
        InputError: two of the options ask for different things.
        NotYet: an order above 2.

    >>> form_of(1, False, False), form_of(2, False, False), form_of(2, True, False)
    ('gradient', 'second', 'hvp')
    """
    if order > 2:
        raise NotYet(f"--order {order}", expected="--order 1 or --order 2")
    if jvp and (hvp or order > 1):
        other = "--hvp" if hvp else f"--order {order}"
        raise InputError(f"--jvp and {other} ask for different things", expected="one of --jvp, --hvp and --order 2")
    return "hvp" if hvp else "jvp" if jvp else "second" if order == 2 else "gradient"


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
