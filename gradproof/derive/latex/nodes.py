"""Walking the syntax tree that pages are lowered to."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.derive import syntax
from gradproof.errors import Span


def nodes(root: object) -> Iterator[syntax.Node]:
    """Yield all nodes of a syntax tree (or of several in a tuple)."""
    stack = [root]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(reversed(top))
        elif hasattr(top, "__dataclass_fields__") and not isinstance(top, Span):
            yield top  # type: ignore[misc]
            stack.extend(getattr(top, f) for f in reversed(top.__dataclass_fields__) if f != "span")


def alone(root: object) -> set[str]:
    """Return the names that stand alone in a slot: indices whose range an axis tells."""
    items = (n for n in nodes(root) if isinstance(n, syntax.Item))
    return {i.name for n in items for i in n.indices if isinstance(i, syntax.Name)}
