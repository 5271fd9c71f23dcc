"""Kernels that gradproof generated: their own gradients are judged, as those of a framework are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.frameworks.judged import measured_of
from gradproof.verify.report import Report


def is_kernel(f: Any) -> bool:
    """Is it a generated kernel? Told by its class's name: this room knows nothing of the kernels'."""
    return type(f).__module__ == "gradproof.kernels.compiled" and type(f).__name__ == "Kernel"


def judged(check: Callable[..., Report], kernel: Any, inputs: Any, options: Mapping[str, Any]) -> Report:
    """Return the verdict on the gradients that a kernel returns beside its value.

    Args:
        check: the judge.
        kernel: of a derivation.
        inputs: what the kernel takes, by name or in its order; of a cotangent the shape alone counts.
        options: what `check` was called with.

    Raises:
        InputError: it returns no gradient, or an input is missing.
    """
    gradients = {name: f"d_{name}" for name in kernel.inputs if f"d_{name}" in kernel.outputs}
    values = [name for name in kernel.outputs if name not in gradients.values()]
    if not gradients or not values:
        raise InputError(
            f"{kernel!r} returns no value with its gradients",
            expected="the kernel of a derivation: gp.kernel(gp.derive(...))",
        )
    seeds = [f"d_{name}" for name in values if f"d_{name}" in kernel.inputs]
    names = [name for name in kernel.inputs if name not in seeds]
    given = _by_name(inputs, list(kernel.inputs))
    kept = {
        k: v
        for k, v in options.items()
        if k in ("wrt", "bounds", "rtol", "budget", "seed", "executor") and v is not None
    }
    kept.setdefault("wrt", list(gradients))
    shapes = {seed: np.shape(given[seed]) for seed in seeds}

    def value(*arrays: Any) -> Any:
        found = _called(kernel, dict(zip(names, arrays, strict=True)), {s: np.zeros(shapes[s]) for s in seeds})
        chosen = [found[s.removeprefix("d_")] for s in seeds] or [found[values[0]]]
        return chosen[0] if len(chosen) == 1 else np.concatenate([np.ravel(x) for x in chosen])

    def pulled(cotangent: Any, *arrays: Any) -> Any:
        found = _called(kernel, dict(zip(names, arrays, strict=True)), _parts(cotangent, seeds, shapes))
        return {name: found[gradient] for name, gradient in gradients.items()}

    points = [given[name] for name in names]
    if seeds:
        report = check(value, None, points, vjp=pulled, names=names, exact=False, **kept)
    else:
        report = check(value, lambda *arrays: pulled(None, *arrays), points, names=names, exact=False, **kept)
    return measured_of(report, "generated kernels")


def _by_name(inputs: Any, names: list[str]) -> dict[str, Any]:
    given = dict(inputs) if isinstance(inputs, Mapping) else dict(zip(names, inputs, strict=False))
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(f"the kernel's input {missing[0]} is missing", expected=f"inputs for {', '.join(names)}")
    return given


def _called(kernel: Any, given: Mapping[str, Any], seeds: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the kernel returns, real inputs in its own type."""
    typed = {name: _typed(value, kernel.dtype) for name, value in {**given, **seeds}.items()}
    return dict(kernel(**typed))


def _typed(value: Any, dtype: str) -> Any:
    array = np.asarray(value)
    return array.astype(dtype) if array.dtype.kind == "f" else value


def _parts(cotangent: Any, seeds: list[str], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    if len(seeds) <= 1:
        return {seed: np.asarray(cotangent) for seed in seeds}
    sizes = [int(np.prod(shapes[seed])) for seed in seeds]
    parts = np.split(np.asarray(cotangent), np.cumsum(sizes)[:-1])
    return {seed: part.reshape(shapes[seed]) for seed, part in zip(seeds, parts, strict=True)}
