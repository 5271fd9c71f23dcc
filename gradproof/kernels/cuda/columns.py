"""Sums down columns: each thread of a block goes down the block's stretch of rows, at columns of its own.

So are sums over what blocks share made where a row has nothing else to do (the gradient of a bias, the statistics of a
batch): a thread adds up in registers, and neighbours read what lies side by side.
"""

from __future__ import annotations

from gradproof.kernels.cuda.steps import Launch
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.tree import Row


def has_columns(launch: Launch) -> bool:
    """Is the launch one row at each place of its grid, with sums for each place of the row over all of the grid?"""
    row = launch.nodes[0]
    if launch.flat or launch.stretch or not launch.grid or len(launch.nodes) > 1 or not isinstance(row, Row):
        return False
    made = {s.name: s.target for s in row.statements}
    own = all(e == made.get(e.name, e) for s in row.statements for e in reads(s))
    return (
        own
        and all(_is_map(s, launch) or _goes_down(s, launch, row) for s in row.statements)
        and any(s.kind != "map" for s in row.statements)
    )


def _is_map(s: Statement, launch: Launch) -> bool:
    return s.kind == "map" and set(launch.grid) <= set(s.free)


def _goes_down(s: Statement, launch: Launch, row: Row) -> bool:
    """Is it a sum, or a largest or smallest value, for each place of the row over all of the grid?"""
    return (
        s.kind in ("sum", "max", "min") and s.target.indices[-1:] == (row.index,) and set(launch.grid) <= set(s.reduced)
    )
