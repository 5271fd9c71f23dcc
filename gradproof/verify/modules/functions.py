"""A function and its gradient, called as they are written: with a cache, with a cotangent, by name or in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.verify.modules.gather import Gathered
from gradproof.verify.modules.roles import Role, roles
from gradproof.verify.modules.task import (
    Task,
    Unjudgeable,
    called,
    defaults,
    fitting,
    of_framework,
    parameters,
    standing_for,
)
from gradproof.verify.modules.trees import Arguments


@dataclass(frozen=True, slots=True)
class Written:
    """A function and its gradient as they stand in the module.

    Attributes:
        f: the function.
        gradient: its gradient.
        kind: what that is, as in `declare.KINDS`; "" or "gradient" to tell by the signature.
        returns: names that the function returns, if its text tells.
        labels: names that the gradient returns.
        wrt: inputs that the gradient is for, if it is declared.
    """

    f: Callable[..., Any]
    gradient: Callable[..., Any]
    kind: str = ""
    returns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    wrt: tuple[str, ...] = ()


def tasks(written: Written, values: Mapping[str, Any], rng: np.random.Generator) -> list[Task]:
    """Return the question to the judge; several where the code can be read in several ways, the likeliest first.

    Raises:
        Unjudgeable: it cannot be told what is whose.
        Exception: whatever the user's code raises.
    """
    pair = _Pair(written, Arguments(values))
    if written.kind in ("jvp", "hvp", "hessian", "jacobian"):
        return [pair.plain(written.kind)]
    found = [of_framework(task, pair.first) for task in pair.first_order(rng)]
    return [standing_for(task, written.f, written.gradient) for task in found]


class _Pair:
    def __init__(self, written: Written, arguments: Arguments) -> None:
        self.written, self.arguments = written, arguments
        self.first = self.run(arguments.values)
        self.defaults = {n: x for n, x in defaults(written.f).items() if n not in arguments.given}

    # ------------------------------------------------------------ calls

    def run(self, values: Sequence[Any]) -> Any:
        with np.errstate(all="ignore"):
            return called(self.written.f, self.arguments.filled(values))

    def plain(self, kind: str) -> Task:
        """Return the question about a second derivative, a Jacobian, or a derivative along a direction."""
        direct = all(not leaf.path for leaf in self.arguments.leaves) and len(self.arguments.given) == len(
            self.arguments.leaves
        )
        if not direct:
            raise Unjudgeable(
                f"a {kind} of a function that takes more than arrays", expected="arrays and numbers alone"
            )
        option = {"jvp": "jvp", "hvp": "hvp", "hessian": "hess", "jacobian": "jac"}[kind]
        options: dict[str, Any] = {option: self.written.gradient}
        if self.written.wrt:
            options["wrt"] = list(self.written.wrt)
        return Task(self.written.f, self.arguments.values, self.arguments.names, options)

    def first_order(self, rng: np.random.Generator) -> list[Task]:
        inputs = list(self.arguments.given)
        returned = len(self.first) if isinstance(self.first, tuple) else 1
        labels = self.written.returns if len(self.written.returns) == returned else ()
        takes = self._takes(inputs, labels, returned)
        count = sum(role.kind == "cotangent" for role in takes)
        outputs = self._outputs(count, any(role.kind == "cache" for role in takes))
        if count == 0 and np.size(outputs[0]) != 1:
            return self._without_cotangent(takes, outputs[0])
        return self._with(takes, count, outputs, rng)

    def _takes(self, inputs: list[str], labels: tuple[str, ...], returned: int) -> tuple[Role, ...]:
        taken = parameters(self.written.gradient)
        if self.written.kind != "vjp":
            return roles(taken, inputs, labels, returned, defaults=self.defaults)
        return (Role("cotangent"), *roles(taken[1:], inputs, labels, returned, defaults=self.defaults))

    def _outputs(self, count: int, cache: bool) -> list[Any]:
        if not isinstance(self.first, tuple):
            return [self.first]
        found = list(self.first[:-1] if cache else self.first)
        return found[: max(1, count)]

    # ------------------------------------------------------------ a gradient or a vjp

    def _with(self, takes: tuple[Role, ...], count: int, outputs: list[Any], rng: np.random.Generator) -> list[Task]:
        shapes = [np.shape(out) for out in outputs]
        start = [np.asarray(rng.standard_normal(shape)) for shape in shapes[:count]]
        raw = self.gradient(takes, self.arguments.values, start, self.first)
        gathered = Gathered(raw, self.written.labels, self.arguments, self.written.wrt)

        def f(*values: Any) -> Any:
            return _first_of(self.run(values), len(shapes))

        def grad(*values: Any) -> Any:
            return gathered.taken(self.gradient(takes, values, [], None))

        def vjp(cotangent: Any, *values: Any) -> Any:
            return gathered.taken(self.gradient(takes, values, _cut(cotangent, shapes), None))

        form = {"vjp": vjp} if count else {"grad": grad}
        task = Task(
            f, self.arguments.values, self.arguments.names, {**form, "wrt": list(gathered.parts)}, gathered.notes()
        )
        return [task, *(self._instead(task, form, name, gathered) for name in gathered.others)]

    def _instead(self, task: Task, form: Mapping[str, Any], name: str, gathered: Gathered) -> Task:
        """Return the question with the one gradient taken for another input."""
        (called_so, function) = next(iter(form.items()))
        old = next(iter(gathered.parts))

        def renamed(*values: Any) -> Any:
            return {name: function(*values)[old]}

        return Task(task.f, task.inputs, task.names, {called_so: renamed, "wrt": [name]}, task.notes)

    def gradient(self, takes: tuple[Role, ...], values: Sequence[Any], cotangents: list[Any], run: Any) -> Any:
        """Return what the gradient returns, after a run of the function if it takes what that leaves."""
        if run is None and any(role.kind in ("cache", "output") for role in takes):
            run = self.run(values)
        filled = self.defaults | self.arguments.filled(values)
        passed = [_passed(role, filled, cotangents, run) for role in takes]
        with np.errstate(all="ignore"):
            return fitting(self.written.gradient, passed)(*passed)

    # ------------------------------------------------------------ a derivative of an array, without a cotangent

    def _without_cotangent(self, takes: tuple[Role, ...], output: Any) -> list[Task]:
        """Read the result as the elementwise derivative of an elementwise function, or as a Jacobian."""
        raw = self.gradient(takes, self.arguments.values, [], self.first)
        real = self.arguments.floating
        shape = np.shape(output)
        if isinstance(raw, tuple | list | dict) or len(real) != 1:
            raise Unjudgeable(
                f"the function returns an array of shape {shape}, and its gradient takes no cotangent",
                expected="a gradient called with the cotangent first, as backward(dout, ...)",
            )
        place = real[0]
        if np.shape(raw) == shape == np.shape(self.arguments.values[place]):
            return self._elementwise(takes, place)
        return [self._jacobian(takes, place, raw, shape)]

    def _elementwise(self, takes: tuple[Role, ...], place: int) -> list[Task]:
        if not self._acts_on_entries(place):
            raise Unjudgeable(
                "the function is not elementwise, and its gradient returns one number for each entry of the input",
                expected="the Jacobian, or a backward that takes the cotangent first: backward(dout, ...)",
            )
        name = self.arguments.names[place]

        def vjp(cotangent: Any, *values: Any) -> Any:
            return {name: cotangent * self.gradient(takes, values, [], None)}

        def of_output(cotangent: Any, *values: Any) -> Any:
            inside = list(values)
            inside[place] = self.run(values)
            return {name: cotangent * self.gradient(takes, inside, [], None)}

        def f(*values: Any) -> Any:
            return self.run(values)

        said = "read as the elementwise derivative"
        output = (
            "taken as a function of the output: it is to be called with the function's value, not with the argument"
        )
        names, inputs = self.arguments.names, self.arguments.values
        return [
            Task(f, inputs, names, {"vjp": vjp, "wrt": [name]}, (said,)),
            Task(f, inputs, names, {"vjp": of_output, "wrt": [name]}, (said, output)),
        ]

    def _acts_on_entries(self, place: int) -> bool:
        """Does each entry of the output depend on its own entry of the input alone, as far as a few trials tell?"""
        x = np.asarray(self.arguments.values[place], dtype=float)
        before = np.asarray(self.run(self.arguments.values), dtype=float)
        for flat in range(min(x.size, 5)):
            moved = x.copy()
            moved.reshape(-1)[flat] += 0.25 * (1 + abs(moved.reshape(-1)[flat]))
            values = list(self.arguments.values)
            values[place] = moved
            changed = np.asarray(self.run(values), dtype=float) != before
            changed.reshape(-1)[flat] = False
            if changed.any():
                return False
        return True

    def _jacobian(self, takes: tuple[Role, ...], place: int, raw: Any, shape: tuple[int, ...]) -> Task:
        wanted = (*shape, *np.shape(self.arguments.values[place]))
        if np.shape(raw) != wanted:
            raise Unjudgeable(
                f"its gradient has the shape {np.shape(raw)}, and the function's value has {shape}",
                expected=f"the Jacobian, of shape {wanted}, or a backward that takes the cotangent first",
            )
        name = self.arguments.names[place]
        axes = len(shape)

        def vjp(cotangent: Any, *values: Any) -> Any:
            return {name: np.tensordot(cotangent, self.gradient(takes, values, [], None), axes)}

        def f(*values: Any) -> Any:
            return self.run(values)

        said = ("read as the Jacobian",)
        return Task(f, self.arguments.values, self.arguments.names, {"vjp": vjp, "wrt": [name]}, said)


def _passed(role: Role, filled: Mapping[str, Any], cotangents: list[Any], run: Any) -> Any:
    if role.kind in ("input", "default"):
        return filled[role.name]
    if role.kind == "cotangent":
        return cotangents[role.position]
    return run[-1] if role.kind == "cache" else run[role.position] if isinstance(run, tuple) else run


def _first_of(found: Any, count: int) -> Any:
    """Return the outputs as one: the only one as it is, several end to end."""
    if not isinstance(found, tuple):
        return found
    return found[0] if count == 1 else np.concatenate([np.ravel(out) for out in found[:count]])


def _cut(cotangent: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """Return the cotangent of each output out of that of all, end to end."""
    if len(shapes) == 1:
        return [cotangent]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [cotangent[e - int(np.prod(s)) : e].reshape(s) for s, e in zip(shapes, ends, strict=True)]
