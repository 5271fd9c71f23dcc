"""Which text each line of the table was compiled from: what is as it was need not be compiled again.

The text of a kernel is all of its module that it can reach (helpers, constants, imports) without comments and
docstrings, with the types of its arguments. The same versions make the same of it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

PATH = Path(__file__).parents[1] / "results" / "ptx_texts.txt"
#: {(entry, kernel): digest of its text}
Digests = dict[tuple[str, str], str]


def digests(text: str, kernels: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each kernel of a module; `kernels` has the types of their arguments."""
    parts = {name: part for part in ast.parse(text).body for name in _defined(part)}
    known = {id(part): ast.unparse(_bare(part)) for part in parts.values()}
    used = {name: [n.id for n in ast.walk(part) if isinstance(n, ast.Name)] for name, part in parts.items()}
    found = {}
    for kernel, types in kernels.items():
        reached, pending = {kernel}, [kernel]
        while pending:
            new = {n for n in used[pending.pop()] if n in parts} - reached
            reached |= new
            pending += new
        told = "\n".join(dict.fromkeys(known[id(part)] for name, part in parts.items() if name in reached))
        found[kernel] = hashlib.sha256(f"{types}\n{told}".encode()).hexdigest()[:16]
    return found


def _defined(part: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module defines."""
    if isinstance(part, ast.FunctionDef):
        yield part.name
    elif isinstance(part, ast.Import | ast.ImportFrom):
        yield from ((a.asname or a.name).split(".")[0] for a in part.names)
    else:
        yield from (n.id for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _bare(part: ast.stmt) -> ast.stmt:
    """Return a statement without its docstring."""
    if isinstance(part, ast.FunctionDef) and ast.get_docstring(part) is not None:
        part.body = part.body[1:] or [ast.Pass()]
    return part


def written(known: Mapping[tuple[str, str], str], made_with: str) -> str:
    """Return the file's text: the versions, and a line for each kernel."""
    lines = [f"{digest} {kernel} {entry}" for (entry, kernel), digest in known.items()]
    return "\n".join([made_with, *lines]) + "\n"


def parsed(text: str, made_with: str) -> Digests:
    """Return the digests; none if other versions compiled those texts."""
    first, *lines = text.splitlines()
    found = [line.split(" ", 2) for line in lines]
    return {(entry, kernel): digest for digest, kernel, entry in found} if first == made_with else {}
