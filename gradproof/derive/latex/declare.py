r"""Declarations: `where w in R^{d x C}` in prose, `x \in \mathbb{R}^{n}` in mathematics, notation lines in a block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradproof.derive import syntax
from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.knowledge import Knowledge, Shape
from gradproof.derive.latex.names import labelled
from gradproof.derive.latex.postfix import symbol, unwrap
from gradproof.derive.latex.scan import Block
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.statements import sizes
from gradproof.derive.latex.symbols import starts_symbol
from gradproof.derive.latex.tokens import tokenize
from gradproof.derive.latex.tree import Add, At, Member, Mul, Num, Sym, Tree
from gradproof.errors import InputError, NotYet, Span

_SET = re.compile(
    r"(?:\\in\b|∈|\bin\b)\s*(?:\$|\\\()?\s*(?:\\mathbb\s*(?:\{R\}|R)|ℝ|R)(?![A-Za-z0-9])[ \t]*"
    r"(?P<power>\^[ \t]*(?:\{(?P<braced>[^{}\n$]{1,80})\}|(?P<one>[A-Za-z0-9]|\\[A-Za-z]+)))?"
)
#: More is no page of notes.
MAX_DECLARATIONS = 1_000
_NAME = (
    r"(?:\\(?:mathbf|boldsymbol|bm|hat|vec|tilde|text|mathrm|mathcal)\s*\{?\s*\\?[A-Za-z]+\s*\}?|\\[A-Za-z]+|[^\W\d_](?:\w*))"
    r"(?:\^\{?[(\[][\w-]+[)\]]\}?|_\{?\w+\}?)?"
)
_NAMES = re.compile(rf"(?P<names>(?:[$(]*{_NAME}\$?\)?\s*(?:,\s*(?:and\s+)?|\s+and\s+))*[$(]*{_NAME})\$?\)?\s*$")
_SPLIT = re.compile(r",\s*(?:and\s+)?|\s+and\s+")


def prose_members(source: Source, blocks: tuple[Block, ...]) -> Iterator[Member]:
    """Yield the declarations in the text outside displays and code."""
    text = _masked(source.text, blocks)
    for count, found in enumerate(_SET.finditer(text)):
        if count > MAX_DECLARATIONS:
            raise InputError(f"{source.name} has more than {MAX_DECLARATIONS} declarations", expected="a page of notes")
        before = _NAMES.search(text[max(0, found.start() - 200) : found.start()])
        if before is None:
            continue
        start = max(0, found.start() - 200) + before.start("names")
        shape = _shape(source, found)
        names = _names(source, start, start + len(before["names"]))
        if names and (
            shape or not found.group().startswith("in") or all(re.fullmatch(r"\w\d*", n.name) for n in names)
        ):
            yield Member(names, shape, (start, found.end()))


def _masked(text: str, blocks: tuple[Block, ...]) -> str:
    pieces, at = [], 0
    for b in blocks:
        if b.kind != "inline":
            pieces += [text[at : b.opened], " " * (b.after - b.opened)]
            at = b.after
    return "".join([*pieces, text[at:]])


def _names(source: Source, start: int, end: int) -> tuple[Sym, ...]:
    out, at = [], start
    text = source.text[start:end]
    for part in re.finditer(r"(?:(?!,|\s+and\s).)+", text, re.DOTALL):
        raw = part.group().strip("$() \n\tand,") if part.group().strip() == "and" else part.group()
        left = part.start() + len(raw) - len(raw.lstrip(" \n\t$(,"))
        word = raw.strip(" \n\t$(),")
        word = re.sub(r"^and\s+", "", word)
        if word:
            out.append(_name(source, at + left, word))
    return tuple(n for n in out if n is not None)


def _name(source: Source, start: int, word: str) -> Sym | None:
    if re.fullmatch(r"[^\W\d_]\w+", word):
        return Sym(word, False, (), "", 0, (start, start + len(word)))
    try:
        cursor = Cursor(source, tokenize(source, start, start + len(word)))
        return symbol(cursor) if starts_symbol(cursor) else None
    except InputError:
        return None


def _shape(source: Source, found: re.Match[str]) -> tuple[Tree, ...]:
    if found["power"] is None:
        return ()
    cursor = Cursor(source, tokenize(source, found.start("power") + 1, found.end("power")))
    return sizes(cursor)


def declare_member(source: Source, know: Knowledge, member: Member) -> None:
    """Add a declaration to what is known.

    Raises:
        InputError: the name is declared otherwise elsewhere; both places are named.
    """
    nodes = tuple(size_of(source, s, know) for s in member.shape)
    for name in member.names:
        label = f"{labelled(name.name, name.paren)}" if name.paren else name.name
        span = source.span(*name.at)
        declare(know, label, Shape("given", nodes, syntax.Declared(label, nodes, None, span)), span)


def declare(know: Knowledge, name: str, shape: Shape, span: Span) -> None:
    """Add a declared tensor; a second, different declaration is an error."""
    from gradproof.derive.latex.sizes import key

    earlier = know.shapes.get(name)
    if earlier is not None and [key(s) for s in earlier.sizes] != [key(s) for s in shape.sizes]:
        raise InputError(
            f"{name} is declared twice, differently: first in line {earlier.declared.span.line}: "
            f"{earlier.declared.span.text.strip()}",
            where=span,
            expected="one declaration",
        )
    if earlier is None:
        know.shapes[name] = shape
    know.sizes.update(n for node in shape.sizes for n in _names_of(node))
    bound = shape.declared.bound
    know.sizes.update(_names_of(bound) if bound is not None else ())


def _names_of(node: object) -> list[str]:
    if isinstance(node, syntax.Name):
        return [node.name]
    return (
        [n for f in ("left", "right", "operand") for n in _names_of(getattr(node, f, None))] if node is not None else []
    )


def size_of(source: Source, tree: Tree, know: Knowledge) -> syntax.Node:
    """Return a size: a letter, a whole number, sums and products of them."""
    tree, span = unwrap(tree), source.span(*tree.at)
    if isinstance(tree, Num) and tree.text.isdigit():
        return syntax.Number(tree.text, span)
    if isinstance(tree, Sym) and not tree.subs and not tree.primes:
        know.sizes.add(know.name(tree.name))
        return syntax.Name(know.name(tree.name), span)
    if isinstance(tree, Add) and tree.terms[0][0] == "+":
        out = size_of(source, tree.terms[0][1], know)
        for sign, t in tree.terms[1:]:
            out = syntax.Binary(sign, out, size_of(source, t, know), span)
        return out
    if isinstance(tree, Mul) and all(op in ("", "cdot", "star") for op, _ in tree.factors):
        out = size_of(source, tree.factors[0][1], know)
        for _, t in tree.factors[1:]:
            out = syntax.Binary("*", out, size_of(source, t, know), span)
        return out
    raise InputError("this is no size", where=span, expected="a letter, a whole number, or a sum or product of them")


# ---------------------------------------------------------------- notation blocks


def notation_block(source: Source, know: Knowledge, block: Block) -> None:
    """Add the declarations of a fenced block of notation lines.

    Raises:
        InputError: a line that is wrong, at its place in the page; an equation, which belongs into a display.
    """
    for statement in _statements(source, (block.start, block.end)):
        if isinstance(statement, syntax.Declaration) and statement.kind == "adjoint":
            raise NotYet(
                "an `adjoint` line on a page", where=statement.span, hint="keep the backward pass in an .eqs file"
            )
        if isinstance(statement, syntax.Declaration):
            _declaration(know, statement)
        elif isinstance(statement, syntax.Define):
            raise NotYet(
                "an equation in a block of notation lines",
                where=statement.span,
                hint="the block declares: write the equation as display mathematics, or keep it in an .eqs file",
            )
        else:
            know.others.append(statement)


def _statements(source: Source, at: At) -> tuple[syntax.Statement, ...]:
    """Parse the block with the lines before it blanked out, so that every place is a place in the page."""
    from gradproof.derive.notation import parse_syntax

    before = source.text[: at[0]]
    blank = "\n" * before.count("\n")
    last = before.rpartition("\n")[2]
    return parse_syntax(blank + " " * len(last) + source.text[at[0] : at[1]], source.name).statements


def _declaration(know: Knowledge, line: syntax.Declaration) -> None:
    for item in line.items:
        if line.kind == "size":
            know.sizes.add(item.name)
        elif line.kind == "function":
            know.unknown.add(item.name)
        else:
            declare(know, item.name, Shape(line.kind, item.shape, item), item.span)
