"""Set the gradient to zero and solve: unknowns that stand alone first, a linear system at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Expr

from gradproof.derive.canonical import canonical, closed_values
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.check import require_system
from gradproof.derive.derivation import derive
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import Call, Element, Reduce, elements, names_in
from gradproof.derive.normal import normalise
from gradproof.derive.order import reach, reads_of
from gradproof.derive.request import names as listed
from gradproof.derive.stationary.invertible import inverses_of
from gradproof.derive.stationary.linear import coefficients, identity_part
from gradproof.derive.stationary.matrices import in_matrices
from gradproof.derive.stationary.scalar import Roots, roots, sign
from gradproof.derive.stationary.solution import Line, Linear, Solution, Unknown
from gradproof.derive.stationary.state import FIRST, SECOND, State, columns_of, gradient_line, target_of
from gradproof.derive.stationary.through_matrices import by_inverse, passed_on, with_reason
from gradproof.errors import InputError, InternalError, NotYet


def solve(
    system: System, of: str | None = None, for_: str | Sequence[str] | None = None, *, without: str | Sequence[str] = ()
) -> Solution:
    r"""Return where the gradient of `of` vanishes: each unknown's value, or its linear system.

    Args:
        system: the equations.
        of: a scalar output (default: the system's only one).
        for_: the unknowns (default: the parameters).
        without: assumptions not to use.

    Raises:
        InputError: `of` is no scalar output, or nothing is to be solved for.
        NotYet: an equation that has no closed solution here.

    Example:
        >>> import gradproof as gp
        >>> gan = gp.system("given p, q\nparam D\nV = p*log(D) + q*log(1 - D)")
        >>> gp.solve(gan)["D"].values
        (p/(p + q),)
    """
    require_system(system, "solve")
    outputs = listed(of, "of") or system.outputs
    if len(outputs) != 1 or (outputs[0] in system.by_name and system[outputs[0]].shape):
        raise InputError(
            f"a stationary point is of one scalar, not of {', '.join(outputs)}",
            expected="of: the name of a scalar output",
        )
    unknowns = listed(for_, "for_") or tuple(t.name for t in system.parameters)
    if not unknowns:
        raise InputError("nothing to solve for", expected="names of tensors: for_=['w']")
    plain = replace(system, equations=system.definitions)
    inputs = {t.name for t in plain.inputs}
    for name in unknowns:
        if name in plain.by_name and name not in inputs:
            raise InputError(f"{name} is computed", expected=f"what comes in: one of {', '.join(sorted(inputs))}")
    derivation = derive(plain, outputs, list(unknowns), without=listed(without, "without"))
    if derivation.stops:
        where = ", ".join(f"({s.equation})" for s in derivation.stops)
        raise NotYet(
            f"a stationary point with stop(...) in equation {where}: the gradient is not the whole one",
            expected=f"the gradient of {outputs[0]}",
            hint="take out stop, or give what stands in it as a tensor of its own",
        )
    state = State(derivation.joint, unknowns, frozenset(plain.by_name))
    gradients = {u: _closed(derivation.gradients[u], state) for u in unknowns}
    passed = {u: passed_on(e, state) for u, e in gradients.items()}
    found = _found({u: e for u, (e, _) in passed.items()}, derivation.gradients, state)
    found = [with_reason(u, passed[u.name][1]) for u in found]
    return Solution(plain, outputs[0], tuple(_in_order(found)))


def _closed(gradient: Equation, state: State) -> Equation:
    """Return the gradient with every definition written in that depends on an unknown."""
    graph = reads_of(state.system.definitions)
    every = {e.name for e in state.system.definitions}
    below = {
        n: {m for r in (n, *reach(graph, n)) for e in state.system.equations_of(r) for m in names_in(e.value)}
        for n in every
    }
    kept = {n for n in every if below[n].isdisjoint(state.unknowns)}
    kept |= {n for u in state.unknowns for n in inverses_of(state.system, u)}
    return written_in(gradient, closed_values(state.system, kept))


def _found(gradients: dict[str, Equation], shown: Mapping[str, Equation], state: State) -> list[Unknown]:
    """Solve one equation after the other; what reads unknowns that are not known yet is put into the others."""
    left, found = dict(gradients), []
    while left:
        solved = _next(left, shown, state)
        if solved is None:
            raise _refusal(left)
        del left[solved.name]
        if _reads(solved) & left.keys():
            value = Equation(0, solved.target, solved.values[0])
            left = {n: written_in(e, {solved.name: value}) for n, e in left.items()}
        found.append(solved)
    return found


def _next(left: Mapping[str, Equation], shown: Mapping[str, Equation], state: State) -> Unknown | None:
    """Return an unknown that can be solved: alone, by a linear system, or alone in terms of the others."""
    alone = [u for name, e in left.items() if (u := _alone(e, shown[name], state)) is not None]
    for unknown in alone:
        if not _reads(unknown) & (left.keys() - {unknown.name}):
            return unknown
    for name, e in left.items():
        linear = by_inverse(e, shown[name], state) or _linear(e, shown[name], state)
        if linear is not None and not _reads(linear) & (left.keys() - {name}):
            return linear
    return next((u for u in alone if len(u.values) == 1), None)


def _in_order(found: list[Unknown]) -> list[Unknown]:
    """Put each unknown behind those that its value reads."""
    names = {u.name for u in found}
    out: list[Unknown] = []
    while len(out) < len(found):
        done = {u.name for u in out}
        ready = [u for u in found if u not in out and not (_reads(u) & (names - done - {u.name}))]
        if not ready:
            raise InternalError("the unknowns read one another in a circle")
        out += ready
    return out


def _reads(u: Unknown) -> set[str]:
    linear = (u.linear.left, u.linear.right.value) if u.linear else ()
    return {n for v in (*u.values, *linear) for n in names_in(v)}


def _alone(equation: Equation, shown: Equation, state: State) -> Unknown | None:
    """Solve an equation that reads its unknown at one place, outside of sums."""
    target = target_of(equation, state)
    for context, form in ((state.soft, normalise), (state.hard, canonical)):
        value = form(equation.value, context)
        if any(e.name == target.name and e != target for e in elements(value)):
            continue
        if any(target.name in names_in(r) for r in value.atoms(Reduce)):
            continue
        found = roots(value, target)
        if found is not None and all(_vanishes(equation, target, v, state) for v in found.values):
            return _solved(target, found, shown, state)
    return None


def _vanishes(equation: Equation, target: Element, value: Expr, state: State) -> bool:
    """Is the gradient 0 there, in canonical form?"""
    there = written_in(equation, {target.name: Equation(0, target, value)})
    return canonical(there.value, state.hard) == 0


def _solved(target: Element, found: Roots, shown: Equation, state: State) -> Unknown:
    values = tuple(state.tidy(v) for v in found.values)
    second = tuple(state.tidy(s) for s in found.slopes)
    lines = [gradient_line(shown, state), state.line(FIRST, "0", state.tidy(found.numerator))]
    natures = []
    for value, slope in zip(values, second, strict=True):
        nature = sign(slope, positive=True)
        natures.append(_NATURES[nature])
        lines.append(state.line(f"solve for {target.name}", target, value))
        lines.append(state.line(SECOND, f"d2/d{target.name}2", slope, _verdict(slope, nature, target.name)))
    return Unknown(target, values, None, second, tuple(natures), tuple(lines))


_NATURES = {1: "minimum", -1: "maximum", 0: ""}


def _verdict(slope: Expr, nature: int, name: str) -> str:
    """Say what the sign of the second derivative tells, and under which condition it has that sign."""
    if not nature:
        return "its sign depends on the inputs"
    read = sorted(names_in(slope))
    condition = "" if sign(slope) else f" where {', '.join(read)} {'are' if len(read) > 1 else 'is'} positive"
    return f"{'positive' if nature > 0 else 'negative'}{condition}: a {_NATURES[nature]} in {name}"


def _linear(equation: Equation, shown: Equation, state: State) -> Unknown | None:
    """Read off the linear system of an unknown that is met under sums."""
    target = target_of(equation, state)
    columns = columns_of(target, state.system)
    found = coefficients(canonical(equation.value, state.hard), target, columns)
    if found is None:
        return None
    matrix = Equation(0, Element("A", *target.indices, *columns), state.tidy(found.matrix))
    right = Equation(0, target, state.tidy(found.right))
    left = state.tidy(found.left)
    lines = [
        gradient_line(shown, state),
        state.line("set the gradient to zero", left, right.value, "a linear system"),
    ]
    scale, rest = identity_part(normalise(found.matrix, state.soft), matrix.target.indices)
    parts = (replace(matrix, value=state.tidy(rest)), right)
    whole = [in_matrices(parts, scale, state.system, ascii=plain) for plain in (False, True)]
    if whole[0]:
        lines.append(Line("in matrix notation", whole[0], plain=whole[1]))
    return Unknown(target, (), Linear(left, matrix, right), (), (), tuple(lines))


_SOLVABLE = "a gradient that is linear in the unknown, or a polynomial of degree 2 at most in each entry"


def _refusal(left: Mapping[str, Equation]) -> NotYet:
    """Name the function in which an unknown stands, or say that the equation is not linear."""
    for name, equation in left.items():
        calls = sorted({c.name for c in equation.value.atoms(Call) if name in names_in(c)})
        if calls:
            return NotYet(
                f"the stationary point for {name}: it stands inside {', '.join(calls)} in the gradient",
                expected=_SOLVABLE,
                hint="there is no closed form; the gradient is what an iteration needs",
            )
    return NotYet(
        f"the stationary point for {', '.join(left)}: the equations are not linear, and no unknown stands alone",
        expected=_SOLVABLE,
    )
