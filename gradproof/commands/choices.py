"""What an option may be, for the command line to complete and check without loading what stands behind it."""

from __future__ import annotations

from gradproof.errors import InputError, NotYet

FORMATS = ("terminal", "plain", "latex", "markdown", "json", "html", "eqs")
"""Forms of a derivation; one module of `derive.render` each."""

TABLE_FORMATS = ("terminal", "plain", "markdown", "json")
"""Forms of the table of verdicts."""

DOCTOR_FORMATS = ("terminal", "plain", "json")
"""Forms of what the doctor tells."""

TARGETS = ("cpu", "cuda")
"""What kernels are generated for."""

PRODUCTS = ("auto", "cublas", "own")
"""Who makes matrix products on CUDA: cuBLAS where it is installed, always, or a kernel of the module's."""

DTYPES = ("float32", "float64")
"""The numbers that a kernel computes with."""

STORED = (*DTYPES, "float16", "bfloat16")
"""The numbers of a kernel's arrays: in half precision on CUDA alone, computed with in float32."""

PEERS = ("numpy", "torch", "torch.compile", "jax")
"""What kernels are measured against."""

DEVICE_PEERS = ("torch", "torch.compile", "cupy", "liger")
"""The same on a GPU."""

KINKS = ("torch", "jax")
"""Whose convention is taken where a function has no derivative."""

SHELLS = ("bash", "zsh", "fish")
"""Shells whose completion is known."""


def form_of(order: int, **flags: object) -> str:
    """Return what is to be derived: "gradient", "second", or one of the flags that is on, as "hvp" or "through time".

    Raises:
        InputError: two of the options ask for different things.
        NotYet: an order above 2.

    >>> form_of(1, hvp=False), form_of(2), form_of(2, hvp=True), form_of(1, through_time="h")
    ('gradient', 'second', 'hvp', 'through time')
    """
    if order > 2:
        raise NotYet(f"--order {order}", expected="--order 1 or --order 2")
    asked = sorted((name for name, on in flags.items() if on), reverse=True)
    if len(asked) > 1 or (asked and order > 1 and asked != ["hvp"]):
        told = [f"--{name.replace('_', '-')}" for name in asked] + [f"--order {order}"] * (order > 1)
        raise InputError(f"{told[0]} and {told[1]} ask for different things", expected="one of them")
    return asked[0].replace("_", " ") if asked else "second" if order == 2 else "gradient"


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
