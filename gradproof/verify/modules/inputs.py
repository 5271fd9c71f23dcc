"""Where a pair is tried: what the module or the decorator declares, else arrays of the shapes that are stated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.modules.declare import INPUTS
from gradproof.verify.modules.names import near
from gradproof.verify.modules.shapes import Sizes, Stated, shapes_of
from gradproof.verify.modules.task import Parameter, parameters


class Missing(Exception):
    """Inputs that nothing is known of: `names`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Chosen:
    """The inputs of a pair: by name, and in words where each comes from."""

    values: Mapping[str, Any]
    told: str


def declared(module: Any, seed: int) -> Mapping[str, Any]:
    """Return what the module declares, {} for nothing.

    Raises:
        InputError: the declaration is no dict.
        Exception: whatever the module's function raises.
    """
    found = produced(getattr(module, INPUTS, {}), seed)
    if not isinstance(found, Mapping):
        raise InputError(
            f"{INPUTS} is {found!r:.60} of type {type(found).__name__}",
            expected='a dict, {"x": array} for all pairs or {"loss": {"x": array}} for one, or a function returning it',
        )
    return found


def produced(declaration: Any, seed: int) -> Any:
    """Return a declaration, called if it is a function: with a generator if it takes one argument."""
    if not callable(declaration):
        return declaration
    taken = [p for p in parameters(declaration) if p.required and not p.star]
    if not taken:
        return declaration()
    return declaration(seed if taken[0].name == "seed" else np.random.default_rng(seed))


def choose(
    wanted: Sequence[Parameter],
    docstring: str,
    own: Any,
    shared: Mapping[str, Any],
    rng: np.random.Generator,
) -> Chosen:
    """Return the inputs for parameters: their own, then those that all pairs share, then made from stated shapes.

    Raises:
        Missing: some of them are nowhere told.
        InputError: a declared name is no parameter, or there are too many.
    """
    mine = _by_name(wanted, own)
    names = [p.name for p in wanted if not p.star]
    values = {name: mine.get(name, shared.get(name)) for name in names if name in mine or name in shared}
    open_ = {p.name: p.annotation for p in wanted if p.required and p.name not in values}
    stated = shapes_of({p.name: p.annotation for p in wanted}, docstring)
    if set(open_) - set(stated):
        raise Missing(tuple(name for name in open_ if name not in stated))
    made = _made(open_, stated, values, rng)
    ordered = {name: made.get(name, values.get(name)) for name in names if name in made or name in values}
    return Chosen(ordered, _told(values, made))


def _made(
    open_: Collection[str], stated: Mapping[str, Stated], values: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    sizes = Sizes()
    for name, value in values.items():
        if name in stated and hasattr(value, "shape"):
            sizes.bind(stated[name], tuple(value.shape))
    real_first = sorted(open_, key=lambda name: bool(stated[name].below))
    made = {name: sizes.made(stated[name], rng) for name in real_first}
    return {name: made[name] for name in open_}


def _told(values: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    if made:
        shapes = ", ".join(f"{name} {list(np.shape(x))}" for name, x in made.items())
        return f"made from the stated shapes: {shapes}"
    return "declared" if values else "none"


def _by_name(wanted: Sequence[Parameter], own: Any) -> dict[str, Any]:
    """Return declared inputs by name.

    Raises:
        InputError: a name is no parameter, or there are more than parameters.
    """
    names = [p.name for p in wanted if not p.star]
    if own is None:
        return {}
    if isinstance(own, Mapping):
        unknown = [key for key in own if key not in names]
        if unknown:
            raise InputError(
                f"the declared input {unknown[0]!r} is no parameter",
                expected=f"names among {', '.join(names)}",
                hint=near(str(unknown[0]), names),
            )
        return dict(own)
    if not isinstance(own, tuple | list):
        own = (own,)
    if len(own) > len(names):
        raise InputError(f"{len(own)} inputs are declared for {len(names)} parameters", expected=", ".join(names))
    return dict(zip(names, own, strict=False))
