"""A user's module, imported as Python would: its folder on the path, or as a part of the package that it is in."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from gradproof.errors import InputError, Span

_OURS = "gradproof_user_"


def load(path: Path) -> ModuleType:
    """Return the module in a file.

    Raises:
        InputError: it cannot be imported: with the line of it that failed.
    """
    root, name = _home(path)
    sys.path.insert(0, str(root))
    if name in sys.modules or name in sys.stdlib_module_names:
        name = _OURS + name
    try:
        return _imported(name, path)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        raise _syntax(path, error) from None
    except BaseException as error:  # noqa: BLE001  (whatever a module does when it runs is told)
        raise InputError(_what(path, error), where=_where(path, error), hint=_hint(error)) from None


def _imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} cannot be imported", expected="a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), own, module)
    spec.loader.exec_module(module)
    return module


def _home(path: Path) -> tuple[Path, str]:
    """Return the folder to put on the path and the module's full name: above every folder with an `__init__.py`."""
    folder, parts = path.resolve().parent, [path.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _what(path: Path, error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"{path} exits while it is imported (status {error.code})"
    lines = traceback.format_exception_only(type(error), error)
    return f"{path} cannot be imported: {lines[-1].strip()}"


def _hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install {error.name} in the environment that gradproof runs in ({sys.prefix})"
    if isinstance(error, SystemExit):
        return "put what runs it under: if __name__ == '__main__':"
    return ""


def _where(path: Path, error: BaseException) -> Span | None:
    """Return the line of the user's file that was running, None if none was."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if _same(frame.filename, path)]
    if not mine:
        return None
    frame = mine[-1]
    text = frame.line or ""
    return Span(str(path), frame.lineno or 1, 1, text, max(1, len(text)))


def _same(filename: str, path: Path) -> bool:
    return Path(filename).resolve() == path.resolve()


def _syntax(path: Path, error: SyntaxError) -> InputError:
    here = Span(error.filename or str(path), error.lineno or 1, error.offset or 1, (error.text or "").rstrip("\n"))
    mine = error.filename is None or _same(error.filename, path)
    shown = Span(str(path), here.line, here.column, here.text) if mine else here
    return InputError(f"{path} is no valid Python: {error.msg}", where=shown)
