"""Long lines of generated text, broken where a person would: at commas, before operators, inside brackets.

What stands in no bracket gets a pair of its own: `x = (` ... `)`. A comment with an equation's number stays on the
first line, which is the one that `gradproof explain` is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

#: Columns of a generated module; functions stand four further to the right than what is broken here.
_WIDTH, _INDENT = 110, 4
#: Where an expression is broken, the first of these that it has outside its brackets; a comma ends a line, the others
#: begin one.
_CUTS = ((", ",), (" if ", " else "), (" or ",), (" and ",), (" + ", " - "))
_OPEN, _CLOSE = "([{", ")]}"
_STATEMENT = re.compile(r"(?P<head>return |if |while |[^\"'(=]*[^\"'(=<>!] [-+*/]?= )(?P<value>.*?)(?P<tail>:?)$")
_COMMENT = re.compile(r"  # \([^#]*$")


def wrapped(head: str, parts: Iterable[str], tail: str) -> list[str]:
    """Return `head`, the parts with commas between, and `tail`, on as many lines as they need."""
    parts = tuple(parts)
    one = f"{head}{', '.join(parts)}{tail}"
    if len(one) <= _WIDTH - _INDENT:
        return [one]
    return [head, *[f"    {line}" for line in _filled([f"{p}," for p in parts], _WIDTH - 2 * _INDENT)], tail]


def broken(lines: Iterable[str]) -> list[str]:
    """Return the lines, those that are too long on several.

    >>> broken(["    y[i] = " + " + ".join(["a_long_name[i]*another_one[j]"] * 4) + "  # (3)"])[0]
    '    y[i] = (  # (3)'
    """
    return [text for line in lines for text in _broken(line)]


def paragraph(text: str) -> list[str]:
    """Return the lines of a docstring of one line, or its first line, where it is too long."""
    return wrap(text, _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False)


def _broken(line: str) -> list[str]:
    space = len(line) - len(line.lstrip())
    room = _WIDTH - _INDENT - space
    code, comment = _without_comment(line[space:])
    if len(line) - space <= room or code.startswith(("#", '"""')):
        return [line]
    first, *others = _statement(code, room)
    return [f"{' ' * space}{first}{comment}", *[f"{' ' * space}{other}" for other in others]]


def _without_comment(code: str) -> tuple[str, str]:
    found = _COMMENT.search(code)
    return (code[: found.start()], found[0]) if found else (code, "")


def _statement(code: str, room: int) -> list[str]:
    """Return a statement on lines: the brackets at its end are opened, or it gets some."""
    found = _STATEMENT.match(code)
    head, value, tail = (found["head"], found["value"], found["tail"]) if found else ("", code, "")
    whole = _at_the_end(value)
    if whole is not None and not any(_split(value[:whole], cuts) for cuts in _CUTS):
        before, inside, close = value[: whole + 1], value[whole + 1 : -1], value[-1]
        return [head + before, *_inside(inside, room), close + tail]
    return [f"{head}(", *_inside(value, room), f"){tail}"] if found else [code]


def _inside(text: str, room: int) -> list[str]:
    """Return what stands between two brackets, four columns further in."""
    pieces = _split(text, _CUTS[0])
    lines = _expression(text, room - _INDENT - bool(pieces))
    if pieces and not lines[-1].endswith(","):
        lines[-1] += ","
    return [f"    {line}" for line in lines]


def _expression(text: str, room: int) -> list[str]:
    """Return an expression on lines of at most so many columns, as far as there is a place to break it."""
    if len(text) <= room:
        return [text]
    for cuts in _CUTS:
        if pieces := _split(text, cuts):
            return _filled(pieces, room)
    place = _largest(text)
    if place is None:
        return [text]
    start, stop = place
    return [text[: start + 1], *_inside(text[start + 1 : stop], room), text[stop:]]


def _filled(pieces: list[str], room: int) -> list[str]:
    """Return pieces on lines, as many on each as it takes; those that are too long are broken themselves."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 1 + len(piece) <= room:
            lines[-1] += f" {piece}"
        else:
            lines += _piece(piece, room)
    return lines


def _piece(piece: str, room: int) -> list[str]:
    """Return a piece with the operator before it, or the comma after it."""
    sign = next((s.strip() + " " for cuts in _CUTS[1:] for s in cuts if piece.startswith(s.lstrip())), "")
    comma = "," if piece.endswith(",") else ""
    if len(piece) <= room:
        return [piece]
    first, *others = _expression(piece[len(sign) : len(piece) - len(comma)], room - len(sign) - len(comma))
    lines = [sign + first, *others]
    return [*lines[:-1], lines[-1] + comma]


def _split(text: str, cuts: tuple[str, ...]) -> list[str]:
    """Return the pieces between cuts that stand in no bracket and no quotes; none where there is no cut."""
    pieces, start = [], 0
    for k, depth in _depths(text):
        cut = next((c for c in cuts if depth == 0 and text.startswith(c, k)), None)
        if cut is not None and k > start:
            end = k + 1 if cut == ", " else k
            pieces.append(text[start:end].strip())
            start = k + 1
    return [*pieces, text[start:].strip()] if pieces else []


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Yield each place outside quotes with the number of brackets that are open before it."""
    depth, quoted = 0, False
    for k, letter in enumerate(text):
        quoted = quoted != (letter == '"')
        if quoted:
            continue
        depth -= letter in _CLOSE
        yield k, depth
        depth += letter in _OPEN


def _at_the_end(text: str) -> int | None:
    """Return where the bracket opens that the last letter closes."""
    if not text or text[-1] not in _CLOSE:
        return None
    return max((k for k, depth in _depths(text) if depth == 0 and text[k] in _OPEN), default=None)


def _largest(text: str) -> tuple[int, int] | None:
    """Return where the longest bracket that stands in no other opens and closes."""
    opened, found = 0, []
    for k, depth in _depths(text):
        if depth == 0 and text[k] in _OPEN:
            opened = k
        elif depth == 0 and text[k] in _CLOSE:
            found.append((opened, k))
    return max(found, key=lambda pair: pair[1] - pair[0], default=None)
