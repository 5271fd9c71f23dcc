"""Files in and out: text is read within bounds or refused; output appears whole or not at all."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from gradproof.errors import InputError

LIMIT = 10_000_000
"""The largest document that is read, in bytes. Notes are thousands of times smaller."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, with line ends made uniform, and what was odd about it (`warning`, "" if nothing)."""

    text: str
    source: str
    warning: str = ""


def read_text(path: Path) -> Document:
    r"""Return the text of a file.

    A byte-order mark and `\r\n` are accepted. Bytes that are not UTF-8 are read as Windows-1252, with a warning.

    Raises:
        InputError: the file is missing, unreadable, empty, larger than `LIMIT`, or not text.
    """
    return _document(_read_bytes(path), str(path))


def read_input() -> Document:
    """Return the text that comes in on standard input.

    Raises:
        InputError: there is none, or it is larger than `LIMIT`, or not text.
    """
    data = sys.stdin.buffer.read(LIMIT + 1)
    _check_size(data, "standard input")
    return _document(data, "standard input")


def _document(data: bytes, name: str) -> Document:
    if not data.strip():
        raise InputError(f"{name} is empty", expected="a text with equations")
    if b"\0" in data:
        raise InputError(
            f"{name} is not a text file: it holds a NUL byte at offset {data.index(0)}",
            expected="text in UTF-8",
            hint="if it is text in UTF-16, save it as UTF-8",
        )
    text, warning = _decode(data, name)
    return Document(text.replace("\r\n", "\n").replace("\r", "\n"), name, warning)


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except FileNotFoundError:
        raise InputError(f"no such file: {path}", hint=_sibling_hint(path)) from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", expected="a file: .eqs, or Markdown with LaTeX equations") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    _check_size(data, str(path))
    return data


def _check_size(data: bytes, name: str) -> None:
    if len(data) > LIMIT:
        raise InputError(
            f"{name} is larger than {LIMIT // 1_000_000} MB", hint="cut out the part that holds the equations"
        )


def _decode(data: bytes, name: str) -> tuple[str, str]:
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        encoding = _single_byte_encoding(data)
        warning = (
            f"{name} is not UTF-8 (byte 0x{data[error.start]:02x} in line {line}): read as {encoding}, "
            "so letters outside ASCII may be wrong"
        )
        return data.decode(encoding), warning


def _single_byte_encoding(data: bytes) -> str:
    """Windows-1252, unless a byte stands in one of its five holes; Latin-1 has none."""
    return "latin-1" if any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"


def _sibling_hint(path: Path) -> str:
    """Name the files in the same folder that look like the one asked for."""
    try:
        siblings = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return f"there is no folder {path.parent}"
    close = get_close_matches(path.name, siblings, n=3)
    return "did you mean " + " or ".join(str(path.with_name(name)) for name in close) + "?" if close else ""


def check_output(path: Path, *, force: bool = False, source: Path | None = None) -> None:
    """Refuse an output path that must not or cannot be written: call this before the work.

    Raises:
        InputError: it exists (and not `force`), is the input itself, is no regular file, or its folder is missing.
    """
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}", hint="make the folder first")
    if not path.exists():
        return
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder", hint="name a file in it")
    if not path.is_file():
        raise InputError(f"cannot write {path}: it is not a regular file", hint="leave out -o to write to the screen")
    if source is not None and source.exists() and path.samefile(source):
        raise InputError(f"{path} is the input itself: it is not overwritten", hint="choose another name for -o")
    if not force:
        raise InputError(
            f"{path} exists and is not overwritten",
            hint="allow it with --force (from Python: force=True), or choose another name",
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all: a temporary file beside it is renamed at the end."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
