"""What a kernel computes: the equations that its outputs need, what comes in, what goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gradproof.derive.index import Size
from gradproof.derive.model import Equation, Kind, Role, System, Tensor, size_symbols
from gradproof.derive.nodes import Grad, Product, names_in
from gradproof.derive.normal.factors import plain
from gradproof.derive.stabilise import stabilise
from gradproof.derive.steps import Derivation, Mode
from gradproof.derive.stops import released
from gradproof.errors import InputError, NotYet
from gradproof.kernels.matrices import with_matrices

What = Literal["forward", "backward", "fused", "update"]


@dataclass(frozen=True, slots=True)
class Program:
    """One kernel's work.

    Attributes:
        title: what it is, in words.
        what: forward, backward, fused or update.
        source: the system as the reader knows it.
        shown: those of its equations that the outputs need.
        system: the same, stabilised.
        equations: those of its equations that run.
        inputs: names of the arrays that come in.
        outputs: names of the tensors that are returned.
        updated: for each updated tensor (a name of `outputs`) the name of the tensor whose new value it is.
    """

    title: str
    what: What
    source: System
    shown: tuple[Equation, ...]
    system: System
    equations: tuple[Equation, ...]
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
        return _program(system, what, tuple(dict.fromkeys(e.name for e in system.definitions)), system.title)
    if what == "update":
        return _with_updates(system, what, system.updates, (), system.title)
    raise InputError(
        f"a {what} kernel needs a derivation, and this is a system", hint="pass gradproof.derive(system, ...)"
    )


def _of_derivation(d: Derivation, what: What) -> Program:
    if d.mode is not Mode.GRADIENT:
        raise NotYet(
            f"a kernel of a {d.mode} derivation is not supported yet",
            expected="a derivation of gradients, as gp.derive(system, ...) returns it",
            hint="make the kernel of its system instead: gp.kernel(d.joint)",
        )
    gradients = tuple(d.gradients[name].name for name in d.wrt)
    if what == "forward":
        return _of_system(d.system, what)
    if what == "backward":
        saved = frozenset(e.name for e in d.system.definitions)
        return _program(d.joint, what, gradients, d.system.title, saved)
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
    program = _program(joint, what, (*outputs, *(n for n, _ in updated)), title)
    return replace(program, updated=tuple(updated))


def _program(
    system: System, what: What, outputs: tuple[str, ...], title: str, saved: frozenset[str] = frozenset()
) -> Program:
    """Return the program; tensors in `saved` come in, though the system defines them."""
    _refuse_unsolved(system)
    if not outputs:
        raise InputError("there is no equation to make a kernel of", expected="a system that defines something")
    shown = _needed(system, outputs, saved)
    stable = stabilise(with_matrices(_without_display(system)))
    runs = _needed(stable, outputs, saved)
    computed = {e.name for e in runs if e.kind is not Kind.START}
    read = {n for e in runs for n in names_in(e.value) | names_in(e.target)} | set(outputs)
    inputs = tuple(t.name for t in stable.tensors if t.name in read - computed)
    return Program(title, what, system, shown, stable, runs, _with_shapes(stable, inputs, runs), outputs)


def _without_display(system: System) -> System:
    """Turn products that are kept apart for reading into ordinary ones, so that a bracket in one guards all of it.

    And stop(a) into a, which is its value.
    """
    equations = tuple(_computed(e) for e in system.equations)
    return system if equations == system.equations else replace(system, equations=equations)


def _computed(equation: Equation) -> Equation:
    value = released(plain(equation.value) if equation.value.has(Product) else equation.value)
    return equation if value is equation.value else replace(equation, value=value)


def used_sizes(system: System, inputs: tuple[str, ...], equations: tuple[Equation, ...]) -> tuple[Size, ...]:
    """Return every size that a shape, a bound, an index range or an equation mentions, declared ones in their order."""
    present = [system[n] for n in dict.fromkeys([*inputs, *(e.name for e in equations)])]
    parts = [n for t in present for n in (*t.shape, *([] if t.bound is None else [t.bound]))]
    for e in equations:
        parts += [e.value, *e.target.indices, *[i.size for i in e.indices]]
    found = size_symbols(*parts)
    return tuple([s for s in system.sizes if s in found] + [s for s in found if s not in system.sizes])


def _with_shapes(system: System, inputs: tuple[str, ...], equations: tuple[Equation, ...]) -> tuple[str, ...]:
    """Add inputs that no equation reads, but whose shape gives a size: the gradient of an unused array is all zeros."""
    chosen = set(inputs)
    for size in used_sizes(system, inputs, equations):
        if not any(size in t.shape for t in system.tensors if t.name in chosen):
            chosen.update([t.name for t in system.inputs if size in t.shape][:1])
    return tuple(t.name for t in system.tensors if t.name in chosen)


def _needed(system: System, outputs: tuple[str, ...], saved: frozenset[str]) -> tuple[Equation, ...]:
    """Return those equations that the outputs depend on; of a saved tensor only its start rows."""
    wanted, todo = set(outputs), list(outputs)
    while todo:
        for equation in _running(system, todo.pop(), saved):
            new = names_in(equation.value) | (names_in(equation.target) - {equation.name})
            todo += sorted(new - wanted)
            wanted |= new
    return tuple(e for e in system.definitions if e.name in wanted and e in _running(system, e.name, saved))


def _running(system: System, name: str, saved: frozenset[str]) -> tuple[Equation, ...]:
    equations = system.equations_of(name)
    return tuple(e for e in equations if e.kind is Kind.START) if name in saved else equations


def _refuse_unsolved(system: System) -> None:
    for equation in system.definitions:
        if equation.value.has(Grad):
            raise NotYet(f"equation ({equation.number}): a gradient inside an equation; derive it first")
