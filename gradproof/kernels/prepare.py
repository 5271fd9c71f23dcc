"""What a kernel computes: the equations that its outputs need, what comes in, what goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Grad, names_in
from gradproof.derive.stabilise import stabilise
from gradproof.derive.steps import Derivation
from gradproof.errors import InputError, NotYet

What = Literal["forward", "backward", "fused", "update"]


@dataclass(frozen=True, slots=True)
class Program:
    """One kernel's work.

    Attributes:
        title: what it is, in words.
        what: forward, backward, fused or update.
        shown: the equations as the reader knows them.
        system: the equations that run: stabilised, and no more than the outputs need.
        inputs: names of the arrays that come in.
        outputs: names of the tensors that are returned.
        updated: for each updated tensor (a name of `outputs`) the name of the tensor whose new value it is.
    """

    title: str
    what: What
    shown: System
    system: System
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    updated: tuple[tuple[str, str], ...] = ()


def prepare(source: System | Derivation, what: What | None = None) -> Program:
    """Return the program of a system (forward, update) or of a derivation (fused by default, or any other).

    Raises:
        InputError: a backward kernel of a system that has not been derived, or a name that is no kind of kernel.
    """
    if isinstance(source, System):
        return _of_system(source, what or "forward")
    return _of_derivation(source, what or "fused")


def _of_system(system: System, what: What) -> Program:
    if what == "forward":
        return _program(system, what, tuple(dict.fromkeys(e.name for e in system.definitions)))
    if what == "update":
        return _with_updates(system, what, system.updates, (), system.title)
    raise InputError(
        f"a {what} kernel needs a derivation, and this is a system", hint="pass gradproof.derive(system, ...)"
    )


def _of_derivation(d: Derivation, what: What) -> Program:
    gradients = tuple(d.gradients[name].name for name in d.wrt)
    if what == "forward":
        return _of_system(d.system, what)
    if what == "backward":
        return _program(d.backward, what, gradients, title=d.system.title)
    if what == "fused":
        return _with_updates(d.joint, what, d.updates, (*d.of, *gradients), d.system.title)
    if what == "update":
        return _with_updates(d.joint, what, d.updates, (), d.system.title)
    raise InputError(f"no kernel is called {what!r}", expected="forward, backward, fused or update")


def _with_updates(
    system: System, what: What, updates: tuple[Equation, ...], outputs: tuple[str, ...], title: str
) -> Program:
    """Add each update `w := value` as a definition of a tensor of its own, `w_new`."""
    if what == "update" and not updates:
        raise InputError("there is no update rule (a line with `:=`) to make a kernel of")
    tensors, equations, updated = [*system.tensors], [*system.definitions], []
    taken = {t.name for t in tensors} | {s.name for s in system.sizes}
    for number, update in enumerate(updates, 1 + max((e.number for e in equations), default=0)):
        if update.value.has(Grad):
            raise NotYet(f"equation ({update.number}) holds a gradient that has not been derived: {update.name} := ...",
                         hint="make the kernel of the derivation of the loss")  # fmt: skip
        name = f"{update.name}_new"
        while name in taken:
            name += "_"
        taken.add(name)
        tensors.append(Tensor(name, system[update.name].shape, Role.OUTPUT))
        equations.append(Equation(number, update.target.func(name, *update.target.indices), update.value))
        updated.append((name, update.name))
    joint = replace(system, tensors=tuple(tensors), equations=tuple(equations))
    program = _program(joint, what, (*outputs, *(n for n, _ in updated)), title=title)
    return replace(program, updated=tuple(updated))


def _program(system: System, what: What, outputs: tuple[str, ...], title: str | None = None) -> Program:
    shown = _needed(system, outputs)
    runs = _needed(stabilise(shown), outputs)
    _refuse_unsolved(runs)
    inputs = tuple(t.name for t in runs.tensors if t.role in (Role.GIVEN, Role.PARAM))
    return Program(system.title if title is None else title, what, shown, runs, inputs, outputs)


def _needed(system: System, outputs: tuple[str, ...]) -> System:
    """Return the system with only those equations and tensors that the outputs depend on."""
    wanted, todo = set(outputs), list(outputs)
    while todo:
        for equation in system.equations_of(todo.pop()):
            new = sorted(names_in(equation.value) | names_in(equation.target) - {equation.name})
            todo += [n for n in new if n not in wanted]
            wanted.update(new)
    keep = tuple(e for e in system.definitions if e.name in wanted)
    tensors = tuple(_role(t, keep) for t in system.tensors if t.name in wanted)
    return replace(system, tensors=tensors, equations=keep, assumptions=())


def _role(tensor: Tensor, equations: tuple[Equation, ...]) -> Tensor:
    """A tensor without a defining equation comes in, whatever it was in the system it is taken from."""
    defined = any(e.name == tensor.name and e.kind is not Kind.START for e in equations)
    if not defined and tensor.role not in (Role.GIVEN, Role.PARAM):
        return replace(tensor, role=Role.GIVEN)
    return tensor


def _refuse_unsolved(system: System) -> None:
    for equation in system.equations:
        if equation.value.has(Grad):
            raise NotYet(f"equation ({equation.number}): a gradient inside an equation; derive it first")
