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


@lru_cache(256)
def _load(source: str, name: str, folder: str) -> ModuleType:
    path = _write(source, name, Path(folder))
    spec = importlib.util.spec_from_file_location(f"gradproof_kernel_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load the generated module {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # numba finds helpers of cached code by their module's name
    spec.loader.exec_module(module)
    return module


def _write(source: str, name: str, folder: Path) -> Path:
    """Write the source under a name made of its content, unless it is there; a temporary file is renamed."""
    key = hashlib.sha256("\0".join([source, *_surroundings()]).encode()).hexdigest()[:20]
    try:
        return _write_in(folder / "kernels", f"{name[:60]}_{key}.py", source)
    except OSError:
        # A read-only home is no reason to fail: this process compiles for itself.
        return _write_in(Path(tempfile.mkdtemp(prefix="gradproof-")), f"{name[:60]}_{key}.py", source)


def _write_in(folder: Path, name: str, source: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    data = source.encode()
    if path.is_file() and path.read_bytes() == data:
        return path
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
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
