"""What a module's text says of its functions: lines, parameters, docstrings, and the names that they return."""

from __future__ import annotations

import ast
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Text:
    """A function's text.

    Attributes:
        line: where it begins, from 1.
        docstring: "" without one.
        returns: the names in each of its `return` lines: "" for what is no plain name.
    """

    line: int
    docstring: str
    returns: tuple[tuple[str, ...], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of what is returned where every `return` says the same; else ()."""
        return self.returns[0] if len(set(self.returns)) == 1 else ()

    @property
    def labels_of_several(self) -> tuple[str, ...]:
        """The same, of the `return` lines with several names alone: a function may return less when it is told to."""
        several = {names for names in self.returns if len(names) > 1}
        return next(iter(several)) if len(several) == 1 else ()


def texts(source: str) -> dict[str, Text]:
    r"""Return the text of each function at the top of a module and in its classes, by qualified name.

    What is assigned to a name may be a function too, as `loss = njit(_loss)` and `loss = lambda x: x**2` are.

    >>> found = texts("def f(x):\n    return x, cache\nclass A:\n    def g(self): return self.w\n")
    >>> found["f"].labels, found["A.g"].labels, found["A"].line
    (('x', 'cache'), ('w',), 3)
    """
    out: dict[str, Text] = {}
    for node in ast.parse(source).body:
        _collect(node, "", out)
    return out


def _collect(node: ast.stmt, prefix: str, out: dict[str, Text]) -> None:
    if isinstance(node, ast.ClassDef):
        out[node.name] = Text(node.lineno, ast.get_docstring(node) or "", ())
        for inner in node.body:
            _collect(inner, f"{node.name}.", out)
    elif isinstance(node, Function):
        out[prefix + node.name] = Text(node.lineno, ast.get_docstring(node) or "", tuple(_returns(node)))
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        returned = (_names(node.value.body),) if isinstance(node.value, ast.Lambda) else ()
        out.setdefault(node.targets[0].id, Text(node.lineno, "", returned))
    elif isinstance(node, ast.If | ast.Try | ast.With):
        for inner in node.body:
            _collect(inner, prefix, out)


def _returns(function: Function) -> list[tuple[str, ...]]:
    """Return the names in each `return` of a function, those of functions inside it left out."""
    found: list[tuple[str, ...]] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Return) and node.value is not None:
            found.append(_names(node.value))
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            waiting = list(ast.iter_child_nodes(node)) + waiting
    return found


def _names(value: ast.expr) -> tuple[str, ...]:
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return tuple(_name(part) for part in parts)


def _name(part: ast.expr) -> str:
    if isinstance(part, ast.Name):
        return part.id
    return part.attr if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) else ""
