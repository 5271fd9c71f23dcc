"""Where in the user's code: the innermost line that is not NumPy's, SciPy's, numba's or our own."""

from __future__ import annotations

import linecache
import sys
import sysconfig
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, TracebackType

_LIBRARIES = ("numpy", "scipy", "numba", "flint")
#: Names that Python gives to frames without a file of their own.
_NO_FILE = ("<frozen", "<__array_function__")
#: Here a run begins: what is further out calls us.
_RUN = str(Path(__file__).with_name("run.py"))


@lru_cache(maxsize=1)
def _folders() -> tuple[str, ...]:
    found = [str(Path(__file__).parents[2])]
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            found.append(str(Path(spec.origin).parent))
    return tuple(found)


@lru_cache(maxsize=4096)
def is_users(filename: str) -> bool:
    """Is a file neither Python's, nor a library's that the run goes through, nor ours?"""
    if filename.startswith((*_folders(), *_NO_FILE)):
        return False
    return is_installed(filename) or not filename.startswith(_standard())


def is_installed(filename: str) -> bool:
    """Does a file belong to an installed package?"""
    return "site-packages" in filename or "dist-packages" in filename


@lru_cache(maxsize=1)
def _standard() -> tuple[str, ...]:
    return tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), str(Path(linecache.__file__).parent)})


def users_line() -> str:
    """Return "file.py:12: the line's text" of the innermost frame of the user's code in a run; "" if there is none.

    A line of an installed package is named only where no other of the user's has called it.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.stack reads every source file on its way
    lines: list[tuple[str, int]] = []
    while frame is not None and frame.f_code.co_filename != _RUN:
        lines.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return _innermost(lines)


def raising_line(traceback: TracebackType | None) -> str:
    """Return the same for the frames that an exception has gone through."""
    lines: list[tuple[str, int]] = []
    while traceback is not None:
        lines.insert(0, (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    return _innermost(lines)


def _innermost(lines: list[tuple[str, int]]) -> str:
    users = [(file, line) for file, line in lines if is_users(file)]
    own = [(file, line) for file, line in users if not is_installed(file)]
    return _written(*(own or users)[0]) if users else ""


def _written(filename: str, line: int) -> str:
    text = linecache.getline(filename, line).strip()
    place = f"{Path(filename).name}:{line}"
    return f"{place}: {text}" if text else place
