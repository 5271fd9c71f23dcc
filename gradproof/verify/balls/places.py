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
    """Return "file.py:12: the line's text" of the innermost frame of the user's code; "" if there is none."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.stack reads every source file on its way
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    return "" if frame is None else _written(frame.f_code.co_filename, frame.f_lineno)


def raising_line(traceback: TracebackType | None) -> str:
    """Return the same for the innermost of the user's frames that an exception has gone through."""
    found = ""
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if is_users(filename):
            found = _written(filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _written(filename: str, line: int) -> str:
    text = linecache.getline(filename, line).strip()
    place = f"{Path(filename).name}:{line}"
    return f"{place}: {text}" if text else place
