"""The catalogue: each .eqs file in this folder is an entry, and a new file is a new entry.

This module reads the files as text and loads neither SymPy nor numba.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from gradproof.errors import InputError

_FOLDER = Path(__file__).parent
_DOCSTRING = re.compile(r'^\s*"""(.*?)"""', re.DOTALL)
_SENTENCE = re.compile(r"^.*?[.!?](?=\s|$)", re.DOTALL)
_DECLARATION = re.compile(r"^(given|param)\s+([^#\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue's list shows of a system: its name, title, and declarations, as they are written."""

    name: str
    title: str
    given: str
    param: str


def names() -> tuple[str, ...]:
    """Return the names of all entries, sorted.

    >>> "softmax" in names()
    True
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.eqs")))


def read(name: str) -> str:
    """Return the text of an entry.

    Raises:
        InputError: there is no such entry.
    """
    if name not in names():
        raise InputError(f"there is no {name!r} in the catalogue", hint=suggest(name))
    return (_FOLDER / f"{name}.eqs").read_text(encoding="utf-8")


def suggest(name: str) -> str:
    """Return a hint that names the entries nearest to a name.

    >>> suggest("huberr")
    'did you mean huber?'
    """
    close = get_close_matches(name.lower(), names(), n=3)
    return f"did you mean {' or '.join(close)}?" if close else "`gradproof list` shows the catalogue"


def entries() -> tuple[Entry, ...]:
    """Return all entries, sorted by name."""
    return tuple(_summary(name, read(name)) for name in names())


def _summary(name: str, text: str) -> Entry:
    docstring = _DOCSTRING.match(text)
    words = " ".join(docstring.group(1).split()) if docstring else ""
    sentence = _SENTENCE.match(words)
    title = (sentence.group(0) if sentence else words).rstrip(".")
    declared = _DECLARATION.findall(text)
    given, param = (", ".join(what.strip() for kind, what in declared if kind == k) for k in ("given", "param"))
    return Entry(name, title, given, param)
