"""Where a command's text goes: the screen, or a file that appears whole or not at all."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from gradproof.commands.outcome import say
from gradproof.files import check_output, write_whole

NARROWEST, PIPED_WIDTH = 40, 100
_SIGNS = "σ∂Σ─"


@dataclass(frozen=True, slots=True)
class Output:
    """Where to, and how wide.

    Attributes:
        path: the file, or None for the screen; `-o -` is the screen too.
        force: whether an existing file may be replaced.
        width: columns; None for the terminal's own, or 100 where there is none.
        ascii: whether only ASCII may be used.
    """

    path: Path | None = None
    force: bool = False
    width: int | None = None
    ascii: bool = False

    def check(self, source: Path | None) -> None:
        """Refuse what cannot be written, before the work."""
        if self.path is not None:
            check_output(self.path, force=self.force, source=source)

    @property
    def on_terminal(self) -> bool:
        return self.path is None and sys.stdout.isatty()

    @property
    def plain_ascii(self) -> bool:
        """Whether to keep to ASCII: asked for, or the screen can show nothing else."""
        return self.ascii or (self.path is None and not _can_encode(_SIGNS, sys.stdout.encoding))

    @property
    def columns(self) -> int:
        if self.width is not None:
            return self.width
        if not self.on_terminal:
            return PIPED_WIDTH
        import shutil

        return max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)

    def form(self, asked: str | None, known: tuple[str, ...]) -> str:
        """Return the format asked for; by default terminal on a terminal, plain in a pipe, a file's by its name."""
        if asked is not None:
            return asked
        if self.path is None:
            return "terminal" if self.on_terminal else "plain"
        suffix = self.path.suffix.lower()
        if _FORMS.get(suffix) in known:
            return _FORMS[suffix]
        told = ", ".join(s for s, form in _FORMS.items() if s and form in known)
        say(f"{self.path} will hold plain text: no format is written to {suffix!r} files, only to {told}", "note")
        return "plain"

    def put(self, text: str) -> None:
        """Write the text, with a line end at its end."""
        text = text if text.endswith("\n") else f"{text}\n"
        if self.path is not None:
            write_whole(self.path, text)
        elif _can_encode(text, sys.stdout.encoding):
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode())  # sources and JSON are UTF-8, whatever the screen is


_FORMS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".eqs": "eqs",
    ".txt": "plain",
    "": "plain",
}


def _can_encode(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
