"""How tangents and derivatives of second order are shown, `∂ᵥp` and `∂²L/∂w²[d,j]`, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradproof.derive.steps import Derivation, Mode

if TYPE_CHECKING:
    from gradproof.derive.through_time.path import Path


#: What stands behind the title of a page.
TITLES: Mapping[Mode, str] = {
    Mode.JVP: "derivative along a direction",
    Mode.JACOBIAN: "Jacobian",
    Mode.HVP: "Hessian times a direction",
    Mode.HESSIAN: "Hessian",
    Mode.SECOND: "second derivative",
    Mode.GAUSS_NEWTON: "Gauss-Newton matrix times a direction",
    Mode.THROUGH_TIME: "Jacobians of the steps",
}
#: What is said above the equations of the gradient.
GRADIENT = "and its gradient, as the first derivation gives it"
OF_THE_LOSS = "and the gradient of the loss"
Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a name stands for, in the terms of a reader.

    Attributes:
        mode: of the derivation.
        of: the tensor that moves, or whose adjoint moves; for a direction, the input.
        adjoint: whether it is the tensor's adjoint that moves.
        direction: whether it is a direction that comes in.
        wrt: what moves.
        output: the scalar output, or the elementwise one; "" where the output is an array.
        alone: whether there is one direction alone and no tensor is called v.
    """

    mode: Mode
    of: str
    adjoint: bool
    direction: bool
    wrt: tuple[str, ...]
    output: str
    alone: bool

    @property
    def is_result(self) -> bool:
        """Is it the gradient of an input that moves?"""
        return self.adjoint and self.of in self.wrt


def shown_names(derivation: Derivation) -> dict[str, Shown]:
    """Return what the directions and tangents of a derivation stand for; nothing for a derivation of gradients."""
    if derivation.mode is Mode.GRADIENT:
        return {}
    if derivation.path is not None:
        between = (b for b in derivation.blocks if b.of != derivation.path.recurrence.state)
        return {b.name: Shown(derivation.mode, b.of, False, False, derivation.wrt, "", False) for b in between}
    if derivation.parts:
        return _three_passes(derivation)
    first = first_adjoints(derivation)
    alone = len(derivation.directions) == 1 and "v" not in derivation.system.by_name
    common = (derivation.wrt, output_of(derivation), alone)
    out = {v: Shown(derivation.mode, w, False, True, *common) for w, v in derivation.directions.items()}
    for name, of in tangents(derivation).items():
        out[name] = Shown(derivation.mode, first.get(of, of), of in first, False, *common)
    return out


def _three_passes(derivation: Derivation) -> dict[str, Shown]:
    """Return the same for a Gauss-Newton product: tangents, those of the loss's gradient, and what is pulled back."""
    forward, outer, back = derivation.parts
    wrt, output = derivation.wrt, derivation.of[0]
    alone = len(derivation.directions) == 1 and "v" not in derivation.system.by_name
    out = {v: Shown(Mode.HVP, w, False, True, wrt, output, alone) for w, v in derivation.directions.items()}
    out |= {name: Shown(Mode.HVP, of, False, False, wrt, output, alone) for name, of in tangents(forward).items()}
    first = first_adjoints(outer)
    for name, of in tangents(outer).items():
        out[name] = Shown(Mode.HVP, first.get(of, of), of in first, False, wrt, output, alone)
    pulled = {b.name: b.of for b in back.blocks} | {e.name: w for w, e in back.gradients.items()}
    return out | {name: Shown(Mode.GAUSS_NEWTON, of, True, False, wrt, output, alone) for name, of in pulled.items()}


def tangents(derivation: Derivation) -> dict[str, str]:
    """Return the tensor that each tangent belongs to."""
    out = {b.name: b.of for b in derivation.blocks}
    if derivation.first is None:
        return out | {e.name: y for y, e in derivation.gradients.items()}
    return out | {e.name: derivation.first.gradients[w].name for w, e in derivation.gradients.items()}


def first_adjoints(derivation: Derivation) -> dict[str, str]:
    """Return the tensor that each adjoint of the first derivation belongs to, those that came into it too."""
    if derivation.parts:
        return first_adjoints(derivation.parts[1])
    if derivation.first is None:
        return {}
    seeds = {f"d_{y}": y for y in derivation.first.of if f"d_{y}" in derivation.system.by_name}
    blocks = {b.name: b.of for b in derivation.first.blocks if b.name != b.of}
    return seeds | blocks | {e.name: w for w, e in derivation.first.gradients.items()}


def output_of(derivation: Derivation) -> str:
    """Return the output by whose name derivatives are shown; "" where it is an array with a cotangent."""
    single = len(derivation.of) == 1 and derivation.mode is not Mode.JVP
    by_name = single and (derivation.mode is Mode.SECOND or not derivation.system[derivation.of[0]].shape)
    return derivation.of[0] if by_name else ""


def in_unicode(shown: Shown, name: str, plain: Name) -> str:
    """Return the name as index notation shows it."""
    if shown.mode is Mode.THROUGH_TIME:
        return name
    if shown.direction:
        return "v" if shown.alone else f"v_{plain(shown.of)}" if name == f"v_{shown.of}" else plain(name)
    of, wrt = plain(shown.of), plain(shown.wrt[0])
    if shown.mode in (Mode.JACOBIAN, Mode.HESSIAN, Mode.SECOND):
        below = f"∂{wrt}²" if shown.of == shown.wrt[0] else f"∂{of}∂{wrt}"
        return f"∂²{plain(shown.output)}/{below}" if shown.adjoint else f"∂{of}/∂{wrt}"
    if shown.mode is Mode.GAUSS_NEWTON and not shown.is_result:
        return f"u_{of}"
    if shown.is_result:
        matrix = "G" if shown.mode is Mode.GAUSS_NEWTON else "H"
        return f"({matrix}v)" if len(shown.wrt) == 1 else f"({matrix}v)_{of}"
    if not shown.adjoint:
        return f"∂ᵥ{of}"
    return f"∂ᵥ∂{plain(shown.output)}/∂{of}" if shown.output else f"∂ᵥ∂{of}"


def in_latex(shown: Shown, name: str, write: Callable[[str, str], str], indices: Sequence[str], rank: int) -> str:
    """Return the name with its indices in LaTeX.

    Args:
        shown: what it stands for.
        name: the name in the notation.
        write: returns a name with what stands below it.
        indices: the indices, written.
        rank: how many of them are the tensor's own; those of the unit vector follow.
    """
    if shown.mode is Mode.THROUGH_TIME:
        return rf"{name.partition('_')[0]}^{{({write(shown.of, '')})}}_{{{_below(indices)}}}"
    own, moved = _below(indices[:rank]), _below(indices[rank:])
    if shown.direction:
        if shown.alone or name != f"v_{shown.of}":
            return write("v" if shown.alone else name, own)
        return rf"v^{{({write(shown.of, '')})}}" + (f"_{{{own}}}" if own else "")
    wrt = shown.wrt[0]
    if shown.mode in (Mode.JACOBIAN, Mode.HESSIAN):
        return _second(write, shown, own, write(shown.output, ""), write(wrt, moved))
    if shown.mode is Mode.SECOND:
        return _second(write, shown, own, write(shown.output, own), write(wrt, own))
    if shown.is_result or shown.mode is Mode.GAUSS_NEWTON:
        matrix = "G" if shown.mode is Mode.GAUSS_NEWTON else "H"
        label = "" if len(shown.wrt) == 1 and shown.is_result else rf"^{{({write(shown.of, '')})}}"
        return (f"({matrix}v)" if shown.is_result else "u") + label + (f"_{{{own}}}" if own else "")
    moving = write(shown.of, own)
    if shown.adjoint and shown.output:
        return rf"\partial_v \frac{{\partial {write(shown.output, '')}}}{{\partial {moving}}}"
    return rf"\partial_v {write(f'd_{shown.of}', own) if shown.adjoint else moving}"


def _second(write: Callable[[str, str], str], shown: Shown, own: str, output: str, wrt: str) -> str:
    of = write(shown.of, own)
    if not shown.adjoint:
        return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"
    below = rf"\partial {wrt}^2" if of == wrt else rf"\partial {of} \, \partial {wrt}"
    return rf"\frac{{\partial^2 {output}}}{{{below}}}"


def _below(indices: Sequence[str]) -> str:
    single = all(len(p) == 1 and p.isalpha() for p in indices)
    return ("" if single and len(indices) < 2 else ",").join(indices)


def claim(derivation: Derivation, name: Name, tensor: Name) -> str:
    """Return what is derived and what the signs stand for.

    Args:
        derivation: one of a mode other than `Mode.GRADIENT`.
        name: spells a tensor's name.
        tensor: spells an adjoint, a direction or a tangent.
    """
    if derivation.path is not None:
        return _path(derivation.path, name)
    of, wrt = (_listed([name(n) for n in names]) for names in (derivation.of, derivation.wrt))
    found = next(iter(derivation.gradients.values()), None)
    result = tensor(found.name) if found is not None else ""
    directions = _listed([tensor(v) for v in derivation.directions.values()])
    given = f"The direction {directions} has the shape of {wrt} and comes in."
    if len(derivation.directions) > 1:
        given = f"Its parts {directions} have the shapes of {wrt} and come in."
    if derivation.parts:
        through = name(derivation.parts[1].wrt[0])
        return (
            f"The Gauss-Newton matrix G of {of} with respect to {wrt}, times a direction: through the Jacobian of "
            f"{through}, the Hessian of {of} with respect to {through}, and the transposed Jacobian. {given}"
        )
    if derivation.mode is Mode.JVP:
        return (
            f"The derivative of {of} along a direction of {wrt}: {result} is the Jacobian times the direction. {given}"
        )
    if derivation.mode is Mode.JACOBIAN:
        return f"The Jacobian of {of} with respect to {wrt}: how each entry of {of} changes with each entry of {wrt}."
    if derivation.mode is Mode.SECOND:
        return f"The second derivative of {of} with respect to {wrt}, the same function at every entry."
    gradients = derivation.first.gradients.values() if derivation.first else ()
    gradient = _listed([tensor(e.name) for e in gradients])
    changes = "changes" if len(gradients) == 1 else "change"
    if derivation.mode is Mode.HESSIAN and not derivation.system[derivation.wrt[0]].rank:
        return f"The second derivative of {of} with respect to {wrt}."
    if derivation.mode is Mode.HESSIAN:
        return (
            f"The Hessian of {of} with respect to {wrt}: how each entry of {gradient} changes with each entry of {wrt}."
        )
    what = of if output_of(derivation) else f"any scalar computed from {of}, with its gradient at {of} held fixed,"
    return (
        f"The Hessian H of {what} with respect to {wrt}, times a direction: how {gradient} {changes} along it. {given}"
    )


def _path(path: Path, name: Name) -> str:
    """Return what is derived through time."""
    recurrence, state = path.recurrence, name(path.recurrence.state)
    own, columns = recurrence.equation.target.indices, path.columns
    last, time = ("last" if recurrence.lag < 0 else "first"), name(own[recurrence.axis].name)
    text = (
        f"How {state} at the {last} step depends on {state} at step {time}: {name(path.product)}, the product of the "
        f"Jacobians {name(path.step)} of the steps between."
    )
    if columns:
        rows = _listed([name(own[a].name) for a in recurrence.across])
        earlier = _listed([name(c) for c in columns])
        text += f" {rows} counts the entries of the later {state}, {earlier} those of the earlier one."
        shared = [name(own[a].name) for a in recurrence.shared]
        text += f" Different {_listed(shared)} do not meet." if shared else ""
    else:
        text += f" Each entry of {state} acts on itself alone."
    if recurrence.held:
        others = _listed([name(n) for n in recurrence.held])
        text += f" A step reads the old {others} too, held constant here: this is the path of {state} alone."
    return text


def _listed(names: Sequence[str]) -> str:
    if not names:
        return ""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
