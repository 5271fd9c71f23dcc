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
    return "\n".join(_lines(entry, indent, width) for entry in found)


def _lines(entry: Entry, indent: int, width: int) -> str:
    declared = [f"{kind} {what}" for kind, what in (("given", entry.given), ("param", entry.param)) if what]
    blank = " " * indent
    return "\n".join(
        textwrap.fill(text, max(width, indent + 20), initial_indent=first, subsequent_indent=blank)
        for text, first in [(entry.title, entry.name.ljust(indent)), *((text, blank) for text in declared)]
    )
