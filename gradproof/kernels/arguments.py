"""Arguments of a call, matched with the kernel's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any


def match_arguments(kernel: str, parameters: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return {parameter: value}.

    Args:
        kernel: its name, for the message.
        parameters: for each name of the system the parameter's name: {"ŷ": "y_hat"}. Both are understood.
        given: values by either name.

    Raises:
        TypeError: an argument is unknown, is given twice or is missing; the message lists what is expected.

    >>> match_arguments("f", {"ŷ": "y_hat"}, {"ŷ": 1})
    {'y_hat': 1}
    """
    expected = f"expected: {', '.join(parameters) or 'no arguments'}"
    known = set(parameters.values())
    matched: dict[str, Any] = {}
    for name, value in given.items():
        parameter = parameters.get(name, name)
        if parameter not in known:
            raise TypeError(f"{kernel}() has no argument {name!r}{_nearest(name, parameters)}; {expected}")
        if parameter in matched:
            raise TypeError(f"{kernel}() got {parameter!r} under two names; {expected}")
        matched[parameter] = value
    missing = [name for name, parameter in parameters.items() if parameter not in matched]
    if missing:
        others = "" if len(missing) == len(parameters) else f"; {expected}"
        raise TypeError(f"{kernel}() needs {', '.join(missing)}{others}")
    return matched


def _nearest(name: str, parameters: Mapping[str, str]) -> str:
    near = get_close_matches(name, [*parameters, *parameters.values()], n=1)
    return f": did you mean {near[0]!r}?" if near else ""
