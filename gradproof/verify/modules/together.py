"""Functions that return their value and their gradients together: (loss, grad), (loss, grads), (loss, dW, db)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradproof.verify.modules.gather import Gathered
from gradproof.verify.modules.names import called_after
from gradproof.verify.modules.task import Task, Unjudgeable, of_framework
from gradproof.verify.modules.trees import Arguments

_WHOLE = ("grad", "grads", "gradient", "gradients", "g", "jac", "dx", "derivs")


def returns_both(labels: Sequence[str], inputs: Sequence[str]) -> bool:
    """Do the names that a function returns say: the value, then gradients?

    >>> returns_both(("loss", "dW"), ["W", "X"]), returns_both(("out", "cache"), ["x"])
    (True, False)
    """
    if len(labels) < 2 or not all(labels) or _is_gradient(labels[0], inputs):
        return False
    return all(_is_gradient(label, inputs) for label in labels[1:])


def _is_gradient(label: str, inputs: Sequence[str]) -> bool:
    if label in _WHOLE or label.startswith(("grad_", "d_")) or label.endswith(("_grad", "_grads", "_gradient")):
        return True
    return any(name in inputs for name in called_after(label)[1:])


def tasks(
    call: Callable[[Mapping[str, Any]], Any], labels: Sequence[str], values: Mapping[str, Any], wrt: Sequence[str] = ()
) -> list[Task]:
    """Return the question to the judge; several where one array may be the gradient of several inputs.

    Args:
        call: the function, of its arguments by name.
        labels: names of what it returns.
        values: the arguments.
        wrt: inputs that the gradient is for, if it is declared.

    Raises:
        Unjudgeable: it returns something else than its names say.
    """
    arguments = Arguments(values)

    def run(inputs: Sequence[Any]) -> Any:
        with np.errstate(all="ignore"):
            return call(arguments.filled(inputs))

    first = run(arguments.values)
    if not isinstance(first, tuple | list) or len(first) < 2 or np.size(first[0]) != 1:
        raise Unjudgeable("it does not return a number and then gradients", expected="(loss, gradients)")
    parts = first[1] if len(first) == 2 else tuple(first[1:])
    # Of (loss, grad) the name `grad` says nothing; of (loss, dW) the name says whose it is.
    gathered = Gathered(parts, [label if label not in _WHOLE[:5] else "" for label in labels[1:]], arguments, wrt)

    def value(*inputs: Any) -> Any:
        return run(inputs)[0]

    def gradients(*inputs: Any) -> Any:
        found = run(inputs)
        return gathered.taken(found[1] if len(found) == 2 else tuple(found[1:]))

    def as_gradient_of(name: str) -> Callable[..., Any]:
        return lambda *inputs: {name: next(iter(gradients(*inputs).values()))}

    names = arguments.names
    task = Task(value, arguments.values, names, {"grad": gradients, "wrt": list(gathered.parts)}, gathered.notes())
    others = ({"grad": as_gradient_of(name), "wrt": [name]} for name in gathered.others)
    found = [task, *(Task(value, arguments.values, names, options, task.notes) for options in others)]
    return [of_framework(one, first) for one in found]
