"""Second order: the tangent of the gradient. Forward over reverse, on the equations of a first derivation.

Along one direction it is the Hessian times that direction; along every unit vector of one input it is the Hessian; for
an elementwise function, along 1 at every entry, it is the second derivative.

Source: Pearlman (1994), "Fast exact multiplication by the Hessian".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from gradproof.derive.derivation import derive
from gradproof.derive.directions import Directions, any_direction, at_every_entry, unit_vectors
from gradproof.derive.forward import derivation_of, refuse_computed, result, run
from gradproof.derive.gradient_system import gradient_system
from gradproof.derive.model import System
from gradproof.derive.nodes import Reduce, elements, names_in
from gradproof.derive.request import Request, names, understand
from gradproof.derive.steps import Derivation, Mode

Choice = Callable[[System, Request, Mapping[str, str]], Directions]

_CHOICES: Mapping[Mode, Choice] = {
    Mode.HVP: any_direction,
    Mode.HESSIAN: unit_vectors,
    Mode.SECOND: at_every_entry,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a derivation may use: assumptions not to use, and the convention at kinks."""

    without: tuple[str, ...]
    kinks: str


def hvp(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
) -> Derivation:
    r"""Return the Hessian of `of` times a direction of `wrt`: for each of `wrt` the equation of `d2_x`.

    With several of `wrt` it is the Hessian for all of them together; the direction comes in as `v_x` for each. The
    Hessian of an array-valued output y is that of sum(d_y*y). The arguments are those of `derive`.

    Raises:
        InputError: for unknown names.
        NotYet: for a computed tensor in `wrt`, and for what the rules do not cover.

    Example:
        >>> import gradproof as gp
        >>> d = gp.hvp(gp.system("param w[D]\nL = sum[d] w[d]**4"))
        >>> str(d.gradients["w"])
        'd2_w[d] = 12*v_w[d]*w[d]**2'
    """
    request = understand(system, of, wrt)
    return _second(system, request, Mode.HVP, Options(names(without, "without"), kinks))


def second_order(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
) -> Derivation:
    """Return the second derivative in the form that fits the request.

    For an elementwise function of one input its second derivative; for a scalar output and one input that is a number
    or a vector the Hessian; else the Hessian times a direction.
    """
    request = understand(system, of, wrt)
    return _second(system, request, _form(system, request), Options(names(without, "without"), kinks))


def _form(system: System, request: Request) -> Mode:
    if len(request.of) != 1 or len(request.wrt) != 1:
        return Mode.HVP
    of, wrt = system[request.of[0]], system[request.wrt[0]]
    if of.rank == 0 and wrt.rank <= 1:
        return Mode.HESSIAN
    return Mode.SECOND if of.rank and _is_elementwise(system, request) else Mode.HVP


def _is_elementwise(system: System, request: Request) -> bool:
    """Is every entry of the output a function of the same entry of the input alone?"""
    moving = {*request.path, *request.wrt}
    between = [e for e in system.definitions if e.name in moving - set(request.wrt)]
    return bool(between) and all(
        x.indices == e.target.indices and not _is_summed(e.value, moving)
        for e in between
        for x in elements(e.value)
        if x.name in moving
    )


def _is_summed(value: Expr, moving: Collection[str]) -> bool:
    return any(not names_in(r).isdisjoint(moving) for r in value.atoms(Reduce))


def _second(system: System, request: Request, mode: Mode, options: Options) -> Derivation:
    refuse_computed(system, request.wrt, "a second derivative")
    first = derive(
        system, request.of, request.wrt, without=_without(system, request, options.without), kinks=options.kinks
    )
    found = gradient_system(first, at_one=mode is Mode.SECOND)
    again = understand(found.system, tuple(found.gradients.values()), request.wrt)
    moving = replace(again, path=tuple(dict.fromkeys((*again.path, *again.of))))
    directions = _CHOICES[mode](found.system, moving, found.adjoints)
    state = run(found.system, again, directions, without=options.without, unfolded=found.adjoints, kinks=options.kinks)
    gradients = {w: result(state, name) for w, name in found.gradients.items()}
    return derivation_of(state, gradients, mode, system=found.system, of=request.of, first=first)


def _without(system: System, request: Request, without: tuple[str, ...]) -> tuple[str, ...]:
    """Return the assumptions that the gradient may not use: also those about what the second derivative moves.

    That sum[c] y[i,c] = 1 holds at a point says nothing of how the gradient changes with y.
    """
    moved = set(request.wrt)
    for _ in system.definitions if system.assumptions else ():
        moved |= {e.name for e in system.definitions if not moved.isdisjoint(names_in(e.value))}
    about = [a.name for a in system.assumptions if not moved.isdisjoint(names_in(a.left) | names_in(a.right))]
    return tuple(dict.fromkeys((*without, *about)))
