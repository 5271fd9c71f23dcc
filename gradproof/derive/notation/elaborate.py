"""Syntax tree -> system: resolve names, find ranges, build expressions, name roles."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy import Expr

from gradproof.derive import syntax
from gradproof.derive.check import EquationError
from gradproof.derive.exact_division import unconditional_quotient
from gradproof.derive.implicit_residual import ResidualError, solved
from gradproof.derive.index import Index
from gradproof.derive.model import Assumption, Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Element, Reduce, names_in
from gradproof.derive.notation.build import Builder, fixed_row
from gradproof.derive.notation.declared import Declarations, collect
from gradproof.derive.notation.first_rows import with_first_rows
from gradproof.derive.notation.printer import format_expr
from gradproof.derive.notation.ranges import Ranges
from gradproof.derive.notation.reader import parse_syntax
from gradproof.derive.notation.scope import Line, letter, resolve_all
from gradproof.derive.order import states
from gradproof.errors import InputError

_NOT_REAL = (sp.I, sp.zoo, sp.oo, -sp.oo, sp.nan)


def parse_system(text: str, source: str = "<text>", *, adjoints: bool = False) -> System:
    """Return the system that a text in the notation states.

    Args:
        text: declarations and equations, one a line.
        source: where the text comes from, for error messages.
        adjoints: allow `d_x` beside `x`, as a backward pass has it; such a system is compared, not derived.

    Raises:
        InputError: with the place, what was expected, and the line to add.

    >>> print(parse_system("given x[n]; y[i] = 2*x[i]".replace("; ", chr(10))).equations[0])
    y[i] = 2*x[i]
    """
    return elaborate(parse_syntax(text, source), adjoints=adjoints)


def elaborate(text: syntax.Text, *, adjoints: bool = False) -> System:
    """Return the system of a syntax tree, checked.

    Raises:
        InputError: for names, ranges and forms that do not fit together.
    """
    if not any(isinstance(s, syntax.Define) for s in text.statements):
        raise InputError(f"{text.name} has no equation", expected="an equation on a line of its own, as in: y = x**2")
    text = with_first_rows(text)
    declared = collect(text, adjoints=adjoints)
    lines = _in_text_order(text, resolve_all(declared))
    ranges = Ranges(declared, lines)
    ranges.find()
    written: dict[tuple[str, ...], tuple[str, ...]] = {}
    equations = _equations(declared, ranges, lines, written)
    try:
        _refuse_remainders(equations)
        return System(
            title=text.title,
            tensors=_tensors(declared, ranges, equations),
            equations=equations,
            assumptions=_assumptions(declared, ranges, lines),
            functions=tuple(declared.functions),
            sizes=tuple(sorted(declared.sizes.values(), key=lambda s: s.name)),
            source=text.source,
            index_names=_index_names(ranges, lines),
            written=written,
        )
    except EquationError as error:
        raise _placed(error, lines) from None


def _refuse_remainders(equations: Iterable[Equation]) -> None:
    """Refuse `x[i/2]` where nothing says that i is even: neither half a row nor a row rounded down is meant."""
    for e in equations:
        found = unconditional_quotient(e.value)
        if found is not None:
            whole = f"{format_expr(found.num)} % {format_expr(found.den)} == 0"
            raise EquationError(
                e.number,
                f"{format_expr(found)} stands in an index, and is no whole number everywhere",
                expected=f"a condition that says where it is one: [{whole}]",
            )


def _placed(error: EquationError, lines: list[Line]) -> InputError:
    """Return the error with the place of its equation in the text."""
    equations = [line.statement for line in lines if isinstance(line.statement, syntax.Define)]
    place = equations[error.number - 1].span
    return InputError(error.message, where=place, expected=error.expected, hint=error.hint)


def _in_text_order(text: syntax.Text, lines: list[Line]) -> list[Line]:
    position = {id(s): j for j, s in enumerate(text.statements)}
    return sorted(lines, key=lambda line: position[id(line.statement)])


def _equations(
    declared: Declarations, ranges: Ranges, lines: Iterable[Line], written: dict[tuple[str, ...], tuple[str, ...]]
) -> tuple[Equation, ...]:
    out: list[Equation] = []
    for line in lines:
        if isinstance(line.statement, syntax.Define):
            builder = Builder(declared, ranges, line)
            out.append(_equation(builder, line, len(out) + 1))
            written |= {looks: order for looks, order in builder.written.items() if looks not in written}
    return tuple(out)


def _equation(builder: Builder, line: Line, number: int) -> Equation:
    if line.target is None or not isinstance(line.statement, syntax.Define):
        raise AssertionError("an equation has a target")
    target = builder.element(line.target)
    if line.statement.kind == "solve":
        return Equation(number, target, _solution(builder, line, target))
    _check_target(builder, line, target)
    value = builder.value(line.values[0])
    _check_real(value, line)
    return Equation(number, target, value, Kind(line.statement.kind))


def _solution(builder: Builder, line: Line, target: Element) -> Expr:
    residual = builder.value(line.values[0])
    _check_real(residual, line)
    try:
        return solved(target, residual, [builder.indices[u] for u in line.open])
    except ResidualError as error:
        raise InputError(
            f"{target.name} cannot be solved for: {error}",
            where=line.statement.span,
            expected=error.expected,
            hint=error.hint,
        ) from None


def _check_target(builder: Builder, line: Line, target: Element) -> None:
    """An equation's slots are bare indices; a start line fixes at least one row."""
    fixed = [(s, n) for s, n in zip(target.indices, line.target.indices, strict=True) if not isinstance(s, Index)]  # type: ignore[union-attr]
    start = line.statement.kind == "start"  # type: ignore[union-attr]
    for slot, node in fixed:
        if (
            not start
            or fixed_row(builder.integers, node) is None
            or any(isinstance(s, Index) for s in slot.free_symbols)
        ):
            raise InputError(
                f"{slot} cannot stand at the left",
                where=node.span,
                expected="a fixed row, as in start h[-1,k] = h0[k]"
                if start
                else f"an index that runs over the axis, as in {target.name}[i]",
                hint="" if start else f"for the first row of a recurrence write: start {target.name}[...] = ...",
            )
    if start and not fixed:
        raise InputError(
            "a start line fixes no row", where=line.statement.span, expected="a row, as in start h[-1,k] = h0[k]"
        )


def _check_real(value: Expr, line: Line) -> None:
    bad = next((n for n in _NOT_REAL if value.has(n)), None)
    if bad is not None:
        raise InputError(
            "this expression has no real value",
            where=line.statement.span,
            expected="no division by zero and no root of a negative number",
        )


def _tensors(declared: Declarations, ranges: Ranges, equations: tuple[Equation, ...]) -> tuple[Tensor, ...]:
    """Inputs in order of declaration, then computed tensors in order of definition."""
    state = states(equations)
    out = []
    for name in dict.fromkeys((*declared.inputs, *declared.computed)):
        if name in declared.inputs:
            role = Role(declared.inputs[name][0])
        else:
            role = Role.STATE if name in state else Role.OUTPUT
        bound = declared.bound(name)
        edge = _edge(declared, ranges, name)
        out.append(
            Tensor(name, ranges.shape(name), role, ranges.sizes.size(bound) if bound is not None else None, edge)
        )
    return tuple(out)


def _edge(declared: Declarations, ranges: Ranges, name: str) -> Expr | None:
    if name not in declared.outside:
        return None
    value = declared.outside[name].value
    return Builder(declared, ranges, Line(syntax.Assume(value, value, value.span))).edge_value(value)


def _assumptions(declared: Declarations, ranges: Ranges, lines: Iterable[Line]) -> tuple[Assumption, ...]:
    """Assumptions, by name; a second one of the same name is `sum_y.2`."""
    out: list[Assumption] = []
    for line in lines:
        if isinstance(line.statement, syntax.Assume):
            builder = Builder(declared, ranges, line)
            left, right = (builder.value(v) for v in line.values)
            name = _assumption_name(left, right)
            earlier = sum(a.name.partition(".")[0] == name for a in out)
            out.append(Assumption(f"{name}.{earlier + 1}" if earlier else name, left, right))
    return tuple(out)


def _assumption_name(left: Expr, right: Expr) -> str:
    """`sum[c] y[i,c] = 1` is called sum_y."""
    about = next((min(names_in(side)) for side in (left, right) if names_in(side)), "sizes")
    return f"{left.op}_{about}" if isinstance(left, Reduce) else about


def _index_names(ranges: Ranges, lines: Iterable[Line]) -> tuple[tuple[Expr, tuple[str, ...]], ...]:
    """For each range the letters of its indices, in order of first appearance."""
    found: dict[Expr, dict[str, None]] = {}
    for line in lines:
        for unique in line.places:
            found.setdefault(ranges.ranges[unique], {})[letter(unique)] = None
    return tuple((size, tuple(letters)) for size, letters in found.items())
