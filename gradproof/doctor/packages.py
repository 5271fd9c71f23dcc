"""Python packages: those that gradproof needs, and those that it can use."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from gradproof.doctor.finding import Finding, absent, broken, found

#: The package on the registry, the name in the table.
_NEEDED = ("sympy", "numpy", "numba", "llvmlite", "python-flint", "lark", "click", "rich")
#: What is lost without a package, and the extra that brings it.
_OPTIONAL = (
    ("torch", "k.torch(), gradients of torch functions, and a peer in benchmarks", "torch"),
    ("jax", "k.jax(), gradients of JAX functions, and a peer in benchmarks", "jax"),
    ("matplotlib", "pictures in reports", "plots"),
)


def needed() -> Iterator[Finding]:
    """Yield Python and the packages without which nothing works."""
    from gradproof import __version__

    yield found("needed", "gradproof", __version__)
    yield found("needed", "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in _NEEDED:
        told = installed(name)
        missing = broken("needed", name, "not installed", f"pip install {name}")
        yield found("needed", name, told) if told else missing


def optional() -> Iterator[Finding]:
    """Yield the packages that gradproof can do without."""
    for name, lost, extra in _OPTIONAL:
        told = installed(name)
        wanted = f"pip install 'gradproof[{extra}]'"
        missing = absent("libraries", name, f"not installed; it is for {lost}", wanted)
        yield found("libraries", name, told) if told else missing


def installed(name: str) -> str:
    """Return the version of a package; "" where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
