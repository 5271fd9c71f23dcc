"""Forward mode: equations and a direction in, the equations of the tangents and the steps that computed them out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sympy import S

from gradproof.derive.directions import Directions, any_direction
from gradproof.derive.facts import context_of
from gradproof.derive.inline import inline_adjoints
from gradproof.derive.ledger import PASSES, Ledger
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.naming import target_indices
from gradproof.derive.nodes import elements, names_in
from gradproof.derive.normal import Context
from gradproof.derive.notation.printer import format_expr
from gradproof.derive.preactivations import in_terms_of_outputs, named
from gradproof.derive.request import Request, known_convention, names, understand
from gradproof.derive.steps import Block, Derivation, MetKink, Mode, Step
from gradproof.derive.tangent import Tangent, tangent_of
from gradproof.errors import NotYet


@dataclass
class Pass:
    """The tangent pass over one system: what is asked, along which directions, and what it fills."""

    system: System
    request: Request
    directions: Directions
    context: Context
    convention: str
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    left: dict[str, Ledger] = field(default_factory=dict)
    starts: list[Equation] = field(default_factory=list)
    kinks: list[MetKink] = field(default_factory=list)

    @property
    def results(self) -> dict[str, str]:
        """The tangents asked for, by output."""
        return {name: self.directions.names[name] for name in self.request.of}


def jvp(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
) -> Derivation:
    """Return the derivative of `of` along a direction of `wrt`: the tangent equations, in the order of the text.

    `d.gradients["y"]` is the tangent `v_y` of the output y, the Jacobian of y times the direction; the direction of an
    input x comes in as `v_x`. The arguments are those of `derive`.

    Raises:
        InputError: for unknown names.
        NotYet: for a direction of a computed tensor, and for what the rules do not cover.

    Example:
        >>> import gradproof as gp
        >>> d = gp.jvp(gp.load("softmax"))
        >>> str(d.gradients["p"])
        'v_p[i,c] = p[i,c]*(v_z[i,c] - sum[k] p[i,k]*v_z[i,k])'
    """
    known_convention(kinks)
    asked = understand(system, of, wrt)
    refuse_computed(system, asked.wrt, "a direction")
    working, arguments = named(system, asked.path)
    request = understand(working, asked.of, asked.wrt) if arguments else asked
    moving = replace(request, path=tuple(dict.fromkeys((*request.path, *request.of))))
    directions = any_direction(working, moving, {})
    state = run(working, request, directions, without=names(without, "without"), kinks=kinks)
    gradients = {y: result(state, y) for y in request.of}
    return derivation_of(state, gradients, Mode.JVP, system=system, arguments=arguments)


def refuse_computed(system: System, wrt: Sequence[str], what: str) -> None:
    """Refuse what is computed as an input of forward mode.

    Raises:
        NotYet: one of the tensors is computed.
    """
    computed = {e.name for e in system.definitions}
    for name in wrt:
        if name in computed:
            raise NotYet(
                f"{what} of {name}, which is computed, is not supported yet",
                expected=f"inputs: {', '.join(t.name for t in system.differentiable)}",
                hint=f"write a system of its own in which {name} is given",
            )


def run(
    system: System,
    request: Request,
    directions: Directions,
    *,
    without: Collection[str] = (),
    unfolded: Collection[str] = (),
    kinks: str = "torch",
) -> Pass:
    """Return the pass with all tangents on the path derived, written into one another where that pays, and compact.

    Args:
        system: the equations.
        request: what is asked.
        directions: along which.
        without: assumptions not to use.
        unfolded: tensors whose definitions are not written back into a tangent.
        kinks: whose convention to take where there is no derivative.
    """
    state = Pass(system, request, directions, _context(system, directions, without, unfolded), kinks)
    forward = [n for n in reversed(request.path) if n not in directions.entry]
    for name in forward:
        _derive(state, name)
    keep = {*state.results.values(), *(e.name for e in state.starts)}
    state.left = inline_adjoints(state.ledgers, keep, state.context)
    for ledger in state.ledgers.values():
        ledger.replace("write in terms of the output", in_terms_of_outputs(ledger.value, system))
        ledger.run(state.context)
        ledger.collect(state.context)
    return state


def _context(system: System, directions: Directions, without: Collection[str], unfolded: Collection[str]) -> Context:
    tensors = dict(system.by_name)
    extra = tuple(a.size for a in directions.axes)
    for name, tangent in directions.names.items():
        outside = None if system[name].outside is None else S.Zero
        tensors[tangent] = Tensor(tangent, (*system[name].shape, *extra), Role.OUTPUT, outside=outside)
    found = context_of(system, tensors, set(directions.names.values()), without)
    lows = {directions.names[n]: (*low, *(0 for _ in extra)) for n, low in found.lows.items() if n in directions.names}
    return found.having(
        definitions=tuple(d for d in found.definitions if d.name not in unfolded),
        facts=tuple(f for f in found.facts if f.rule != "known" or f.name not in unfolded),
        lows={**found.lows, **lows},
    )


def _derive(state: Pass, name: str) -> None:
    """Derive the tangent of one tensor, and of its start rows."""
    equation, *starts = sorted(state.system.equations_of(name), key=lambda e: e.kind is Kind.START)
    state.starts += [_start_row(state, e) for e in starts]
    tangent = tangent_of(equation, state.directions, state.convention, state.system.definitions)
    _note_kinks(state, tangent, equation)
    target = state.directions.element(name, equation.target.indices)
    stated = Equation(_number(state), target, tangent.raw)
    ledger = Ledger()
    sifted = tangent.sifted(state.context.having(rules=PASSES[0][1], notes=[]))
    if sifted == tangent.raw:
        ledger.state("chain rule", stated, because=tangent.rules, uses=(equation.number,), detail=2)
    else:
        ledger.state("tangent rule", stated, because=tangent.rules, uses=(equation.number,), detail=3)
        ledger.replace("chain rule", sifted, because="unit vectors are sifted", uses=(equation.number,), detail=2)
    ledger.run(state.context)
    state.ledgers[state.directions.names[name]] = ledger


def _start_row(state: Pass, equation: Equation) -> Equation:
    """Return the tangent of a start row; 0 where it does not move."""
    value = tangent_of(equation, state.directions, state.convention, state.system.definitions).sifted(
        state.context.having(notes=[])
    )
    return Equation(0, state.directions.element(equation.name, equation.target.indices), value, Kind.START)


def _number(state: Pass) -> int:
    return len(state.system.equations) + len(state.ledgers) + 1


def _note_kinks(state: Pass, tangent: Tangent, equation: Equation) -> None:
    for p, _ in tangent.parts:
        for function, arguments, kink in p.kinks:
            where = kink.place([format_expr(a, state.system) for a in arguments])
            met = MetKink(function, where, kink.taken, kink.source, equation.number, tuple(arguments), kink)
            if met not in state.kinks:
                state.kinks.append(met)


def result(state: Pass, name: str) -> Equation:
    """Return the equation of an output's tangent; 0 where the output does not move."""
    ledger = state.ledgers.get(state.directions.names[name])
    if ledger is not None and ledger.equation is not None:
        return ledger.equation
    slots = target_indices(state.system, name)
    return Equation(_number(state), state.directions.element(name, slots), S.Zero)


def derivation_of(
    state: Pass,
    gradients: Mapping[str, Equation],
    mode: Mode,
    *,
    system: System,
    of: tuple[str, ...] = (),
    arguments: tuple[Equation, ...] = (),
    first: Derivation | None = None,
) -> Derivation:
    """Return what the pass derived; `gradients` are the tangents asked for, by the name they are looked up by."""
    equations = [x.equation for x in state.left.values() if x.equation is not None]
    equations += [e for e in gradients.values() if all(e.name != x.name for x in equations)]
    earlier = first.kinks if first is not None else ()
    given = state.directions.given or {}
    of_tangent = {tangent: name for name, tangent in state.directions.names.items()}
    return Derivation(
        system,
        of or state.request.of,
        state.request.wrt,
        _tangent_system(state, [*_needed(arguments, equations), *equations]),
        gradients,
        tuple(_block(of_tangent[t], t, x.steps, mode) for t, x in state.ledgers.items()),
        tuple(dict.fromkeys(a for x in state.ledgers.values() for a in x.assumptions)),
        tuple(dict.fromkeys((*earlier, *state.kinks))),
        arguments=arguments,
        mode=mode,
        directions={w: given[w] for w in state.request.wrt if w in given},
        first=first,
    )


def _block(name: str, tangent: str, steps: Sequence[Step], mode: Mode) -> Block:
    what = "tangent" if mode in (Mode.JVP, Mode.HVP) else "derivative"
    return Block(tangent, name, f"{what} of {name}", tuple(steps))


def _needed(arguments: tuple[Equation, ...], equations: list[Equation]) -> list[Equation]:
    """Return the arguments whose values the tangents read: they are computed again."""
    read = {n for e in equations for n in names_in(e.value)}
    return [a for a in arguments if a.name in read]


def _tangent_system(state: Pass, equations: list[Equation]) -> System:
    """Return the tangent equations as a system: what they read of the system and the directions come in."""
    system = state.system
    targets = {e.name for e in equations}
    starts = [replace(e, number=len(system.equations) + k) for k, e in enumerate(state.starts, 1) if e.name in targets]
    read = {n for e in (*equations, *starts) for n in names_in(e.value)} - targets
    rows = [e for e in system.definitions if e.kind is Kind.START and e.name in read]
    read |= {n for e in rows for n in names_in(e.value)} - targets
    directions = [n for n in (state.directions.given or {}).values() if n not in targets]
    tensors = [replace(t, role=Role.GIVEN) for t in system.tensors if t.name in read]
    tensors += [replace(state.context.tensors[n], role=Role.GIVEN) for n in directions]
    tensors += [_computed(e, state, {s.name for s in starts}) for e in equations]
    return System(
        f"{system.title}: tangents" if system.title else "tangents",
        tuple(tensors),
        (*rows, *starts, *equations),
        functions=system.functions if any(elements(e.value) for e in equations) else (),
        sizes=system.sizes,
        index_names=system.index_names,
        written=system.written,
    )


def _computed(equation: Equation, state: Pass, started: Collection[str]) -> Tensor:
    again = equation.name in names_in(equation.value) or equation.name in started
    known = state.context.tensors.get(equation.name)
    shape = tuple(i.size for i in equation.indices)
    return Tensor(equation.name, shape, Role.STATE if again else Role.OUTPUT, outside=known.outside if known else None)
