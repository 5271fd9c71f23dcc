"""The pairs that a module holds, found by declaration and by convention, and those that are no pair after all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradproof.verify.modules import classes, frames, functions, together
from gradproof.verify.modules.declare import MARK, Declaration
from gradproof.verify.modules.names import function_of, looks_like_a_gradient
from gradproof.verify.modules.source import Text
from gradproof.verify.modules.task import Parameter, Task, Unjudgeable, called, parameters, standing_for, unwrapped

Named = tuple[str, Any]
Ask = Callable[[Mapping[str, Any], np.random.Generator], list[Task]]

_NO_TEXT = Text(0, "", ())


@dataclass(frozen=True, slots=True)
class Pair:
    """A function with its gradient.

    Attributes:
        name: what the table and --only call it.
        how: what it was found as, in words.
        line: of the function in the module.
        wanted: the parameters that inputs are needed for.
        docstring: where their shapes may be stated.
        ask: makes the questions to the judge from the inputs.
        inputs: the decorator's, None without.
        options: the decorator's, for `check`.
        make: for a class, the class: what it is made with is declared beside the inputs.
        also: other names that --only may use.
        trouble: why there is nothing to ask, "" if there is.
    """

    name: str
    how: str
    line: int
    wanted: tuple[Parameter, ...] = ()
    docstring: str = ""
    ask: Ask | None = None
    inputs: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    make: type | None = None
    also: tuple[str, ...] = ()
    trouble: str = ""


class Finder:
    """Finds the pairs of one module."""

    def __init__(self, module: Any, texts: Mapping[str, Text]) -> None:
        self.texts = texts
        own = {name: x for name, x in vars(module).items() if _is_own(x, module.__name__) and name in texts}
        own = _once_each(own)
        self.functions = {n: x for n, x in own.items() if not isinstance(x, type) and not n.startswith("test_")}
        self.classes = {n: x for n, x in own.items() if isinstance(x, type)}
        self.used: set[str] = set()

    def pairs(self) -> list[Pair]:
        """Return the pairs in the order of the module's lines; names are unique."""
        found = [
            *self._declared(),
            *self._by_name(),
            *self._together(),
            *self._of_frameworks(),
            *self._classes(),
            *self._orphans(),
        ]
        return _unique(sorted(found, key=lambda pair: pair.line))

    # ------------------------------------------------------------ functions

    def _declared(self) -> Iterator[Pair]:
        for name, gradient in self.functions.items():
            declaration = getattr(gradient, MARK, None)
            if not isinstance(declaration, Declaration):
                continue
            of = getattr(unwrapped(declaration.of), "__name__", "function")
            self.used |= {name, of}
            yield self._pair((of, declaration.of), (name, gradient), declaration)

    def _by_name(self) -> Iterator[Pair]:
        known = [name for name in self.functions if name not in self.used]
        for name in known:
            found = function_of(name, self.functions)
            if found is not None and not looks_like_a_gradient(found[0]):
                self.used |= {name, found[0]}
                of, kind = found
                yield self._pair((of, self.functions[of]), (name, self.functions[name]), kind=kind)

    def _pair(self, function: Named, derivative: Named, declaration: Declaration | None = None, kind: str = "") -> Pair:
        (of, f), (name, gradient) = function, derivative
        text, own = self.texts.get(of, _NO_TEXT), self.texts[name]
        wrt, kind = (declaration.wrt, declaration.kind) if declaration else ((), kind)
        written = functions.Written(f, gradient, kind, text.labels, own.labels, wrt)

        def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:
            return functions.tasks(written, values, rng)

        return Pair(
            _stem(of),
            f"{of}, {name}" + (" (declared)" if declaration else ""),
            text.line or own.line,
            parameters(f),
            text.docstring,
            ask,
            declaration.inputs if declaration else None,
            declaration.options if declaration else {},
            also=(of, name),
        )

    def _together(self) -> Iterator[Pair]:
        for name, f in self.functions.items():
            labels = self.texts[name].labels_of_several
            if name in self.used or not inspect.isfunction(unwrapped(f)):
                continue
            wanted = parameters(f)
            if together.returns_both(labels, [p.name for p in wanted]):
                self.used.add(name)
                yield self._both(name, f, labels, wanted)

    def _both(self, name: str, f: Any, labels: tuple[str, ...], wanted: tuple[Parameter, ...]) -> Pair:
        def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:  # noqa: ARG001
            found = together.tasks(lambda given: called(f, given), labels, values)
            return [standing_for(task, f) for task in found]

        text = self.texts[name]
        return Pair(name, f"{name} returns {', '.join(labels)}", text.line, wanted, text.docstring, ask)

    def _orphans(self) -> Iterator[Pair]:
        for name in self.functions:
            if name not in self.used and looks_like_a_gradient(name) and not name.endswith(("_grad", "_grads")):
                trouble = "no function stands beside it under the name that it points to"
                yield Pair(name, name, self.texts[name].line, trouble=trouble)

    # ------------------------------------------------------------ classes and frameworks

    def _of_frameworks(self) -> Iterator[Pair]:
        for name, x in [*self.functions.items(), *self.classes.items()]:
            found = frames.recognised(x) if name not in self.used else None
            if found is not None:
                self.used.add(name)
                text = self.texts.get(f"{name}.forward", self.texts[name])
                yield Pair(name, found.how, self.texts[name].line, found.wanted, text.docstring, found.ask)

    def _classes(self) -> Iterator[Pair]:
        for name, kind in self.classes.items():
            if name in self.used or inspect.isabstract(kind):
                continue
            try:
                pair = self._of_class(name, kind)
                if pair is not None:
                    yield pair
            except Unjudgeable as error:
                yield Pair(name, f"class {name}", self.texts[name].line, trouble=error.message)

    def _of_class(self, name: str, kind: type) -> Pair | None:
        found = classes.methods(kind)
        if found is not None:
            return self._class(name, kind, *found)
        both = self._method_that_returns_both(name, kind)
        if both is not None:
            return self._network(name, kind, both)
        function = classes.function_and_derivative(kind)
        return self._activation(name, kind, *function) if function is not None else None

    def _activation(self, name: str, kind: type, value: str, derivative: str) -> Pair:
        text = self.texts.get(f"{name}.{value}", _NO_TEXT)
        returns, labels = text.labels, self.texts.get(f"{name}.{derivative}", _NO_TEXT).labels

        def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:
            one = values["self"]()
            written = functions.Written(getattr(one, value), getattr(one, derivative), "", returns, labels)
            return functions.tasks(written, {key: x for key, x in values.items() if key != "self"}, rng)

        wanted = parameters(getattr(kind, value), skip=0 if classes.is_static(kind, value) else 1)
        how = f"class {name}: {value}, {derivative}"
        return Pair(name, how, self.texts[name].line, wanted, text.docstring, ask, make=kind)

    def _class(self, name: str, kind: type, forward: str, backward: str) -> Pair:
        text = self.texts.get(f"{name}.{forward}", _NO_TEXT)
        labels = self.texts.get(f"{name}.{backward}", _NO_TEXT).labels

        def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:
            given = {key: value for key, value in values.items() if key != "self"}
            return classes.tasks(classes.Layer(values["self"], forward, backward, labels), given, rng)

        wanted = parameters(getattr(kind, forward), skip=1)
        how = f"class {name}: {forward}, {backward}"
        return Pair(name, how, self.texts[name].line, wanted, text.docstring, ask, make=kind)

    def _method_that_returns_both(self, name: str, kind: type) -> str | None:
        for method in vars(kind):
            labels = self.texts.get(f"{name}.{method}", _NO_TEXT).labels_of_several
            if not method.startswith("_") and together.returns_both(labels, ()):
                return method
        return None

    def _network(self, name: str, kind: type, method: str) -> Pair:
        text = self.texts[f"{name}.{method}"]

        def ask(values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:  # noqa: ARG001
            given = {key: value for key, value in values.items() if key != "self"}
            return classes.network(values["self"], method, text.labels_of_several, given)

        wanted = parameters(getattr(kind, method), skip=1)
        how = f"class {name}: {method} returns {', '.join(text.labels_of_several)}"
        return Pair(name, how, text.line, wanted, text.docstring, ask, make=kind)


def _is_own(x: Any, module: str) -> bool:
    return callable(x) and getattr(unwrapped(x), "__module__", None) == module


def _once_each(functions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the functions without second names for the same thing."""
    firsts: dict[int, str] = {}
    for name, x in functions.items():
        if id(x) not in firsts or getattr(x, "__name__", "") == name:
            firsts[id(x)] = name
    return {name: x for name, x in functions.items() if firsts[id(x)] == name}


def _stem(name: str) -> str:
    for ending in ("_forward", "_fwd"):
        name = name.removesuffix(ending) or name
    return name


def _unique(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs with names told apart: by the gradient's name, then by a number."""
    taken: set[str] = set()
    out = []
    for pair in pairs:
        choices = [pair.name, *reversed(pair.also), *(f"{pair.name}#{k}" for k in range(2, len(pairs) + 2))]
        name = next(choice for choice in choices if choice not in taken)
        taken.add(name)
        out.append(replace(pair, name=name))
    return out
