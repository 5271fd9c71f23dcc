"""A recurrence that starts at a row of its own axis: `start al[0,k] = r` is a case of `al[t,k] = v`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from string import ascii_lowercase
from typing import Any

from gradproof.derive.notation.declared import walk
from gradproof.derive.syntax import (
    Apply,
    Compare,
    Declared,
    Define,
    Item,
    Name,
    Node,
    Number,
    Reduction,
    Statement,
    Text,
)
from gradproof.errors import InputError, NotYet, Span


def with_first_rows(text: Text) -> Text:
    """Return the text with `al[t,k] = where(t == 0, r, v)` for `start al[0,k] = r` and `al[t,k] = v`.

    Rows before the first, as in `start h[-1,k] = h0[k]`, are rows of their own and stay.

    Raises:
        InputError: where the two lines have other indices, or there is no second line.
    """
    starts = [s for s in text.statements if isinstance(s, Define) and s.kind == "start" and _first_rows(s)]
    if not starts:
        return text
    statements: list[Statement] = [s for s in text.statements if not any(s is start for start in starts)]
    for start in reversed(starts):
        place = _recurrence(start, statements)
        statements[place] = _case(start, statements[place], _unused(text))  # type: ignore[arg-type]
    return replace(text, statements=tuple(statements))


def _first_rows(start: Define) -> list[tuple[int, Number]]:
    """Return (axis, row) for each slot that is a number and not below 0."""
    slots: Iterable[Node] = start.target.indices if isinstance(start.target, Item) else ()
    return [(axis, s) for axis, s in enumerate(slots) if isinstance(s, Number)]


def _recurrence(start: Define, statements: Sequence[Statement]) -> int:
    for place, s in enumerate(statements):
        if isinstance(s, Define) and s.kind == "define" and s.target.name == start.target.name:
            return place
    raise InputError(
        f"{start.target.name} has a first row and no equation for the others",
        where=start.span,
        expected=f"the recurrence as well, as in {start.target.name}[t,k] = ... {start.target.name}[t-1,k] ...",
    )


def _case(start: Define, general: Define, other: str) -> Define:
    """Return the recurrence with its first row as a case; `other` is a letter that is free for an index."""
    rows = _first_rows(start)
    fixed = [axis for axis, _ in rows]
    first, all_ = (getattr(d.target, "indices", ()) for d in (start, general))
    same = len(first) == len(all_) and all(
        isinstance(g, Name) and (axis in fixed or (isinstance(s, Name) and s.name == g.name))
        for axis, (s, g) in enumerate(zip(first, all_, strict=False))
    )
    if not same:
        raise InputError(
            f"the first row of {start.target.name} has other indices than the recurrence",
            where=start.span,
            expected="the same letters in both lines, as in start al[0,k] = ... and al[t,k] = ...",
        )
    if len(rows) > 1:
        raise NotYet(
            f"a start of {start.target.name} that fixes rows of several axes",
            where=start.span,
            hint=f"write the rows as cases: {start.target.name}[...] = where(...)",
        )
    axis, row = rows[0]
    condition = Compare((all_[axis], row), ("==",), row.span)
    value = _apart(start.value, all_[axis].name, other)
    return replace(general, value=Apply("where", (condition, value, general.value), start.span))


def _unused(text: Text) -> str:
    """Return a letter that stands nowhere in the text."""
    taken = {n.name for n in walk(text.statements) if isinstance(n, Name | Item | Declared)}
    return next(letter for letter in (*ascii_lowercase, "start_index") if letter not in taken)


def _apart(node: Any, letter: str, other: str) -> Any:
    """Return the value of a first row with another letter where a reduction binds the recurrence's own one."""
    if isinstance(node, Reduction) and any(n == letter for n in _named(node.items)):
        return _renamed(node, letter, other)
    return _over_parts(node, lambda part: _apart(part, letter, other))


def _named(nodes: Iterable[Node]) -> list[str]:
    return [n.name for n in walk(nodes) if isinstance(n, Name)]


def _renamed(node: Any, letter: str, other: str) -> Any:
    if isinstance(node, Name) and node.name == letter:
        return replace(node, name=other)
    return _over_parts(node, lambda part: _renamed(part, letter, other))


def _over_parts(node: Any, go: Callable[[Any], Any]) -> Any:
    if isinstance(node, tuple):
        return tuple(go(n) for n in node)
    if not is_dataclass(node) or isinstance(node, type | Span):
        return node
    return replace(node, **{f.name: go(getattr(node, f.name)) for f in fields(node)})
