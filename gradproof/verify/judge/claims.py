"""What a user may claim about a function (gradient, Jacobian, products, Hessian), each as one problem to judge.

Everything comes down to a vjp: a Jacobian J gives c.J, a product with tangents gives c.(J e_i), and a Hessian is the
Jacobian of the gradient. A Hessian is judged against the user's own gradient, which is judged first; where there is
none, against the exact gradient of f.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradproof.errors import InputError
from gradproof.verify.arranged import Layout
from gradproof.verify.calls import Array, Problem, real
from gradproof.verify.safely import Failed, Misfit

#: Up to so many entries a jvp is asked for every unit tangent.
EVERY_TANGENT = 400
Function = Callable[..., Any]


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        name: the argument of `check` that it came by.
        problem: the vjp that it comes down to.
        column: the claimed derivatives of every output by one entry (input position, flat position), flat; None for a
            claim that has no columns.
        rows: what the outputs are called: their input's name and shape; None where they are f's own.
        reference: what it is judged against, if not f.
    """

    name: str
    problem: Problem
    column: Callable[[Sequence[Any], int, int], Array] | None = None
    rows: tuple[tuple[str, tuple[int, ...]], ...] | None = None
    reference: str = ""


def standing_for(behind: Function, function: Function) -> Function:
    """Return a function of ours, marked with the user's that it calls: a run in balls follows that."""
    function.__wrapped__ = behind  # type: ignore[attr-defined]
    return function


def jacobian(f: Function, jac: Function, inputs: Any, **options: Any) -> Claim:
    """Return the claim that `jac(*inputs)` is f's Jacobian: for each of `wrt` an array [*output, *input]."""
    problem = Problem(f, None, inputs, vjp=_later, **options)

    def vjp(cotangent: Any, *passed: Any) -> Any:
        parts = _blocks(jac(*passed), problem.layout, np.shape(cotangent))
        return tuple(_contracted(cotangent, part) for part in parts)

    def column(passed: Sequence[Any], k: int, flat: int) -> Array:
        shape = problem.value(passed).shape
        part = _blocks(problem.quietly("jac", jac, passed), problem.layout, shape)[problem.wrt.index(k)]
        return real("jac", part).reshape(int(np.prod(shape)), -1)[:, flat]

    problem.vjp, problem.what = standing_for(jac, vjp), "jac"
    return Claim("jac", problem, column)


def _later(*_: Any) -> Any:
    raise Failed("not there yet")


def _blocks(raw: Any, layout: Layout, output: tuple[int, ...]) -> list[Any]:
    """Return for each of `wrt` its block, [*output, *input].

    Raises:
        Misfit: it has another shape.
    """
    shapes = [layout.shapes[k] for k in layout.wrt]
    whole = (int(np.prod(output)), sum(layout.sizes))
    if isinstance(raw, np.ndarray) and raw.shape == whole and (len(shapes) > 1 or raw.shape != (*output, *shapes[0])):
        parts = np.split(raw, np.cumsum(layout.sizes)[:-1], axis=1)
        return [part.reshape(*output, *shape) for part, shape in zip(parts, shapes, strict=True)]
    found = [np.asanyarray(part) for part in replace(layout, what="the Jacobian", flat=False).arranged(raw)]
    for part, k in zip(found, layout.wrt, strict=True):
        if part.shape != (*output, *layout.shapes[k]):
            expected = f"the output's and the input's shape, {(*output, *layout.shapes[k])}"
            raise Misfit(f"the Jacobian for {layout.names[k]} has the shape {part.shape}, expected {expected}")
    return found


def _contracted(cotangent: Any, block: Any) -> Any:
    """Return c.J, [*input]; balls or floats."""
    c = np.asanyarray(cotangent)
    inner = block.shape[c.ndim :]
    return (c.reshape(1, c.size) @ block.reshape(c.size, int(np.prod(inner)))).reshape(inner)


def products(f: Function, jvp: Function, inputs: Any, **options: Any) -> Claim:
    """Return the claim that `jvp(tangents, *inputs)` is f's derivative along the tangents.

    The tangents are an array where one input is differentiated, else a tuple with one for each.
    """
    problem = Problem(f, None, inputs, vjp=_later, **options)
    total = sum(problem.layout.sizes)
    if total > EVERY_TANGENT:
        raise InputError(
            f"jvp= with {total} entries", expected=f"at most {EVERY_TANGENT}", hint="wrt= names fewer inputs"
        )

    def along(passed: Sequence[Any], k: int, flat: int, shape: tuple[int, ...]) -> Any:
        found = np.asanyarray(jvp(_tangents(problem.layout, k, flat), *passed))
        if found.shape != shape:
            raise Misfit(f"jvp returned the shape {found.shape}, and f has {shape}")
        return found

    def vjp(cotangent: Any, *passed: Any) -> Any:
        shape = np.shape(cotangent)
        found = []
        for k, size in zip(problem.wrt, problem.layout.sizes, strict=True):
            entries = [_contracted(cotangent, along(passed, k, flat, shape)) for flat in range(size)]
            found.append(_stacked(entries, problem.layout.shapes[k]))
        return tuple(found)

    def column(passed: Sequence[Any], k: int, flat: int) -> Array:
        shape = problem.value(passed).shape
        found = problem.quietly("jvp", lambda *p: along(p, k, flat, shape), passed)
        return real("jvp", found).reshape(-1)

    problem.vjp, problem.what = standing_for(jvp, vjp), "jvp"
    return Claim("jvp", problem, column)


def _tangents(layout: Layout, k: int, flat: int) -> Any:
    parts = [np.zeros(layout.shapes[j]) for j in layout.wrt]
    parts[layout.wrt.index(k)].reshape(-1)[flat] = 1.0
    return parts[0] if len(parts) == 1 else tuple(parts)


def _stacked(entries: list[Any], shape: tuple[int, ...]) -> Any:
    """Return numbers (balls too) as one array."""
    if not entries:
        return np.zeros(shape)
    return np.concatenate([np.reshape(e, (1,)) for e in entries]).reshape(shape)


def gradient_as_function(problem: Problem, grad: Function) -> Function:
    """Return `grad` as one vector over all of `wrt`."""

    def gradient(*passed: Any) -> Any:
        parts = problem.layout.arranged(grad(*passed))
        for part, k in zip(parts, problem.wrt, strict=True):
            if part is None or np.shape(part) != problem.layout.shapes[k]:
                raise Failed(f"the gradient of {problem.names[k]} has another shape")
        return np.concatenate([np.reshape(part, (-1,)) for part in parts])

    return standing_for(grad, gradient)


def hessian(gradient: Function, hess: Function, base: Problem, reference: str, **options: Any) -> Claim:
    """Return the claim that `hess(*inputs)` is the Jacobian of the gradient (a function that returns one vector).

    One matrix over all inputs, an array [*input, *input], or nested tuples or dicts of these.
    """
    problem = Problem(gradient, None, base.given, vjp=_later, **options)
    layout, total = problem.layout, sum(problem.layout.sizes)

    def columns(*passed: Any) -> Any:
        return _rows_of_hessian(hess(*passed), layout, total)

    claim = jacobian(gradient, standing_for(hess, columns), base.given, **options)
    claim.problem.what = "hess"
    rows = tuple((layout.names[k], layout.shapes[k]) for k in layout.wrt)
    return replace(claim, name="hess", rows=rows, reference=reference)


def _rows_of_hessian(raw: Any, layout: Layout, total: int) -> Any:
    if isinstance(raw, np.ndarray) and raw.shape == (total, total):
        return raw
    if len(layout.wrt) == 1 and not isinstance(raw, dict):
        block = np.asanyarray(raw[0] if isinstance(raw, tuple) else raw)
        shape = layout.shapes[layout.wrt[0]]
        if block.shape != shape * 2:
            raise Misfit(f"the Hessian has the shape {block.shape}, expected {shape * 2} or {(total, total)}")
        return block.reshape(total, *shape)
    named = replace(layout, what="the Hessian", flat=False)
    rows = []
    for part, size, k in zip(named.arranged(raw), layout.sizes, layout.wrt, strict=True):
        blocks = _blocks(part, layout, layout.shapes[k])
        rows.append([np.reshape(b, (size, -1)) for b in blocks])
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def hessian_products(gradient: Function, hvp: Function, base: Problem, reference: str, **options: Any) -> Claim:
    """Return the claim that `hvp(v, *inputs)` is the Hessian times v.

    v is an array where one input is differentiated, else a tuple with one for each.
    """
    layout = base.layout

    def vjp(cotangent: Any, *passed: Any) -> Any:
        parts = np.split(np.asanyarray(cotangent), np.cumsum(layout.sizes)[:-1])
        shaped = [part.reshape(layout.shapes[k]) for part, k in zip(parts, layout.wrt, strict=True)]
        return hvp(shaped[0] if len(shaped) == 1 else tuple(shaped), *passed)

    problem = Problem(gradient, None, base.given, vjp=standing_for(hvp, vjp), **options)
    problem.what = "hvp"
    return Claim("hvp", problem, reference=reference)
