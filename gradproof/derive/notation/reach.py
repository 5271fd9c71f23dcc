"""How far a reduction reaches: what a writer meant who took it to reach further, or less far, than it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradproof.derive import syntax
from gradproof.derive.notation.declared import walk
from gradproof.derive.syntax import Binary, Compare, Name, Node, Reduction
from gradproof.errors import InputError, Span

_HEAD = re.compile(r"[^\W\d_]+\s*\[|[Σ∑Π∏]\s*\[")


def ended(name: Name, statement: syntax.Define | syntax.Assume) -> InputError | None:
    """`sum[i] x[i] + y[i]`: the error for an index behind the end of its reduction; None if no reduction binds it."""
    before = [r for r in _reductions(statement) if _binds(r, name.name) and _start(r.span) < _start(name.span)]
    if not before or not head(before[-1]):
        return None
    reduction = before[-1]
    return InputError(
        f"{name.name} is not bound here: {head(reduction)} reaches as far as a product does, and ends before "
        f"{_behind(reduction)}",
        where=name.span,
        expected="parentheses around all that it reaches over",
        hint=_in_parentheses(reduction, name, statement),
    )


def nested(name: Name, outer: Reduction, inner: Reduction) -> InputError:
    """`sum[i] a[i] / sum[i] b[i]`: the error for an index that a reduction binds inside the reach of another."""
    return InputError(
        f"the index {name.name} is already bound here: the {outer.op} before it reaches as far as a product does",
        where=name.span,
        expected="another letter for one of the two, or parentheses that end the first one",
        hint=_apart(outer, inner),
    )


def head(reduction: Reduction) -> str:
    """Return `sum[i, i != j]` as it is written; "" on a page, where it is written in LaTeX."""
    text = reduction.span.text[reduction.span.column - 1 :]
    if not _HEAD.match(text):
        return ""
    depth = 0
    for at, c in enumerate(text):
        depth += (c == "[") - (c == "]")
        if c == "]" and not depth:
            return text[: at + 1]
    return ""


def _behind(reduction: Reduction) -> str:
    """Return the sign that ends the reach of a reduction."""
    text = reduction.span.text[reduction.span.column - 1 + reduction.span.length :].lstrip(" )")
    return f"`{text[0]}`" if text else "this"


def _reductions(statement: syntax.Define | syntax.Assume) -> list[Reduction]:
    return [n for n in walk([statement]) if isinstance(n, Reduction)]


def _binds(reduction: Reduction, name: str) -> bool:
    sides = [s for item in reduction.items for s in (item.operands if isinstance(item, Compare) else (item,))]
    return any(isinstance(s, Name) and s.name == name for s in sides)


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _in_parentheses(reduction: Reduction, name: Name, statement: syntax.Define | syntax.Assume) -> str:
    """Show the parentheses that take the name into the reach, where both stand in one sum."""
    for node in walk([statement]):
        terms = list(_terms(node)) if isinstance(node, Binary) and node.op in "+-" else []
        first = next((k for k, t in enumerate(terms) if t is reduction or _is_minus(t, reduction)), None)
        if first is None:
            continue
        last = next((t for t in terms[first + 1 :] if any(n is name for n in walk([t]))), None)
        if last is not None and last.span.line == reduction.span.line:
            begin = reduction.span.column - 1 + len(head(reduction))
            text = _closed(reduction.span.text[begin:], last.span.column - 1 + last.span.length - begin)
            return f"write {head(reduction)} ({text.strip()})"
    return f"write {head(reduction)} (...)"


def _is_minus(term: Node, reduction: Reduction) -> bool:
    return isinstance(term, syntax.Unary) and term.operand is reduction


def _terms(node: Node) -> Iterator[Node]:
    """The terms of a sum, from the left."""
    found = []
    while isinstance(node, Binary) and node.op in "+-":
        found.append(node.right)
        node = node.left
    yield from (node, *reversed(found))


def _closed(text: str, end: int) -> str:
    """Return the text up to `end`, and the closing brackets that belong to it."""
    while end < len(text) and text[:end].count("(") > text[:end].count(")"):
        end += 1
    return text[:end]


def _apart(outer: Reduction, inner: Reduction) -> str:
    """Show the two side by side, where the inner one is a factor or a divisor in the outer one's product."""
    factors = []
    node = outer.body
    while isinstance(node, Binary) and node.op in ("*", "/"):
        factors.append(node.right)
        node = node.left
    if not any(f is inner for f in factors) or outer.span.line != inner.span.line or not head(outer):
        return ""
    text, begin, at = outer.span.text, outer.span.column - 1, inner.span.column - 1
    left = text[begin:at].rstrip(" (")
    right = text[at : at + inner.span.length]
    return f"write ({left[:-1].rstrip()}){left[-1]}({right})"
