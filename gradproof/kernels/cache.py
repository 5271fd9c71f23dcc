"""Generated modules on disk, keyed by content, versions and processor; safe when several processes write at once."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType

#: Environment variable that names the cache folder.
OVERRIDE = "GRADPROOF_CACHE"


def cache_folder() -> Path:
    """Return the folder for generated modules: $GRADPROOF_CACHE, else the platform's cache folder."""
    if chosen := os.environ.get(OVERRIDE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gradproof" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gradproof"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradproof"


def load(source: str, name: str) -> ModuleType:
    """Return the module with that source, compiled code cached beside it on disk."""
    return _load(source, name, str(cache_folder()))


def digest(source: str) -> str:
    """Return by what a text is known where it is not at hand."""
    return _digest(source.encode())


def recall(known: str, name: str) -> ModuleType | None:
    """Return the module that was written for a text of that digest; None if it is not there as it was written."""
    path = _module_path(known, name, cache_folder())
    try:
        whole = _digest(path.read_bytes()) == known
    except OSError:
        return None
    return _module(path) if whole else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:40]


@lru_cache(256)
def _load(source: str, name: str, folder: str) -> ModuleType:
    return _module(_write(source, name, Path(folder)))


@lru_cache(256)
def _module(path: Path) -> ModuleType:
    from gradproof.kernels.kept import hasten

    spec = importlib.util.spec_from_file_location(f"gradproof_kernel_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load the generated module {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # numba finds helpers of cached code by their module's name
    spec.loader.exec_module(module)
    hasten(vars(module))
    return module


def _write(source: str, name: str, folder: Path) -> Path:
    """Write the source under a name made of its content, unless it is there; a temporary file is renamed."""
    path = _module_path(digest(source), name, folder)
    try:
        return write_at(path, source.encode())
    except OSError:
        # A read-only home is no reason to fail: this process compiles for itself.
        return write_at(Path(tempfile.mkdtemp(prefix="gradproof-")) / path.name, source.encode())


def _module_path(known: str, name: str, folder: Path) -> Path:
    key = hashlib.sha256("\0".join([known, *_surroundings()]).encode()).hexdigest()[:20]
    return folder / "kernels" / f"{name[:60]}_{key}.py"


def write_at(path: Path, data: bytes) -> Path:
    """Write a file of the cache, unless it is there: it appears whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == data:
        return path
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # numba looks at a source's time: with one time for all writers, a second writer makes no compiled code stale.
        os.utime(temporary, (1, 1))
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


@lru_cache(1)
def _surroundings() -> tuple[str, ...]:
    """Return what compiled code depends on beside its source."""
    import llvmlite
    import llvmlite.binding
    import numba
    import numpy as np

    from gradproof import __version__

    processor = llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()
    return (__version__, numba.__version__, llvmlite.__version__, np.__version__, platform.python_version(), *processor)
