"""What each name of the second system stands for in the first: the same name, a renaming, or a gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from gradproof.derive.latex.names import ascii_name
from gradproof.derive.model import System
from gradproof.errors import InputError

#: How a hand-written pass names the derivative with respect to z: d_z, dz, grad_z.
GRADIENT_PREFIXES = ("d_", "grad_", "d")


@dataclass(frozen=True, slots=True)
class Names:
    """Matched names of the second system.

    Attributes:
        tensors: its name -> the first system's tensor.
        adjoints: its name -> the tensor of the first system whose adjoint it is.
    """

    tensors: Mapping[str, str]
    adjoints: Mapping[str, str]


def match_names(first: System, second: System, renamed: Mapping[str, str]) -> Names:
    """Return the matches; a name without one is in neither.

    Raises:
        InputError: a renaming names what is not there.
    """
    for name, meaning in renamed.items():
        _known(name, second, "the second system")
        if _tensor(meaning, first) is None and _adjoint(meaning, first) is None:
            _known(meaning, first, "the first system")
    tensors, adjoints = {}, {}
    for t in second.tensors:
        meaning = renamed.get(t.name, t.name)
        found, gradient = _tensor(meaning, first), _adjoint(meaning, first)
        if found is not None:
            tensors[t.name] = found
        elif gradient is not None:
            adjoints[t.name] = gradient
    return Names(tensors, adjoints)


def _tensor(name: str, system: System) -> str | None:
    """Return the tensor of that name; it may be typed in ASCII."""
    return next((t.name for t in system.tensors if name in (t.name, ascii_name(t.name))), None)


def _adjoint(name: str, system: System) -> str | None:
    """Return z for d_z, grad_z and dz."""
    rests = (name.removeprefix(p) for p in GRADIENT_PREFIXES if name.startswith(p) and len(name) > len(p))
    return next((found for rest in rests if (found := _tensor(rest, system)) is not None), None)


def _known(name: str, system: System, which: str) -> None:
    if _tensor(name, system) is None:
        close = get_close_matches(name, list(system.by_name), 1)
        raise InputError(
            f"a renaming is about {name}, which {which} does not have",
            expected=f"NAME of the second = NAME of the first; {which} has {', '.join(system.by_name)}",
            hint=f"did you mean {close[0]}?" if close else "",
        )
