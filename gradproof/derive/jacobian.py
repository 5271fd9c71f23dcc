"""The Jacobian: the tangents along every unit vector of one input, in one derivation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gradproof.derive.brackets import shared_in_front
from gradproof.derive.directions import unit_vectors
from gradproof.derive.forward import derivation_of, refuse_computed, result, run
from gradproof.derive.model import System
from gradproof.derive.preactivations import named
from gradproof.derive.request import known_convention, names, understand
from gradproof.derive.steps import Derivation, Mode
from gradproof.errors import InputError


def jacobian(
    system: System,
    of: str | Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    without: str | Collection[str] = (),
    kinks: str = "torch",
) -> Derivation:
    r"""Return the Jacobian of `of`: its derivative for every entry of one input, whose axes stand last.

    The arguments are those of `derive`.

    Raises:
        InputError: for unknown names, and for more than one input or output.
        NotYet: for a computed tensor in `wrt`, and for what the rules do not cover.

    Example:
        >>> import gradproof as gp
        >>> d = gp.jacobian(gp.system("given z[n]\np[i] = exp(z[i]) / sum[k] exp(z[k])"))
        >>> str(d.gradients["p"])
        'v_p[i,k] = p[i]*([i == k] - p[k])'
    """
    known_convention(kinks)
    asked = understand(system, of, wrt)
    for names_, what, flag in ((asked.of, "output", "of"), (asked.wrt, "input", "wrt")):
        if len(names_) != 1:
            raise InputError(
                f"a Jacobian is of one output for one input, and there are {len(names_)}: {', '.join(names_)}",
                expected=f"{flag}: the name of one {what}",
            )
    refuse_computed(system, asked.wrt, "a Jacobian")
    working, arguments = named(system, asked.path)
    request = understand(working, asked.of, asked.wrt) if arguments else asked
    moving = replace(request, path=tuple(dict.fromkeys((*request.path, *request.of))))
    directions = unit_vectors(working, moving, {})
    state = run(working, request, directions, without=names(without, "without"), kinks=kinks)
    for ledger in state.ledgers.values():
        ledger.replace("the bracket of all terms in front", shared_in_front(ledger.value), detail=3)
    gradients = {y: result(state, y) for y in request.of}
    return derivation_of(state, gradients, Mode.JACOBIAN, system=system, arguments=arguments)
