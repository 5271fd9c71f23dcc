"""Layers written as classes: `forward` and `backward`, parameters and their gradients in the object."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.modules import together
from gradproof.verify.modules.gather import Gathered
from gradproof.verify.modules.names import is_cotangent
from gradproof.verify.modules.slots import Slot, gradients_of, short, slots
from gradproof.verify.modules.task import Task, Unjudgeable, called, is_in_balls, parameters, standing_for
from gradproof.verify.modules.trees import Arguments

FORWARD = ("forward", "__call__", "fprop", "fwd", "loss")
BACKWARD = ("backward", "bprop", "bwd", "backprop")
_VALUES = ("fn", "f", "func", "forward", "value", "loss", "cost", "evaluate", "energy", "__call__")
_DERIVATIVES = ("grad", "gradient", "derivative", "deriv", "prime", "df", "dfn", "vjp")
_OUTPUTS = ("output", "out", "outputs", "y", "Y", "result")
"""Where an object leaves what its forward computed, if that returns nothing."""
_LAST = "its backward leaves the cotangent out: judged as it is called without one, in a last layer"
_RESETS = ("flush_gradients", "zero_grad", "zero_gradients", "reset_gradients", "clear_gradients", "zero_grads")


@dataclass(frozen=True, slots=True)
class Layer:
    """A class with the names of its two methods, and the names that these return.

    Attributes:
        make: makes a new object.
        forward, backward: names of the methods.
        labels: names that `backward` returns, if its text tells.
    """

    make: Callable[[], Any]
    forward: str
    backward: str
    labels: tuple[str, ...] = ()


def methods(kind: type) -> tuple[str, str] | None:
    """Return the names of a class's forward and backward methods, None if it has not both."""
    forward = next((name for name in FORWARD if callable(getattr(kind, name, None)) and _own(kind, name)), None)
    backward = next((name for name in BACKWARD if callable(getattr(kind, name, None))), None)
    return (forward, backward) if forward and backward else None


def function_and_derivative(kind: type) -> tuple[str, str] | None:
    """Return the names of a class's methods that are a function and its derivative, as of an activation; else None."""
    value = next((name for name in _VALUES if callable(getattr(kind, name, None)) and _own(kind, name)), None)
    derivative = next((name for name in _DERIVATIVES if callable(getattr(kind, name, None))), None)
    return (value, derivative) if value and derivative else None


def is_static(kind: type, name: str) -> bool:
    """Is a method called without the object?"""
    return any(isinstance(vars(base).get(name), staticmethod) for base in kind.__mro__)


def _own(kind: type, name: str) -> bool:
    return name in {key for base in kind.__mro__[:-1] for key in vars(base)}


def tasks(layer: Layer, values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:
    """Return the question to the judge: the gradients for the inputs and for the parameters, all at once.

    Of a loss whose `backward(dout=1)` leaves its cotangent out there is a second reading: as it is called.

    Raises:
        Unjudgeable: `backward` takes or leaves something that is not understood.
        Exception: whatever the user's code raises.
    """
    one = _Object(layer, Arguments(values), rng)
    found = [one.task(), *([one.task(last=True)] if one.may_be_last() else [])]
    return [standing_for(task, type(one.template)) for task in found]


def network(make: Callable[[], Any], method: str, labels: Sequence[str], values: Mapping[str, Any]) -> list[Task]:
    """Return the question to the judge about a method that returns a loss and the gradients of the object's parameters.

    Raises:
        Unjudgeable: it returns something else than its names say.
        Exception: whatever the user's code raises.
    """
    template = make()
    places = {slot.name: slot for slot in slots(template)}
    inside = {short(slot): slot for slot in places.values() if not isinstance(slot.get(template), float)}
    overlap = set(inside) & set(values)
    if overlap:
        raise Unjudgeable(f"an input and a parameter are both called {min(overlap)}", expected="different names")

    def call(given: Mapping[str, Any]) -> Any:
        one = copy.deepcopy(template)
        for name, slot in inside.items():
            slot.put(one, given[name])
        return called(getattr(one, method), {name: x for name, x in given.items() if name not in inside})

    found = together.tasks(call, labels, {**values, **{name: slot.get(template) for name, slot in inside.items()}})
    return [standing_for(task, type(template)) for task in found]


class _Object:
    def __init__(self, layer: Layer, arguments: Arguments, rng: np.random.Generator) -> None:
        self.layer, self.arguments = layer, arguments
        self.template = _warmed(layer, arguments)
        with np.errstate(all="ignore"):
            one = copy.deepcopy(self.template)
            self.shape = np.shape(self._forward(one, arguments.values))
            start = np.asarray(rng.standard_normal(self.shape)) if self._takes_cotangent() else None
            raw = self._backward(one, start)
        self.there = there = {slot.path for slot in slots(self.template)}
        found = gradients_of(one)
        self.parameters = {n: pair for n, pair in found.items() if pair[0].path in there}
        self.left = self._left_for_inputs(one, found)
        self.gathered = Gathered(raw, layer.labels, arguments) if _says_something(raw) else None

    # ------------------------------------------------------------ calls

    def _forward(self, one: Any, values: Sequence[Any]) -> Any:
        found = called(getattr(one, self.layer.forward), self.arguments.filled(values))
        if found is None:
            left = next((name for name in _OUTPUTS if name in vars(one)), None)
            if left is None:
                raise Unjudgeable(f"its {self.layer.forward} returns nothing", expected="the output, or self.output")
            return getattr(one, left)
        return found[0] if isinstance(found, tuple) else found

    def _left_for_inputs(self, one: Any, found: Mapping[str, tuple[Slot, Slot]]) -> dict[str, Slot]:
        """Return the places of gradients that the object leaves for inputs: `dinputs` beside `inputs`, which is x."""
        passed = {id(value): name for name, value in zip(self.arguments.names, self.arguments.values, strict=True)}
        pairs = [(passed.get(id(kept.get(one))), gradient) for kept, gradient in found.values()]
        return {name: gradient for name, gradient in pairs if name is not None}

    def _takes_cotangent(self) -> bool:
        taken = parameters(getattr(self.template, self.layer.backward))
        return bool(taken) and not taken[0].star and (taken[0].required or is_cotangent(taken[0].name))

    def _backward(self, one: Any, cotangent: Any) -> Any:
        taken = parameters(getattr(one, self.layer.backward))
        wanted = [p.name for p in taken if p.required and not p.star]
        given = dict(self.arguments.given)
        values: dict[str, Any] = {taken[0].name: cotangent} if cotangent is not None else {}
        missing = [name for name in wanted if name not in values and name not in given]
        if missing:
            raise Unjudgeable(
                f"its {self.layer.backward} takes {missing[0]}, which is no input", expected="a cotangent"
            )
        values |= {name: given[name] for name in wanted if name not in values}
        return called(getattr(one, self.layer.backward), values)

    def _fresh(self, values: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        """Return a new object with the parameters among the values put in, and the other values."""
        one = copy.deepcopy(self.template)
        count = len(self.arguments.values)
        for (parameter, gradient), value in zip(self.parameters.values(), values[count:], strict=True):
            for slot in self._same(parameter):
                slot.put(one, value)
            if gradient.path in self.there and is_in_balls(value):  # an array that the code adds to in place
                gradient.put(one, value * 0 + gradient.get(self.template))
        return one, values[:count]

    def _same(self, parameter: Slot) -> list[Slot]:
        """Return every place of the object that holds the very array of a parameter."""
        array = parameter.get(self.template)
        if isinstance(array, float):
            return [parameter]
        return [slot for slot in slots(self.template) if slot.get(self.template) is array]

    # ------------------------------------------------------------ the question

    def may_be_last(self) -> bool:
        """Is it a loss whose backward can be called without a cotangent?"""
        taken = parameters(getattr(self.template, self.layer.backward))
        return self._takes_cotangent() and not taken[0].required and self.shape in ((), (1,))

    def task(self, *, last: bool = False) -> Task:
        """Return the question; with `last`, about the backward as it is called without a cotangent."""
        names = [*self.arguments.names, *self.parameters]
        inputs = [*self.arguments.values, *(np.array(p.get(self.template)) for p, _ in self.parameters.values())]
        gathered = list({**(self.gathered.parts if self.gathered else {}), **self.left})
        wrt = [*gathered, *self.parameters]
        if not wrt:
            raise Unjudgeable(
                f"its {self.layer.backward} returns no gradient, and leaves none beside a parameter",
                expected="dW beside W, gradients['W'] beside parameters['W'], or grads[0] beside params[0]",
            )
        if len(set(names)) < len(names):
            raise Unjudgeable("an input and a parameter have the same name", expected="different names")

        def f(*values: Any) -> Any:
            one, given = self._fresh(values)
            return self._forward(one, given)

        passes = self._takes_cotangent() and not last

        def vjp(cotangent: Any, *values: Any) -> Any:
            one, given = self._fresh(values)
            self._forward(one, given)
            raw = self._backward(one, cotangent if passes else None)
            return self._found(one, raw, None if passes else cotangent)

        notes = self.gathered.notes() if self.gathered else ()
        notes += (_LAST,) if last else ()
        return Task(f, inputs, names, {"vjp": vjp, "wrt": wrt}, notes)

    def _found(self, one: Any, raw: Any, cotangent: Any) -> dict[str, Any]:
        """Return the gradients by name; of a backward that took none, times the cotangent."""
        found = self.gathered.taken(raw) if self.gathered else {}
        found |= {name: gradient.get(one) for name, gradient in self.left.items()}
        found |= {name: gradient.get(one) for name, (_, gradient) in self.parameters.items()}
        if cotangent is None:
            return found
        if self.shape not in ((), (1,)):
            raise Unjudgeable(
                "its backward takes no cotangent, and forward returns an array", expected="backward(dout)"
            )
        return {name: cotangent * value for name, value in found.items()}


def _says_something(raw: Any) -> bool:
    return raw is not None and not (isinstance(raw, tuple | list) and all(part is None for part in raw))


def _warmed(layer: Layer, arguments: Arguments) -> Any:
    """Return an object whose parameters are there: as it is made, or after a first run if that makes them."""
    one = layer.make()
    made = copy.deepcopy(one)
    called(getattr(one, layer.forward), arguments.filled(arguments.values))
    before = {slot.path for slot in slots(made)}
    if all(slot.path in before or not _holds_parameters(slot) for slot in slots(one)):
        return made
    for name in _RESETS:
        if callable(getattr(one, name, None)):
            getattr(one, name)()
    return one


def _holds_parameters(slot: Slot) -> bool:
    holders = ("parameters", "params", "weights", "W", "b", "w", "bias", "kernel")
    return any(key in holders for _, key in slot.path)
