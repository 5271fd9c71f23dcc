"""What a worker runs, and the function that a peer is made of."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]


def _same(values: dict[str, Any]) -> dict[str, Any]:
    return values


@dataclass(frozen=True, slots=True)
class Runner:
    """One kernel, ready to be called.

    Attributes:
        run: does the whole work, forward and backward, and returns when it is done.
        named: turns what `run` returned into {name of the system: array}.
        timed: gives the seconds that so many runs take by a device's events, where `run` returns before it is done.
    """

    run: Callable[[], Any]
    named: Callable[[Any], Arrays]
    timed: Callable[[int], float] | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """The forward pass as a framework's user writes it; the backward pass is the framework's.

    Attributes:
        function: takes tensors (and sizes) by name, returns {output: tensor}.
        pack: from tensors by the system's names to the framework's usual layout, as for the stacked weights of an LSTM.
        unpack: from gradients {name: array} in that layout to the system's names.
        wrt: names that are differentiated, in that layout; () for the system's own.
    """

    function: Callable[..., dict[str, Any]]
    pack: Callable[[dict[str, Any]], dict[str, Any]] = _same
    unpack: Callable[[dict[str, Any]], dict[str, Any]] = _same
    wrt: tuple[str, ...] = ()


def chosen(function: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that the function has parameters for.

    >>> chosen(lambda x, s: None, {"x": 1, "s": 2, "n": 3})
    {'x': 1, 's': 2}
    """
    return {name: values[name] for name in inspect.signature(function).parameters if name in values}
