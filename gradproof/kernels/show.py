"""A plan in a few lines."""

from __future__ import annotations

from gradproof.derive.index import is_fresh
from gradproof.kernels.plan import For, LoopNest, Node, Pass, Statement, Work
from gradproof.kernels.scope import Scope

_MARKS = {"map": "", "sum": "+", "prod": "*", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}


def show_plan(nest: LoopNest) -> str:
    """Return loops by indentation, the statements in each, and where temporaries are kept."""
    lines: list[str] = []
    scope = Scope(nest)
    for block in nest.blocks:
        lines.append(" ".join(f"({e.number})" for e in block.equations))
        for node in block.nodes:
            _show(node, scope, 1, lines)
    kept = [(n, s) for n, s in nest.storage.items() if "~" in n]
    local = [scope.tensor(n) for n, s in kept if s.local]
    arrays = [scope.tensor(n) for n, s in kept if not s.local]
    lines.append(f"local: {', '.join(local) or '-'} | temporary arrays: {', '.join(arrays) or '-'}")
    return "\n".join(lines)


def _show(node: Node, scope: Scope, depth: int, lines: list[str]) -> None:
    margin = "  " * depth
    if isinstance(node, For):
        with scope.loop(node.index) as name:
            size = node.index.size if not is_fresh(node.index) or node.index.size.is_Atom else f"({node.index.size})"
            lines.append(f"{margin}{'for' if node.direction > 0 else 'for descending'} {name} < {size}")
            for inner in node.body:
                _show(inner, scope, depth + 1, lines)
    elif isinstance(node, Pass):
        lines.append(f"{margin}pass {_text(node.statement, scope)}")
        for inner in node.body:
            _show(inner, scope, depth + 1, lines)
    elif isinstance(node, Work):
        lines.append(f"{margin}{node.helper} {', '.join(scope.tensor(n) for n in node.arrays)}")
    else:
        lines.append(f"{margin}point {_text(node.statement, scope)}")


def _text(statement: Statement, scope: Scope) -> str:
    return f"{scope.tensor(statement.name)} {_MARKS[statement.kind]}="
