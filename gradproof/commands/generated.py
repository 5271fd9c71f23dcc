"""A generated module as text: its header's equations, and which of them a line belongs to. Nothing in it is run."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

from gradproof.errors import InputError

_EQUATION = re.compile(r"^ {4}\((\d+)\) (.+)$")
_SIGNATURE = re.compile(r"^ {2}(\w+)\(.*\) -> ")
_NUMBERS = re.compile(r"\((\d+)\)(?: to \((\d+)\))?")
#: A comment that names equations: their numbers first, then perhaps the equation.
_COMMENT = re.compile(r"#\s*((?:\(\d+\)(?:,? (?:and |to )?|$))+)")


@dataclass(frozen=True, slots=True)
class Group:
    """The equations of one system in a module's header.

    Attributes:
        title: of the system.
        equations: {number: text}.
        functions: names of the kernels made of them.
    """

    title: str
    equations: dict[int, str]
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What a line belongs to.

    Attributes:
        text: the line.
        function: the function that it stands in, "" outside.
        about: the first line of that function's docstring.
        numbers: of the equations; () for a line of no equation.
        group: their system, None where there is none.
    """

    text: str
    function: str
    about: str
    numbers: tuple[int, ...]
    group: Group | None


def place_of(text: str, line: int, name: str) -> Place:
    """Return what a line of a generated module belongs to.

    Raises:
        InputError: there is no such line, or the text is no generated module.
    """
    lines = text.splitlines()
    if not 1 <= line <= len(lines):
        raise InputError(f"{name} has no line {line}", expected=f"a line from 1 to {len(lines)}")
    try:
        tree = ast.parse(text)
        comments = _comments(text)
    except (SyntaxError, ValueError, tokenize.TokenError) as error:
        raise InputError(f"{name} is no Python: {error}") from None
    groups = header_groups(ast.get_docstring(tree, clean=False) or "")
    if not groups:
        raise InputError(
            f"{name} is no generated module: no equations stand in its header",
            hint="`gradproof kernels SUBJECT -o FILE.py` writes one",
        )
    function = _function_at(tree, line)
    numbers = _numbers_at(tree, lines, comments, line, function)
    group = _group_of(groups, function.name if function else "", numbers)
    about = ((ast.get_docstring(function) or "").splitlines() or [""])[0] if function else ""
    kept = tuple(n for n in numbers if group and n in group.equations)
    return Place(lines[line - 1].strip(), function.name if function else "", about, kept, group if kept else None)


def header_groups(docstring: str) -> list[Group]:
    """Return the systems of a module's header, in order.

    >>> header_groups('''T.
    ...
    ...     (1) y[i] = x[i]
    ...   f(x) -> y
    ... ''')
    [Group(title='T', equations={1: 'y[i] = x[i]'}, functions=('f',))]
    """
    lines = docstring.splitlines()
    found: list[Group] = []
    equations: dict[int, str] = {}
    functions: list[str] = []
    heading = (lines or [""])[0].strip().rstrip(".")
    before, title = heading, heading
    for text in [*lines[1:], ""]:
        if equation := _EQUATION.match(text):
            title = before if not equations and before and not before.startswith("Written by") else title
            equations[int(equation[1])] = equation[2].strip()
        elif signature := _SIGNATURE.match(text):
            functions.append(signature[1])
        elif not text.strip():
            if equations:
                found.append(Group(title.rstrip("."), equations, tuple(functions)))
            equations, functions, before, title = {}, [], "", heading
        else:
            before = text.strip() if not equations else before
    return found


def _comments(text: str) -> dict[int, tuple[int, bool, tuple[int, ...]]]:
    """Return {line: (column, whether it stands alone, numbers)} of the comments that name equations."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match:
            row, column = token.start
            found[row] = (column, not token.line[:column].strip(), _expanded(match[1]))
    return found


def _expanded(text: str) -> tuple[int, ...]:
    """Return the numbers of a text as "(1), (3) to (5)"."""
    ranges = ((int(a), int(b or a)) for a, b in _NUMBERS.findall(text))
    return tuple(n for a, b in ranges for n in range(a, b + 1))


def _function_at(tree: ast.Module, line: int) -> ast.FunctionDef | None:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    around = [f for f in functions if _first(f) <= line <= (f.end_lineno or f.lineno)]
    return max(around, key=lambda f: f.lineno, default=None)


def _start(node: ast.stmt) -> int:
    return _first(node) if isinstance(node, ast.FunctionDef) else node.lineno


def _first(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _numbers_at(
    tree: ast.Module,
    lines: list[str],
    comments: dict[int, tuple[int, bool, tuple[int, ...]]],
    line: int,
    function: ast.FunctionDef | None,
) -> tuple[int, ...]:
    """Return the numbers that a line's own comments name, or its statement's; else of what it calls; else of above."""
    if listed := _EQUATION.match(lines[line - 1]):
        return (int(listed[1]),)
    if function is None:
        return ()
    inside = _inside(line, function)
    found = _distinct(comments[k][2] for k in range(_start(inside), (inside.end_lineno or line) + 1) if k in comments)
    found = found or _called(tree, inside, comments, {function.name})
    if found:
        return found
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for k in range(line, function.lineno, -1):
        if k in comments and comments[k][1] and comments[k][0] <= indent:
            return comments[k][2]
        if lines[k - 1].strip():
            indent = min(indent, len(lines[k - 1]) - len(lines[k - 1].lstrip()))
    return ()


def _inside(line: int, function: ast.FunctionDef) -> ast.stmt:
    """Return the innermost statement that a line belongs to: the function itself for its head and its docstring."""
    around = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function
        if node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    found = max(around, key=lambda n: (n.lineno, -(n.end_lineno or n.lineno)), default=None)
    documented = found is function.body[0] and ast.get_docstring(function) is not None
    if documented or (found is None and line < function.body[0].lineno):
        return function
    return found or ast.Pass(lineno=line, end_lineno=line)


def _called(
    tree: ast.Module,
    node: ast.AST,
    comments: dict[int, tuple[int, bool, tuple[int, ...]]],
    seen: set[str],
) -> tuple[int, ...]:
    """Return the numbers in the functions of the module that a statement calls, and in those that they call."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - seen
    numbers: list[tuple[int, ...]] = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in names:
            seen.add(function.name)
            rows = range(function.lineno, (function.end_lineno or function.lineno) + 1)
            numbers += [comments[k][2] for k in rows if k in comments]
            numbers.append(_called(tree, function, comments, seen))
    return tuple(sorted(_distinct(numbers)))


def _distinct(numbers: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(n for some in numbers for n in some))


def _group_of(groups: list[Group], function: str, numbers: tuple[int, ...]) -> Group | None:
    """Return the system of a function: one of its kernels', or a part of one."""
    named = [g for g in groups if any(function == f or function.startswith(f"{f}_") for f in g.functions)]
    holding = [g for g in (named or groups) if set(numbers) <= set(g.equations)]
    return holding[0] if len(holding) == 1 or (holding and named) else None
