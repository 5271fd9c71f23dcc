"""A derivation as plain text."""

from __future__ import annotations

from gradproof.derive.render.outline import PLAIN, Extras
from gradproof.derive.render.parts import page_rows, step_rows
from gradproof.derive.render.pretty import row_text
from gradproof.derive.steps import Derivation


def plain(
    derivation: Derivation,
    *,
    width: int = 80,
    detail: int = 2,
    ascii: bool = False,  # noqa: A002
    extras: Extras = PLAIN,
) -> str:
    """Return the page as text; it ends with a line end."""
    rows = page_rows(derivation, width=width, detail=detail, ascii=ascii, extras=extras)
    return "\n".join(row_text(r) for r in rows).strip("\n") + "\n"


def plain_steps(
    derivation: Derivation,
    name: str,
    *,
    width: int = 80,
    detail: int = 2,
    ascii: bool = False,  # noqa: A002
) -> str:
    """Return the steps of one adjoint, and before them those of the adjoints that were substituted into it."""
    rows = step_rows(derivation, name, width=width, detail=detail, ascii=ascii)
    return "\n".join(row_text(r) for r in rows).strip("\n") + "\n"
