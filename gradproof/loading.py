"""From a text, a name or a file to a system or a page: the front door of the Python interface."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof import catalogue
from gradproof.errors import InputError
from gradproof.files import read_text

if TYPE_CHECKING:
    from gradproof.derive.latex import Page
    from gradproof.derive.model import System

PAGE_SUFFIXES = (".md", ".markdown", ".txt", ".tex")
SYSTEM_SUFFIX = ".eqs"
MODULE_SUFFIX = ".py"


def system(text: str, source: str = "<text>") -> System:
    r"""Return the system that a text in gradproof's notation defines.

    Raises:
        InputError: with line, column and a caret.

    >>> system("given x\ny = x**2").outputs
    ('y',)
    """
    from gradproof.derive.notation import parse_system

    if not isinstance(text, str):
        raise InputError(
            f"system is given {text!r:.60} of type {type(text).__name__}",
            expected="a text with declarations and equations, as in 'given x\\ny = x**2'",
        )
    return parse_system(text, source)


def load(name: str | Path) -> System:
    """Return a system by its name in the catalogue, or from an .eqs file.

    Raises:
        InputError: there is no such entry or file, or its text is wrong.

    >>> load("softmax").outputs
    ('p',)
    """
    return system(*text_of(name, "load"))


def text_of(name: str | Path, verb: str) -> tuple[str, str]:
    """Return the text of an entry of the catalogue or of an .eqs file, and what it is called in messages.

    Raises:
        InputError: there is no such entry or file; `verb` says what it was wanted for.
    """
    path = _path(name, verb)
    if isinstance(name, str) and not _is_path(name) and not path.is_file():
        return _entry(name), f"{name}{SYSTEM_SUFFIX}"
    if path.suffix in PAGE_SUFFIXES:
        raise InputError(f"{path} is a page, not a system", hint=f"read it with read_document({str(path)!r})")
    return _read(path, 4)


def written(source: str | Path, verb: str) -> tuple[str, str]:
    """Return the text that a name, a path or equations themselves stand for, and what it is called in messages.

    Raises:
        InputError: it names nothing.
    """
    if isinstance(source, str) and ("\n" in source or ("=" in source and not Path(source[:255]).is_file())):
        return source, "<text>"
    return text_of(source, verb)


def read_document(path: str | Path) -> Page:
    """Return every display equation of a Markdown page with LaTeX.

    Raises:
        InputError: the file cannot be read, or holds no display equation.
    """
    from gradproof.derive.latex import read_page

    place = _path(path, "read_document")
    if place.suffix == SYSTEM_SUFFIX:
        raise InputError(f"{place} is a system, not a page", hint=f"read it with load({str(place)!r})")
    return with_equations(read_page(*_read(place)))


def with_equations(page: Page) -> Page:
    """Return the page.

    Raises:
        InputError: there is no display equation on it.
    """
    from gradproof.derive.latex.page import WHAT_IS_LOOKED_FOR

    if not page.entries:
        raise InputError(f"{page.source} has no display equation", expected=WHAT_IS_LOOKED_FOR)
    return page


def _entry(name: str) -> str:
    if name not in catalogue.names():
        known = ", ".join(catalogue.names())
        raise InputError(
            f"nothing is called {name!r}: no entry of the catalogue, and no file here",
            expected=f"a path, or one of {known}",
            hint=catalogue.suggest(name),
        )
    return catalogue.read(name)


def _path(name: object, verb: str) -> Path:
    if not isinstance(name, str | Path):
        raise InputError(
            f"{verb} is given {name!r:.60} of type {type(name).__name__}", expected="a name or the path of a file"
        )
    return Path(name)


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or bool(Path(name).suffix)


def _read(path: Path, depth: int = 3) -> tuple[str, str]:
    """Return a file's text and its name; a warning points so many calls up, to the caller of gradproof."""
    document = read_text(path)
    if document.warning:
        warnings.warn(document.warning, stacklevel=depth)
    return document.text, document.source
