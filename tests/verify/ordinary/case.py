"""An ordinary function and where it is differentiated."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Case:
    """A function, and its inputs; floating ones are differentiated.

    Attributes:
        lost: a part of the reason why it does not run in balls; "" if it does.
    """

    name: str
    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    lost: str = ""


def case(f: Callable[..., Any], *inputs: Any, name: str = "", lost: str = "") -> Case:
    """Return a case named as its function; callables among the inputs make them, from a seed of the name's."""
    name = name or f.__name__
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return Case(name, f, tuple(x(rng) if callable(x) else x for x in inputs), lost)


def normal(*shape: int, scale: float = 1.0) -> Any:
    return lambda rng: rng.normal(size=shape) * scale


def positive(*shape: int) -> Any:
    return lambda rng: rng.uniform(0.4, 2.0, size=shape)


def share(*shape: int) -> Any:
    return lambda rng: rng.uniform(0.1, 0.9, size=shape)


def signs(*shape: int) -> Any:
    return lambda rng: rng.choice([-1, 1], size=shape)


def labels(count: int, classes: int) -> Any:
    return lambda rng: rng.integers(0, classes, size=count)


def definite(n: int) -> Any:
    def make(rng: Any) -> Any:
        a = rng.normal(size=(n, n))
        return a @ a.T + n * np.eye(n)

    return make
