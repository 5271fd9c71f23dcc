"""One kernel over a list of arrays, as an optimiser's step goes over the parameters of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

Call = Callable[..., dict[str, Any]]
View = Callable[[str, Any], Any]


def each(
    call: Call, groups: Iterable[Mapping[str, Any]], shared: Mapping[str, Any], view: View | None = None
) -> list[dict[str, Any]]:
    """Return what the call gives for each group of arrays, which are handed on flat; results have the group's shape.

    Args:
        call: the kernel.
        groups, shared: what it is called with.
        view: for kernels on a device, an array of any library as one on the device: (name, array) -> array.

    Raises:
        ValueError: arrays of one group have different shapes, or one of `out` is not contiguous (on a device: any).
    """
    return [_one(call, dict(group), shared, view) for group in groups]


def _one(call: Call, group: dict[str, Any], shared: Mapping[str, Any], view: View | None) -> dict[str, Any]:
    out = group.pop("out", None)
    shape = _shape([*group.values(), *(out or {}).values()])
    given = {n: _flat(a) if view is None else _flat_on_device(n, a, view) for n, a in group.items()}
    if out is not None:
        own = {n: _own(n, a) if view is None else _flat_on_device(f"out[{n!r}]", a, view) for n, a in out.items()}
        given["out"] = own
    found = call(**shared, **given)
    return {n: a.reshape(shape) if getattr(a, "size", -1) == prod(shape) else a for n, a in found.items()}


def _flat_on_device(name: str, a: Any, view: View) -> Any:
    if not getattr(a, "shape", ()):
        return a
    array = view(name, a)
    if not array.is_c_contiguous():
        raise ValueError(
            f"{name} is not contiguous, so that it cannot be taken as a flat array: pass a contiguous copy"
        )
    return array.reshape(prod(array.shape))


def _shape(arrays: Iterable[Any]) -> tuple[int, ...]:
    shapes = dict.fromkeys(tuple(a.shape) for a in arrays if getattr(a, "shape", ()))
    if len(shapes) > 1:
        raise ValueError(f"arrays of one group have the shapes {', '.join(map(str, shapes))}, expected one shape")
    return next(iter(shapes), ())


def _flat(a: Any) -> Any:
    return a.reshape(-1) if getattr(a, "shape", ()) else a


def _own(name: str, a: Any) -> Any:
    if not a.flags.c_contiguous:
        raise ValueError(f"out[{name!r}] is not contiguous, so that it cannot be written as a flat array")
    return a.reshape(-1)
