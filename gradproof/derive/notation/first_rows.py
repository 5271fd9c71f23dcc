"""A recurrence that starts at a row of its own axis: `start al[0,k] = r` is a case of `al[t,k] = v`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gradproof.derive.syntax import Apply, Compare, Define, Item, Name, Node, Number, Statement, Text
from gradproof.errors import InputError, NotYet


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
        statements[place] = _case(start, statements[place])  # type: ignore[arg-type]
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


def _case(start: Define, general: Define) -> Define:
    """Return the recurrence with its first row as a case."""
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
    return replace(general, value=Apply("where", (condition, start.value, general.value), start.span))
