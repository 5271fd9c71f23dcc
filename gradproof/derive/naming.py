"""Names of cotangents and adjoints: d_x, t_h for the total adjoint of an output that is used again, d2_x later."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gradproof.derive.index import Index, is_fresh
from gradproof.derive.model import System
from gradproof.derive.nodes import Element, Reduce, names_in

POOL = "ijklnabcdeuvwxyz"


def adjoint_names(
    system: System, on_path: Collection[str], of: Collection[str], used_again: Collection[str]
) -> dict[str, str]:
    """Return the adjoint's name for each tensor; a name that is taken (by a derivation before) counts up: d2_x."""
    taken = set(system.by_name)
    out = {}
    for name in on_path:
        prefix = "t" if name in of and name in used_again else "d"
        out[name] = counted(prefix, name, taken)
        taken.add(out[name])
    return out


def seed_names(system: System, of: Collection[str]) -> dict[str, str]:
    """Return the name of the cotangent that comes in for each output."""
    return {name: counted("d", name, system.by_name) for name in of}


def counted(prefix: str, name: str, taken: Collection[str]) -> str:
    """d_x, or d2_x where that is taken, and so on."""
    return next(c for k in (0, *range(2, 100)) if (c := f"{prefix}{k or ''}_{name}") not in taken)


def target_indices(system: System, name: str) -> tuple[Index, ...]:
    """Return indices for a tensor's axes, with the letters that the text uses for it."""
    shape = system[name].shape
    return tuple(Index(letter, n) for letter, n in zip(_letters(system, name), shape, strict=True))


def _letters(system: System, name: str) -> list[str]:
    for equation in system.definitions:
        if equation.name == name and len(equation.indices) == len(equation.target.indices):
            return [i.name for i in equation.indices]
    for equation in system.equations:
        letters = _as_read(equation.value, name, {}) if name in names_in(equation.value) else None
        if letters is not None:
            return letters
    used: list[str] = []
    for size in system[name].shape:
        used.append(pick_letter(system, size, used))
    return used


def _as_read(e: object, name: str, letters: Mapping[object, str]) -> list[str] | None:
    """Return the letters of a read `name[i, j]` whose indices are plain, distinct, free indices of the equation."""
    if isinstance(e, Element) and e.name == name and e.indices:
        plain = [i.name for i in e.indices if isinstance(i, Index) and not is_fresh(i)]
        if len(set(plain)) == len(e.indices):
            return plain
    if isinstance(e, Reduce):
        return _as_read(e.body, name, letters)
    for a in getattr(e, "args", ()):
        found = _as_read(a, name, letters)
        if found is not None:
            return found
    return None


def pick_letter(system: System, size: object, used: Collection[str]) -> str:
    """Return a letter for an index of this range: the text's own first, then the size's name, then a pool."""
    own = list(system.names_for(size))
    low = str(size).lower()
    candidates = own + ([low] if len(low) == 1 and low.isalpha() else []) + list(POOL)
    reserved = set(system.by_name) | {s.name for s in system.sizes}
    for letter in candidates:
        if letter not in used and (letter not in reserved or letter in own):
            return letter
    return next(c for c in (f"i{j}" for j in range(1, 1000)) if c not in used)
