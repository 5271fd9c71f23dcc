"""`gradproof explain`: the derivation behind a line of a generated module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradproof import catalogue
from gradproof.commands.generated import Group, Place, place_of
from gradproof.commands.outcome import RIGHT
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import find, one_system
from gradproof.errors import InputError
from gradproof.files import read_text

if TYPE_CHECKING:
    from gradproof.derive.model import System
    from gradproof.derive.steps import Derivation


def explain(argument: str, system: str | None, detail: int, output: Output) -> int:
    """Print what a line computes and how that was derived, and return the exit status.

    Args:
        argument: "FILE:LINE".
        system: what the module was made of, where its header does not tell.
        detail: how many of the steps, 1 to 3.
        output: where to.
    """
    path, line = _split(argument)
    output.check(path)
    place = place_of(read_text(path).text, line, str(path))
    with progress("deriving"):
        text = "\n".join([f"{path}:{line}  {place.text}", "", *_told(place, system, detail, output)])
    output.put(text.rstrip())
    return RIGHT


def _split(argument: str) -> tuple[Path, int]:
    name, colon, line = argument.rpartition(":")
    if not colon or not line.isdecimal():
        raise InputError(f"{argument!r} names no line", expected="FILE:LINE, as in lstm_kernels.py:42")
    path = Path(name)
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    return path, int(line)


def _told(place: Place, system: str | None, detail: int, output: Output) -> list[str]:
    if place.group is None:
        return _of_no_equation(place)
    group, lines = place.group, []
    if place.function:
        lines += [f"in {place.function}, of: {group.title}", ""]
    found = _derived(group, system)
    for number in place.numbers:
        lines += [f"({number}) {group.equations[number]}", *_steps(group, number, found, detail, output), ""]
    return lines


def _of_no_equation(place: Place) -> list[str]:
    if not place.function:
        return ["The line stands outside the functions, and belongs to no equation."]
    about = f": {place.about}" if place.about else "."
    return [f"The line belongs to no equation of its own. It stands in {place.function}{about}"]


def _steps(group: Group, number: int, found: Derivation | None, detail: int, output: Output) -> list[str]:
    name = _target(group.equations[number])
    if found is None:
        return [
            "    The system cannot be rebuilt from the header: its declarations do not stand there.",
            "    --system NAME, or a file, says what the module was made of.",
        ]
    if name not in {b.name for b in found.blocks}:
        return ["    An equation of the system itself: it is given, not derived."]
    from gradproof.derive.render.plain import plain_steps

    return ["", plain_steps(found, name, width=output.columns, detail=detail, ascii=output.plain_ascii).rstrip()]


def _target(equation: str) -> str:
    return equation.partition("=")[0].partition("[")[0].removeprefix("start ").strip()


# ---------------------------------------------------------------- the derivation again


def _derived(group: Group, named: str | None) -> Derivation | None:
    """Return the derivation whose equations are those of the header, None if none is found.

    Raises:
        InputError: the system that was named has other equations.
    """
    if named is not None:
        found = _fitting(group, one_system(find(named), ()))
        if found is None:
            raise InputError(f"{named} has other equations than the module", hint="name what the module was made of")
        return found
    for system in _candidates(group):
        found = _fitting(group, system)
        if found is not None:
            return found
    return None


def _candidates(group: Group) -> list[System]:
    """Return the catalogue's systems of that title, then what the header's own equations state."""
    from gradproof.loading import load

    listed = [
        load(e.name) for e in catalogue.entries() if e.title.startswith(group.title) or group.title.startswith(e.title)
    ]
    own = _from_header(group)
    return [*(s for s in listed if s.title.rstrip(".") == group.title), *([own] if own else [])]


def _from_header(group: Group) -> System | None:
    """Read the header's forward equations in the notation; what they read is declared where its shape is plain."""
    from gradproof.derive.notation import elaborate, parse_syntax
    from gradproof.derive.notation.bare import declare_inputs

    forward = [text for text in group.equations.values() if not _target(text).startswith("d_")]
    try:
        return elaborate(declare_inputs(parse_syntax("\n".join(forward), "header")))
    except InputError:
        return None


def _fitting(group: Group, system: System) -> Derivation | None:
    """Return the derivation of a system if it has the header's equations, up to their numbers."""
    from gradproof.derive.derivation import derive
    from gradproof.kernels.equations import numbered_equations

    gradients = {_target(t).removeprefix("d_") for t in group.equations.values() if _target(t).startswith("d_")}
    asked = tuple(t.name for t in system.differentiable if t.name in gradients)
    for wrt in dict.fromkeys((asked, ())):
        try:
            found = derive(system, None, wrt or None)
        except InputError:
            continue
        texts = {t.partition(") ")[2] for t in numbered_equations(found.joint.equations, found.joint)}
        if set(group.equations.values()) <= texts:
            return found
    return None
