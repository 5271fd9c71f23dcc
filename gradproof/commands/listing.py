"""The catalogue as a list: names, titles, and the tensors that come in, as the files declare them."""

from __future__ import annotations

import shutil
import textwrap

from gradproof.catalogue import Entry, entries


def listing(width: int | None = None) -> str:
    """Return the catalogue as text, wrapped to the width of the screen."""
    width = width or shutil.get_terminal_size((100, 24)).columns
    found = entries()
    indent = max(len(entry.name) for entry in found) + 2
    lay_out = _lines if width >= indent + 20 else _below
    return "\n".join(lay_out(entry, indent, width) for entry in found)


def _declared(entry: Entry) -> list[str]:
    return [f"{kind} {what}" for kind, what in (("given", entry.given), ("param", entry.param)) if what]


def _below(entry: Entry, _: int, width: int) -> str:
    """Return an entry on a narrow screen: its name, and all else below."""
    rest = [
        textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    ")
        for text in (entry.title, *_declared(entry))
    ]
    return "\n".join([entry.name, *rest])


def _lines(entry: Entry, indent: int, width: int) -> str:
    declared = _declared(entry)
    blank = " " * indent
    return "\n".join(
        textwrap.fill(text, width, initial_indent=first, subsequent_indent=blank)
        for text, first in [(entry.title, entry.name.ljust(indent)), *((text, blank) for text in declared)]
    )
