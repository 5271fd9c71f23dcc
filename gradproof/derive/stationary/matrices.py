"""The linear system of a stationary point in matrix notation: the normal equations."""

from __future__ import annotations

from sympy import Expr

from gradproof.derive.model import Equation, System
from gradproof.derive.notation.printer import format_expr
from gradproof.derive.render.mathtext import Writer, flat_text
from gradproof.derive.render.matrix import matrix_form
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.symbols import Symbols, as_ascii


def in_matrices(parts: tuple[Equation, Equation], scale: Expr, system: System, *, ascii: bool) -> str:  # noqa: A002
    """Return `(Xᵀ X + lam I) w = Xᵀ y`, or "" where there is no matrix notation.

    Args:
        parts: the matrix without its multiple of the identity, and the right-hand side `r[j]`.
        scale: the multiple of the identity.
        system: whose names are written.
        ascii: ASCII only.
    """
    right = parts[1]
    if len(right.target.indices) != 1:
        return ""
    hand = hand_of(Writer(Symbols(ascii=ascii), system))
    forms = [matrix_form(e) for e in parts if e.value != 0]
    if any(form is None for form in forms):
        return ""
    texts = [flat_text(matrix_doc(form[1], hand)) for form in forms if form is not None]
    if right.value == 0:
        texts.append("0")
    eye = "" if scale == 0 else f"{format_expr(scale, system)} I" if scale != 1 else "I"
    left = " + ".join(t for t in (*texts[:-1], eye) if t)
    name = right.target.name
    return f"({left}) {as_ascii(name) if ascii else name} = {texts[-1]}"


def inverse_text(matrix: Equation, name: str, system: System, *, ascii: bool) -> str:  # noqa: A002
    """Return `P = (eᵀ e/m)⁻¹` for the matrix of which P is the inverse, or "" where there is no matrix notation."""
    form = matrix_form(matrix)
    if form is None:
        return ""
    text = flat_text(matrix_doc(form[1], hand_of(Writer(Symbols(ascii=ascii), system))))
    return f"{as_ascii(name)} = inv({text})" if ascii else f"{name} = ({text})⁻¹"
