"""Values along a row that later rows compute again: on a device that costs less than an array of a block's own.

A value that reads no more than `_INPUTS` arrays at its place, with one function at most, is computed in each row that
needs it, from those arrays; where it was kept, it would be written once and read by each. What a value is made of in
its own row (an exponential, of which it is a quotient) goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Basic

from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element
from gradproof.kernels.cuda.passes import Names, along, reading_rows, reads_name, statements, with_values
from gradproof.kernels.cuda.steps import Body, Online
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Place, Row

#: Arrays that a value may read at its place, functions in it, and nodes of its expressions.
_INPUTS, _FUNCTIONS, _NODES = 2, 1, 60


def recomputed(names: Names, nodes: Sequence[Body]) -> list[Body]:
    """Return the nodes of a launch with values computed again in the rows that read them."""
    found = list(nodes)
    for at, node in enumerate(nodes):
        body = node.body if isinstance(node, Online) else node.statements if isinstance(node, Row) else ()
        for s in body:
            assert isinstance(node, Row | Online)
            rows = _rows(names, s, found, at, node.index)
            values = _values(s, body, node.index) if rows else None
            if not rows or values is None or not _is_cheap(values, node.index, names, found):
                continue
            for k in rows:
                row = found[k]
                assert isinstance(row, Row)
                found[k] = with_values(row, values, names)
    return found


def _rows(names: Names, s: Statement, nodes: Sequence[Body], at: int, index: Index) -> list[int] | None:
    """Return the later rows that read a value, if it is read nowhere else but in its own."""
    if s.kind != "map" or s.name in names.kept or s.conditions or s.guards or not along(s.target, index):
        return None
    if any(not isinstance(i, Index) for i in s.target.indices) or any(names.storage[s.name].low):
        return None
    rows = reading_rows(s, nodes[at + 1 :], index)
    here = [o for o in statements(nodes[at]) if reads_name(o, s.name)]
    if not rows or any(e.name == s.name and e != s.target for o in here for e in reads(o)):
        return None
    rows = [at + 1 + k for k in rows]
    readers = [o for k in rows for o in statements(nodes[k]) if reads_name(o, s.name)]
    return rows if names.readers[s.name] == len(readers) + len(here) else None


def _values(s: Statement, body: Sequence[Statement], index: Index) -> list[Statement] | None:
    """Return the value after those of its row that it is made of; None where one of these is no plain value."""
    found: list[Statement] = []
    for e in reads(s):
        made = next((o for o in body if o.name == e.name), None)
        if made is None or not along(e, index):
            continue
        before = _values(made, body, index) if made.kind == "map" and e == made.target else None
        if before is None or made.conditions or made.guards:
            return None
        found += [o for o in before if o not in found]
    return [*found, s]


def _is_cheap(values: Sequence[Statement], index: Index, names: Names, nodes: Sequence[Body]) -> bool:
    """Is it a few operations on few arrays, which nothing changes meanwhile?"""
    made = {v.name for v in values}
    read = {e for v in values for e in reads(v) if along(e, index) and e.name not in made}
    written = {s.name for node in nodes for s in statements(node)} | names.updated
    calls = sum(1 for v in values for a in _parts(v.expr) if isinstance(a, Call))
    plain = all(isinstance(i, Index) for e in read for i in e.indices)
    size = sum(1 for v in values for _ in _parts(v.expr))
    few = len(read) <= _INPUTS and calls <= _FUNCTIONS and size <= _NODES
    return few and plain and not {e.name for e in read} & written


def _parts(e: Basic) -> list[Basic]:
    return [e, *(p for a in e.args for p in _parts(a))]


def tidied(names: Names, nodes: Sequence[Body]) -> list[Body]:
    """Return the nodes without values that nothing reads; those that their own row alone reads are kept in no array."""
    found = list(nodes)
    for at in range(len(found) - 1, -1, -1):
        node = found[at]
        if isinstance(node, Row):
            found[at] = replace(node, statements=_tidied(names, node.statements, node.statements))
        elif isinstance(node, Online):
            found[at] = replace(node, body=_tidied(names, node.body, node.statements))
    return found


def _tidied(names: Names, body: Sequence[Statement], all_: Sequence[Statement]) -> tuple[Statement, ...]:
    left: list[Statement] = []
    dropped: list[Statement] = []
    for s in reversed(body):
        here = [o for o in all_ if o not in dropped and reads_name(o, s.name)]
        if s.kind != "map" or s.name in names.kept or names.readers[s.name] > len(here):
            left.append(s)
        elif here:
            left.append(s)
            if not any(names.storage[s.name].low) and all(e == s.target for o in here for e in _of(o, s.name)):
                names.places[s.name] = Place("scalar", ())
        else:
            dropped.append(s)
            names.readers.subtract({e.name for e in reads(s)})
    return tuple(reversed(left))


def _of(s: Statement, name: str) -> list[Element]:
    return [e for e in reads(s) if e.name == name]
