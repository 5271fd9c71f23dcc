"""What a call needs of a kernel that was made before, on disk: then neither SymPy nor the derivation is loaded for it.

A record is a file of JSON beside the generated modules. Its name is a key of all that the kernel follows from: the
equations, the options, the versions, and the sources of this package. A record that is damaged, or whose module is not
there as it was written, counts for nothing: the kernel is made again, and the record with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gradproof.kernels.cache import cache_folder, write_at
from gradproof.kernels.cuda.simulation import is_simulated
from gradproof.kernels.origin import Written

Pairs = tuple[tuple[str, str], ...]

_PACKAGE = Path(__file__).parent.parent
#: What of this package decides how a kernel comes out of a text.
_SOURCES = ("__init__.py", "errors.py", "loading.py", "derive", "kernels")
#: Files that hold the versions of what reads and derives.
_VERSIONS = (("sympy", "release.py"), ("mpmath", "__init__.py"), ("lark", "__init__.py"))


@dataclass(frozen=True, slots=True)
class Face:
    """What a call needs to know of a kernel.

    Attributes:
        name: of its function.
        inputs, outputs: names of the arrays that come in, and of those that come back.
        parameters: (name in the system, parameter).
        functions: unknown functions, (name, parameter).
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Pairs
    functions: Pairs


@dataclass(frozen=True, slots=True)
class Record:
    """A kernel that was made before.

    Attributes:
        face: what a call needs.
        module: the digest of its module's text.
    """

    face: Face
    module: str


def key(origin: Written, target: str, dtype: str, name: str, *, fast: bool) -> str | None:
    """Return under which name a kernel has its record; None where the package's sources cannot be read."""
    if (sources := _surroundings()) is None:
        return None
    parts = [*sources, target, dtype, repr(name), fast, is_simulated(), repr(origin.what), origin.source, origin.text]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def find(known: str) -> Record | None:
    """Return the record of that key, if there is one, whole and as it was written."""
    try:
        found = json.loads(_place(known).read_bytes())
        return _record(found["record"]) if found["check"] == _check(found["record"]) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep(known: str, record: Record) -> None:
    """Write the record; where that cannot be, the next process makes the kernel again."""
    data = asdict(record)
    with suppress(OSError):
        write_at(_place(known), json.dumps({"record": data, "check": _check(data)}).encode())


def _place(known: str) -> Path:
    return cache_folder() / "records" / f"{known[:40]}.json"


def _check(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _record(data: Any) -> Record:
    face = data["face"]
    pairs = [tuple((str(a), str(b)) for a, b in face[n]) for n in ("parameters", "functions")]
    return Record(Face(face["name"], tuple(face["inputs"]), tuple(face["outputs"]), *pairs), data["module"])


@lru_cache(1)
def _surroundings() -> tuple[str, ...] | None:
    """Return what every kernel follows from: Python, what reads and derives, and the sources of this package."""
    try:
        others = [_version(*where) for where in _VERSIONS]
        own = hashlib.sha256()
        for path in (p for part in _SOURCES for p in _files(_PACKAGE / part)):
            own.update(f"\0{path.relative_to(_PACKAGE).as_posix()}\0".encode())
            own.update(path.read_bytes())
    except (OSError, ImportError, ValueError):
        return None
    return sys.version, *others, own.hexdigest()


def _version(package: str, file: str) -> str:
    """Return the text of a file that holds a package's version; the package is not loaded."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(package)
    return (Path(spec.origin).parent / file).read_text(encoding="utf-8")


def _files(place: Path) -> Iterator[Path]:
    """Yield a file, or the files of a folder and those below, in a fixed order; not what Python has compiled."""
    if place.is_file():
        yield place
        return
    for entry in sorted(os.scandir(place), key=lambda e: e.name):
        if entry.is_file():
            yield Path(entry.path)
        elif entry.name != "__pycache__":
            yield from _files(Path(entry.path))
