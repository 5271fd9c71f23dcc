"""Which text each line of the table was compiled from: what is as it was need not be compiled again.

The text of a kernel is all of its module that it can reach (helpers, constants, imports) without comments and
docstrings, with the types of its arguments. The same versions make the same of it. Beside the digest of a text stands
that of the text's digest, the versions and the line of the table: a line without its digest, or a digest without its
line, is as good as none.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

PATH = Path(__file__).parents[1] / "results" / "ptx_texts.txt"
#: {(entry, kernel): digest of its text}
Digests = dict[tuple[str, str], str]
#: {(entry, kernel): {column: figure}}
Rows = dict[tuple[str, str], dict[str, str]]


def digests(text: str, kernels: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each kernel of a module; `kernels` has the types of their arguments."""
    return {kernel: _digest(told) for kernel, told in texts(text, kernels).items()}


def texts(text: str, kernels: Mapping[str, str]) -> dict[str, str]:
    """Return all that each kernel of a module is made of: the types of its arguments, and what it can reach."""
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
        found[kernel] = f"{types}\n{told}"
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


def written(known: Digests, rows: Rows, made_with: str) -> str:
    """Return the file's text: the versions, and a line for each kernel; `rows` are the table's."""
    lines = [f"{digest} {_seal(digest, rows[key], made_with)} {key[1]} {key[0]}" for key, digest in known.items()]
    return "\n".join([made_with, *lines]) + "\n"


def parsed(text: str, rows: Rows, made_with: str) -> Digests:
    """Return the digests of texts that these versions compiled for lines of the table as they are now."""
    first, *lines = text.splitlines()
    found: Digests = {}
    for line in lines if first == made_with else ():
        digest, seal, kernel, entry = line.split(" ", 3)
        if (entry, kernel) in rows and seal == _seal(digest, rows[entry, kernel], made_with):
            found[entry, kernel] = digest
    return found


def _seal(digest: str, row: Mapping[str, str], made_with: str) -> str:
    return _digest("\n".join([made_with, digest, *(f"{column}: {figure}" for column, figure in row.items())]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
