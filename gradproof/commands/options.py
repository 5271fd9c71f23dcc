"""Options that several verbs of the terminal share, as decorators for click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gradproof.commands import complete
from gradproof.commands.choice import Choice
from gradproof.commands.output import Output


def _together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Join several options into one decorator, to be shown in this order."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_FILE = click.Path(path_type=Path, dir_okay=True, resolve_path=False)
subject = click.argument("subject", shell_complete=complete.subjects)
output = _together(
    click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write to a file; - is the screen."),
    click.option("--force", is_flag=True, help="Let -o replace an existing file."),
)
appearance = _together(
    click.option("--ascii", is_flag=True, help="Keep to ASCII: sigma for σ, sum for Σ."),
    click.option("--width", type=click.IntRange(40, 1000), metavar="N", help="Columns; default: the terminal's."),
)


def list_of_names(flag: str, metavar: str, text: str) -> Callable[[Any], Any]:
    """Return an option that takes names, as often as it stands there."""
    return click.option(flag, multiple=True, metavar=metavar, help=f"{text}; comma list, or repeated.")


def one_of(flag: str, values: tuple[str, ...], text: str, default: str | None = None) -> Callable[[Any], Any]:
    """Return an option that takes one of the values."""
    shown = default is not None
    return click.option(flag, type=Choice(values), default=default, show_default=shown, help=text)


def show_completion(context: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    """Print the completion script of a shell, if one was named, and end."""
    if shell is not None:
        click.echo(complete.script(context.command, shell))
        context.exit()


def output_of(options: dict[str, Any]) -> Output:
    """Take the options that say where the text goes and how wide."""
    path = None if options["output"] == Path("-") else options["output"]
    return Output(path, options["force"], options.get("width"), options.get("ascii", False))
