"""What the user's code did wrong, in a line: the error, and the line of their file."""

from __future__ import annotations

import traceback
from pathlib import Path


def raised(error: BaseException, path: Path) -> str:
    """Return what was raised and where in the user's file.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as found:
    ...     raised(found, Path("layer.py"))
    'the code raised ZeroDivisionError: division by zero'
    """
    told = traceback.format_exception_only(type(error), error)[-1].strip()
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    if not mine:
        return f"the code raised {told}"
    return f"the code raised {told}, in line {mine[-1].lineno}: {mine[-1].line}"


def where_it_hung(trace: str, path: Path) -> str:
    """Return the line of the user's file in a traceback that `faulthandler` wrote, "" for none."""
    resolved = str(path.resolve())
    for line in trace.splitlines():
        head, _, rest = line.strip().partition('", line ')
        if head.removeprefix('File "') in (resolved, str(path)) and rest:
            number = int(rest.split()[0])
            return f"line {number}: {_line(path, number)}"
    return ""


def _line(path: Path, number: int) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
