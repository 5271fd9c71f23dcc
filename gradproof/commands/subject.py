"""What a command is about: a catalogue entry, an .eqs file, a page of notes, or an equation in quotes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradproof import catalogue
from gradproof.commands.outcome import say
from gradproof.errors import InputError
from gradproof.files import read_input, read_text
from gradproof.loading import PAGE_SUFFIXES, SYSTEM_SUFFIX, with_equations

if TYPE_CHECKING:
    from gradproof.derive.latex import Page
    from gradproof.derive.model import System

KINDS = "a catalogue name, an .eqs file, a Markdown page with LaTeX equations, or an equation in quotes"

_MATHEMATICS = "()[]{}+*^\\$"
_LEFT_SIDE = "an equation has a left side, as in 'y = tanh(x)'"


@dataclass(frozen=True)
class Subject:
    """What was named on the command line: one system, or a page of many.

    Attributes:
        name: how it is called in headings.
        path: the file it came from, if any.
        system: the system, unless it is a page.
        page: the page, unless it is a system.
    """

    name: str
    path: Path | None
    system: System | None = None
    page: Page | None = None


def find(argument: str, *, adjoints: bool = False) -> Subject:
    """Return the subject that an argument names; with `adjoints` it may compute `d_x` beside `x`.

    Raises:
        InputError: nothing of that name, or its text is wrong.
    """
    if not argument.strip():
        raise InputError("the subject is empty", expected=KINDS, hint="`gradproof list` shows the catalogue")
    if argument == "-":
        document = read_input()
        return _from_text(document.text, "input", None, source=document.source)
    if argument in catalogue.names():
        return _from_text(catalogue.read(argument), argument, None)
    if _is_equation(argument):
        return _from_equation(argument, adjoints)
    path = Path(argument)
    if path.exists() or path.suffix or path.name != argument:
        return _from_file(path, adjoints)
    hint = _LEFT_SIDE if set(argument) & set(_MATHEMATICS) else catalogue.suggest(argument)
    raise InputError(f"nothing is called {argument!r}", expected=KINDS, hint=hint)


def _is_equation(argument: str) -> bool:
    return "=" in argument and not Path(argument[:255]).is_file()


def _from_equation(text: str, adjoints: bool) -> Subject:
    r"""Read an equation in quotes: LaTeX if it has a `\`, else the notation, where inputs need no declaration."""
    if "\\" in text or "$" in text:
        fenced = text if "$" in text or r"\[" in text else f"$${text}$$"
        return Subject("equation", None, page=_page(fenced, "<argument>"))
    from gradproof.derive.notation import elaborate, parse_syntax
    from gradproof.derive.notation.bare import declare_inputs

    syntax = declare_inputs(parse_syntax(text, "<argument>"))
    return Subject("equation", None, system=elaborate(syntax, adjoints=adjoints))


def _from_file(path: Path, adjoints: bool) -> Subject:
    if path.suffix == ".py":
        raise InputError(
            f"{path}: a Python file holds no equations", hint=f"gradproof verify {path} judges the gradients in it"
        )
    if not path.exists() and path.stem in catalogue.names():
        raise InputError(f"no such file: {path}", hint=f"did you mean the catalogue's {path.stem}?")
    document = read_text(path)
    if document.warning:
        say(document.warning, "warning")
    if path.suffix in PAGE_SUFFIXES:
        return Subject(path.name, path, page=_page(document.text, document.source))
    if path.suffix == SYSTEM_SUFFIX:
        return _from_text(document.text, path.stem, path, source=document.source, adjoints=adjoints)
    raise InputError(
        f"{path} is of a kind that is not known", expected=f"{SYSTEM_SUFFIX}, or a page: {', '.join(PAGE_SUFFIXES)}"
    )


def _page(text: str, source: str) -> Page:
    from gradproof.derive.latex import read_page

    return with_equations(read_page(text, source))


def _from_text(text: str, name: str, path: Path | None, source: str = "", *, adjoints: bool = False) -> Subject:
    from gradproof.derive.notation import parse_system

    return Subject(name, path, system=parse_system(text, source or f"{name}{SYSTEM_SUFFIX}", adjoints=adjoints))


def one_system(subject: Subject, of: tuple[str, ...]) -> System:
    """Return the one system that a subject is, or the chain of a page that `--of` names.

    Raises:
        InputError: a page without `--of`.
    """
    if subject.system is not None:
        return subject.system
    if subject.page is None or len(of) != 1:
        raise InputError(
            f"{subject.name} is a page, and this is about one system", expected="--of NAME, for the equations it needs"
        )
    return subject.page.chain(of[0])
