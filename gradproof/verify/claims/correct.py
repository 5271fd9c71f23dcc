"""What should stand at the right of a wrong equals sign: in LaTeX with the page's names, and in the notation."""

from __future__ import annotations

import re

from gradproof.derive.latex.printer import latex_expr
from gradproof.derive.latex.stated.claim import Claim
from gradproof.derive.latex.stated.step import Reading
from gradproof.derive.model import Equation, System
from gradproof.derive.notation.printer import equation_sides
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.symbols import symbols_for
from gradproof.verify.claims.attempt import Attempt, attempt
from gradproof.verify.claims.causes import expanded

_INNER = re.compile(r"\\langle (\w+), (\w+) \\rangle")


def correct_line(
    claim: Claim, sides: tuple[int, int], a: Attempt, mended: Equation | None, *, fallen: bool
) -> tuple[str, str]:
    """Return the correct right side in LaTeX and in the notation; ("", "") where there is none to give.

    In a chain that begins with a derivative it is that derivative, as long as no line before was wrong; else what is
    claimed with its mistake mended, or the line before as it stands.
    """
    shown = a
    if not claim.is_derivative(sides[0]) and claim.is_derivative(0) and not fallen:
        begun = attempt(claim, (0, sides[1]), Reading(), 0)
        shown = begun if begun.found is not None else a
    elif mended is not None:
        return written(claim, a, mended)
    elif not claim.is_derivative(sides[0]):
        return claim.text(sides[0]), written(claim, a, expanded(a))[1]
    return written(claim, shown, expanded(shown))


def written(claim: Claim, a: Attempt, equation: Equation) -> tuple[str, str]:
    """Return the right side of an equation in LaTeX, in matrix notation where the claim is, and in the notation."""
    assert a.found is not None
    assert a.step is not None
    system = a.found.system
    notation = equation_sides(equation, system)[1]
    derivation = next(iter(a.found.derivations.values()), None)
    if derivation is None:
        return claim.spelled(latex_expr(equation.value, system)), notation
    hand = LatexHand(symbols_for(derivation), system)
    hand.writer.shown |= claim.spellings
    matrix = hand.matrix(equation) if not a.step.indexed and equation.indices else None
    shown = "" if matrix is None else _without_brackets(matrix[2], system)
    return claim.spelled(shown or hand.sides(equation)[2]), notation


def _without_brackets(text: str, system: System) -> str:
    """Return the text with u^T x for an inner product of two vectors, which a page can be read with; "" for others."""

    def product(found: re.Match[str]) -> str:
        vectors = all(n in system.by_name and system[n].rank == 1 for n in found.groups())
        return rf"{found[1]}^{{\top}} {found[2]}" if vectors else found[0]

    mended = _INNER.sub(product, text)
    return "" if "\\langle" in mended else mended
