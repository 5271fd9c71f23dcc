"""One kernel over a list of arrays, as an optimiser's step goes over the parameters of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

Call = Callable[..., dict[str, Any]]


def each(call: Call, groups: Iterable[Mapping[str, Any]], shared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the call gives for each group of arrays, which are handed on flat; results have the group's shape.

    Raises:
        ValueError: arrays of one group have different shapes, or one of `out` is not contiguous.
    """
    return [_one(call, dict(group), shared) for group in groups]


def _one(call: Call, group: dict[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    out = group.pop("out", None)
    shape = _shape([*group.values(), *(out or {}).values()])
    given = {n: _flat(a) for n, a in group.items()}
    if out is not None:
        given["out"] = {n: _own(n, a) for n, a in out.items()}
    found = call(**shared, **given)
    return {n: a.reshape(shape) if getattr(a, "size", -1) == prod(shape) else a for n, a in found.items()}


def _shape(arrays: Iterable[Any]) -> tuple[int, ...]:
    shapes = dict.fromkeys(a.shape for a in arrays if getattr(a, "shape", ()))
    if len(shapes) > 1:
        raise ValueError(f"arrays of one group have the shapes {', '.join(map(str, shapes))}, expected one shape")
    return next(iter(shapes), ())


def _flat(a: Any) -> Any:
    return a.reshape(-1) if getattr(a, "shape", ()) else a


def _own(name: str, a: Any) -> Any:
    if not a.flags.c_contiguous:
        raise ValueError(f"out[{name!r}] is not contiguous, so that it cannot be written as a flat array")
    return a.reshape(-1)
