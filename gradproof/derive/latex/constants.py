"""Letters that are numbers on any page where they are nothing else."""

from __future__ import annotations

from gradproof.derive import syntax
from gradproof.errors import Span


def constant(name: str, span: Span) -> syntax.Node | None:
    """Return π or e, None for another name."""
    if name == "π":
        return syntax.Name("pi", span)
    if name == "e":
        return syntax.Apply("exp", (syntax.Number("1", span),), span)
    return None
