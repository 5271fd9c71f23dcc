"""`gradproof kernels`: one readable Python module for every equation named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gradproof.commands.outcome import BAD_INPUT, RIGHT, say
from gradproof.commands.output import Output
from gradproof.commands.progress import progress
from gradproof.commands.subject import find
from gradproof.commands.work import CHAIN, Piece, Request, derivation_of, pieces, tell_claims
from gradproof.errors import InputError

if TYPE_CHECKING:
    from gradproof.derive.steps import Derivation
    from gradproof.kernels import Kernel

Kind = Literal["forward", "backward", "fused", "update"]


def kernels(argument: str, target: str, dtype: str, products: str, output: Output, *, fast: bool = False) -> int:
    """Generate the kernels of what the argument names, write them, and return the exit status.

    Where an equation of a page cannot be used, the reason is told and nothing is written:
    a module that lacks a kernel silently is worse than none.
    """
    from gradproof.kernels import module_source

    output.check(Path(argument))
    with progress("reading") as doing:
        subject = find(argument)
        made: list[Kernel] = []
        failures = []
        for piece in pieces(subject, chains=True):
            doing(f"writing the kernels of {piece.label}")
            try:
                made += kernels_of(piece, target, dtype, fast=fast)
            except InputError as error:
                failures.append(piece.error or piece.failed(error).error)
        for failure in failures:
            say(failure)
        if failures:
            return BAD_INPUT
        text = module_source(made, f"The kernels of {subject.name}." if subject.page else "", products)
    tell_claims(subject)
    output.put(text)
    return RIGHT


def kernels_of(piece: Piece, target: str, dtype: str, *, fast: bool = False) -> list[Kernel]:
    """Return the kernels of a piece, named after it.

    Raises:
        InputError: the piece was not read, or has no kernel yet.
    """
    from gradproof.kernels import kernel
    from gradproof.kernels.names import ascii_name

    system = piece.for_kernels
    if system is None:
        raise InputError(piece.error)
    derivation = derivation_of(system, Request())
    stem = ascii_name(f"{piece.name}_chain" if piece.place == CHAIN else piece.name)
    kinds = _kinds(piece, derivation)
    return [kernel(derivation, target, dtype, kind, name=f"{stem}_{kind}", fast=fast) for kind in kinds]


def _kinds(piece: Piece, derivation: Derivation) -> tuple[Kind, ...]:
    """The kernels that are worth having; both passes in one only where no cotangent has to come in between.

    An update on a page is made of equations that have kernels of their own.
    """
    if derivation.updates and (piece.entry is not None or not derivation.of):
        return ("update",)
    scalar = all(derivation.system[name].rank == 0 for name in derivation.of)
    fused: tuple[Kind, ...] = ("fused",) if scalar else ()
    update: tuple[Kind, ...] = ("update",) if derivation.updates else ()
    return ("forward", "backward", *fused, *update)
