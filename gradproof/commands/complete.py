"""Completion in the shell: catalogue names, files that can be read, and the script that a shell needs for it."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from gradproof import catalogue
from gradproof.commands import choices
from gradproof.loading import MODULE_SUFFIX, PAGE_SUFFIXES, SYSTEM_SUFFIX

VARIABLE = "_GRADPROOF_COMPLETE"


def script(command: click.Command, shell: str) -> str:
    """Return the shell's code that switches completion on."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.BadParameter(f"no completion is known for {shell}")
    return kind(command, {}, "gradproof", VARIABLE).source()


def subjects(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return what may stand for SUBJECT and begins as typed (the signature is click's)."""
    modules = (MODULE_SUFFIX,) if context.info_name == "verify" else ()
    return [CompletionItem(word) for word in candidates(incomplete, modules)]


def systems(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return what may stand for a system and begins as typed."""
    return [CompletionItem(word) for word in candidates(incomplete)]


def peers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return the libraries that may be measured against, the last of a comma list begun as typed."""
    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{name}")
        for name in dict.fromkeys(choices.PEERS + choices.DEVICE_PEERS)
        if name.startswith(last)
    ]


def modules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return the Python files and the folders that begin as typed; a line's number follows."""
    return [CompletionItem(w) for w in _files(incomplete, (MODULE_SUFFIX,)) if w.endswith((MODULE_SUFFIX, "/"))]


def candidates(incomplete: str, further: tuple[str, ...] = ()) -> list[str]:
    """Return the catalogue names, then the readable files and the folders, that begin as typed.

    Args:
        incomplete: what is typed.
        further: suffixes of files that can be read, beside those of systems and pages.

    >>> candidates("softmax_cross_entropy_")
    ['softmax_cross_entropy_labels']
    """
    return [name for name in catalogue.names() if name.startswith(incomplete)] + _files(incomplete, further)


def _files(incomplete: str, further: tuple[str, ...]) -> list[str]:
    folder, _, start = incomplete.rpartition("/")
    parent = Path(folder or ("/" if incomplete.startswith("/") else "."))
    try:
        found = sorted(path for path in parent.iterdir() if path.name.startswith(start))
    except OSError:
        return []
    prefix = incomplete[: len(incomplete) - len(start)]
    return [f"{prefix}{path.name}{'/' if path.is_dir() else ''}" for path in found if _offered(path, start, further)]


def _offered(path: Path, start: str, further: tuple[str, ...]) -> bool:
    hidden = path.name.startswith(".") and not start
    return not hidden and (path.is_dir() or path.suffix in (SYSTEM_SUFFIX, *PAGE_SUFFIXES, *further))
