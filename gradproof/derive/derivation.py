"""Derive: forward equations in; adjoint equations, gradients and the steps that computed them out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from sympy import Expr, S

from gradproof.derive.adjoint import Contribution, contributions, total
from gradproof.derive.adjoint_pass import AdjointPass, arrange, right_side
from gradproof.derive.facts import context_of
from gradproof.derive.implicit_adjoint import right_names, right_shape
from gradproof.derive.index import Index
from gradproof.derive.inline import inline_adjoints
from gradproof.derive.ledger import PASSES, Ledger
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Equation, Kind, Role, System, Tensor
from gradproof.derive.naming import adjoint_names, seed_names, target_indices
from gradproof.derive.nodes import Element, Iverson, elements, names_in, substitute
from gradproof.derive.notation.printer import format_expr
from gradproof.derive.preactivations import in_terms_of_outputs, named
from gradproof.derive.request import Request, known_convention, names, understand
from gradproof.derive.row_sums import name_sums
from gradproof.derive.start_rows import is_marked, start_mark
from gradproof.derive.steps import Block, Derivation, MetKink, Step
from gradproof.derive.stops import RULE as STOP_RULE
from gradproof.derive.stops import stops
from gradproof.derive.symmetric import assumed_symmetric, symmetric_tensors
from gradproof.derive.updates import derive_updates
from gradproof.errors import InputError, NotYet


def derive(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
    order: int = 1,
) -> Derivation:
    """Return the derivative of `of` with respect to `wrt`, step by step.

    Args:
        system: the forward equations.
        of: outputs; default: the losses that updates name, or else what no other equation reads.
        wrt: tensors; default: the parameters, or else every real input.
        without: names of assumptions (or one) not to use ("all" for none of them).
        kinks: whose convention to take where there is no derivative, "torch" or "jax".
        order: 2 for the second derivative of an elementwise function, the Hessian of a number with respect to one
            vector, and else the Hessian times a direction (see `gradproof.derive.second`).

    Raises:
        InputError: for unknown names, or an order below 1.
        NotYet: for what the rules do not cover, and for an order above 2.

    Example:
        >>> import gradproof as gp
        >>> d = gp.derive(gp.load("tanh"))
        >>> str(d.gradients["z"])
        'd_z[i] = d_a[i]*(1 - a[i]**2)'
    """
    if order != 1:
        return _of_order(order)(system, of, wrt, without=without, kinks=kinks)
    return pullback(system, of, wrt, without=without, kinks=kinks, at_one=True)


def pullback(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
    at_one: bool = False,
) -> Derivation:
    """Return the derivative times the cotangents `d_y` of the outputs; those of scalars may be taken `at_one`."""
    known_convention(kinks)
    asked = understand(system, of, wrt)
    working, arguments = named(system, asked.path)
    request = understand(working, asked.of, asked.wrt) if arguments else asked
    state = _prepare(working, request, names(without, "without"), kinks)
    for name in request.path:
        _adjoint(state, name)
        if name in state.right:
            right_side(state, name)
    _put_start_rows(state)
    keep = {state.names[w] for w in request.wrt}
    left = inline_adjoints(state.ledgers, keep, state.context)
    left, state.ledgers, state.context = name_sums(left, state.ledgers, state.system, state.context)
    _finish(state, at_one=at_one)
    return _result(state, left, system, arguments)


def _of_order(order: int) -> Callable[..., Derivation]:
    """Return what derives this order, which stands on the first."""
    from gradproof.derive.second import second_order

    if order == 2:
        return second_order
    if not isinstance(order, int) or order < 1:
        raise InputError(f"the order is {order!r}", expected="1 or 2")
    raise NotYet(f"derivatives of order {order}", expected="1 or 2", hint="derive the system `d.joint` of order 2")


def _prepare(system: System, request: Request, without: Collection[str], kinks: str) -> AdjointPass:
    used_again = {n for n in request.of if request.users.get(n)}
    seeds = seed_names(system, request.of)
    names = adjoint_names(system, tuple(dict.fromkeys((*request.path, *request.wrt))), request.of, used_again)
    for name in request.of:
        if name not in used_again and name in names:
            names[name] = seeds[name]
    tensors = dict(system.by_name)
    for t, adjoint in [*names.items(), *seeds.items()]:
        tensors[adjoint] = Tensor(adjoint, system[t].shape, Role.OUTPUT)
    right = right_names(system, names, (*names.values(), *seeds.values()))
    for t, adjoint in right.items():
        tensors[adjoint] = Tensor(adjoint, right_shape(system.equations_of(t)[0]), Role.OUTPUT)
    cotangents = {*names.values(), *seeds.values(), *right.values(), *(start_mark(a) for a in names.values())}
    context = context_of(system, tensors, cotangents, without)
    symmetric = symmetric_tensors(system, without) if right or any(map(assumed_symmetric, system.assumptions)) else {}
    return AdjointPass(system, request, names, seeds, context, {}, kinks, [], right, symmetric)


def _adjoint(state: AdjointPass, name: str) -> None:
    """Derive the adjoint of one tensor; an output that nothing reads has its seed and no equation."""
    users = state.request.users[name]
    if not users:
        return
    slots = target_indices(state.system, name)
    parts = contributions(name, slots, users, state.cotangents, kinks=state.convention, known=state.system.definitions)
    seed = [Element(state.seeds[name], *slots)] if name in state.request.of else []
    number = len(state.system.equations) + len(state.ledgers) + 1
    ledger = Ledger()
    raw = total([*(p.raw for p in parts), *seed])
    sifting = state.context.having(rules=PASSES[0][1], notes=[])
    sifted = total([*(p.sifted(sifting) for p in parts), *seed])
    equation = Equation(number, Element(state.names[name], *slots), raw)
    uses = tuple(dict.fromkeys(p.equation for p in parts))
    if sifted == raw:
        ledger.state("chain rule", equation, because=_rules(name, users, parts), uses=uses, detail=2)
    else:
        ledger.state("adjoint rule", equation, because=_rules(name, users, parts), uses=uses, detail=3)
        ledger.replace("chain rule", sifted, because="the delta is sifted", uses=uses, detail=2)
    ledger.run(state.context)
    arrange(state, ledger)
    state.ledgers[state.names[name]] = ledger
    _note_kinks(state, parts)


def _rules(name: str, users: Sequence[Equation], parts: list[Contribution]) -> str:
    """Say by which rules the reads were differentiated, and which were not."""
    held = [STOP_RULE] if any(stops(e, {name}) for e in users) else []
    return ", ".join(dict.fromkeys([*(r for p in parts for r in p.rules), *held]))


def _note_kinks(state: AdjointPass, parts: list[Contribution]) -> None:
    for p in parts:
        for function, arguments, kink in p.kinks:
            where = kink.place([format_expr(a, state.system) for a in arguments])
            met = MetKink(function, where, kink.taken, kink.source, p.equation, tuple(arguments), kink)
            if met not in state.kinks:
                state.kinks.append(met)


def _put_start_rows(state: AdjointPass) -> None:
    """Put the adjoint of each start row, the contribution at that fixed slot, where a start equation's seed stands."""
    rows = []
    for equation in state.system.definitions:
        if equation.kind is Kind.START and equation.name in state.request.path:
            users = state.request.users[equation.name]
            parts = contributions(
                equation.name, equation.target.indices, users, state.cotangents, kinks=state.convention
            )
            rows.append((equation, total([p.sifted(state.context) for p in parts])))
    if not rows:
        return
    for ledger in state.ledgers.values():
        marks = [n for n in sorted(names_in(ledger.value)) if is_marked(n)]
        if marks:
            value = map_elements(ledger.value, {n: lambda e: _row_value(e, rows, state) for n in marks})
            ledger.replace("adjoint of the starting row", value, detail=2)
            ledger.run(state.context)


def _row_value(element: Element, rows: list[tuple[Equation, Expr]], state: AdjointPass) -> Expr:
    for equation, value in rows:
        if start_mark(state.names[equation.name]) == element.name:
            pairs = list(zip(equation.target.indices, element.indices, strict=True))
            # A fixed row is -1 or n, in no case an index: n must not be taken for one and put in.
            if all(slot == index for slot, index in pairs if not isinstance(slot, Index)):
                return substitute(value, {s: i for s, i in pairs if isinstance(s, Index)})
    return S.Zero


def _finish(state: AdjointPass, *, at_one: bool) -> None:
    """The derivative of a scalar output for itself is 1; then the compact form."""
    ones = {Element(state.seeds[n]): S.One for n in state.request.of if at_one and not state.system[n].shape}
    for ledger in state.ledgers.values():
        if ones:
            ledger.steps[:] = [_with_seed(s, ones) for s in ledger.steps]
            ledger.equation = ledger.steps[-1].after
        ledger.replace("write in terms of the output", in_terms_of_outputs(ledger.value, state.system))
        ledger.run(state.context)
        ledger.collect(state.context)


def _with_seed(step: Step, ones: dict[Element, Expr]) -> Step:
    seeds = frozenset(e.name for e in ones)

    def put(e: Equation) -> Equation:
        return e if names_in(e.value).isdisjoint(seeds) else replace(e, value=substitute(e.value, ones))

    return replace(step, before=None if step.before is None else put(step.before), after=put(step.after))


def _result(state: AdjointPass, left: dict[str, Ledger], given: System, arguments: tuple[Equation, ...]) -> Derivation:
    """Return the derivation of the system as it was given; `arguments` were named on the way."""
    system, request = state.system, state.request
    equations = [ledger.equation for ledger in left.values() if ledger.equation is not None]
    gradients: dict[str, Equation] = {}
    for w in request.wrt:
        name = state.names[w]
        found = next((e for e in equations if e.name == name), None)
        if found is None:
            slots = target_indices(system, w)
            value = Element(state.seeds[w], *slots) if w in request.of and system[w].shape else S(int(w in request.of))
            number = len(system.equations) + len(state.ledgers) + len(gradients) + 1
            found = Equation(number, Element(name, *slots), value)
            if not (w in request.of and system[w].shape):
                equations.append(found)
        gradients[w] = found
    blocks = tuple(_block(state, name, ledger) for name, ledger in state.ledgers.items())
    updates, update_blocks, used = derive_updates(system, gradients, state.context)
    assumptions = dict.fromkeys([a for ledger in state.ledgers.values() for a in ledger.assumptions] + used)
    return Derivation(
        given,
        request.of,
        request.wrt,
        _backward(state, [*_needed(arguments, equations), *equations]),
        gradients,
        blocks + update_blocks,
        tuple(assumptions),
        tuple(state.kinks),
        updates,
        arguments,
    )


def _block(state: AdjointPass, name: str, ledger: Ledger) -> Block:
    """Return the section for an adjoint, or for a sum that was named on the way."""
    if name in state.right.values():
        return Block(name, name, f"the transposed system: {name}", tuple(ledger.steps))
    if name not in state.names.values():
        return Block(name, name, f"the sum {name}", tuple(ledger.steps))
    of = state.tensor_of(name)
    return Block(name, of, f"adjoint of {of}", tuple(ledger.steps))


def _needed(arguments: tuple[Equation, ...], equations: list[Equation]) -> list[Equation]:
    """Return the arguments whose values the adjoints read: they are computed again."""
    read = {n for e in equations for n in names_in(e.value)}
    return [a for a in arguments if a.name in read]


def _backward(state: AdjointPass, equations: list[Equation]) -> System:
    """Return the adjoint equations as a system: what they read of the forward system and the seeds come in."""
    system = state.system
    read = {n for e in equations for n in names_in(e.value)}
    # The rows below 0 of a state that the adjoints read: stated again, so that the backward system stands alone.
    rows = [e for e in system.definitions if e.kind is Kind.START and e.name in read]
    read |= {n for e in rows for n in names_in(e.value)}
    targets = {e.name for e in equations}
    seeds = [state.seeds[n] for n in state.request.of if state.seeds[n] not in targets]
    seeds = [n for n in seeds if state.context.tensors[n].shape or n in read]
    tensors = [replace(t, role=Role.GIVEN) for t in system.tensors if t.name in read - targets]
    tensors += [replace(state.context.tensors[s], role=Role.GIVEN) for s in seeds]
    for e in equations:
        again = e.name in names_in(e.value)
        shape = tuple(i.size for i in e.indices)
        tensors.append(Tensor(e.name, shape, Role.STATE if again else Role.OUTPUT))
    return System(
        f"{system.title}: backward" if system.title else "backward",
        tuple(tensors),
        (*rows, *equations),
        functions=_functions(system, equations),
        sizes=system.sizes,
        index_names=system.index_names,
        written=system.written,
    )


def _functions(system: System, equations: list[Equation]) -> tuple[str, ...]:
    return system.functions if any(elements(e.value) or e.value.atoms(Iverson) for e in equations) else ()
