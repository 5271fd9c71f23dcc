"""Blocks of a page -> statements, declarations and what is known of names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gradproof.derive.latex.chain import defined_name, is_function
from gradproof.derive.latex.declare import declare_member, notation_block, prose_members
from gradproof.derive.latex.knowledge import Definition, Knowledge, learn_names, learn_sizes, left_name
from gradproof.derive.latex.lower import Lowering
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.recognise import recognise
from gradproof.derive.latex.scan import Block
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.stated.split import Chain, split
from gradproof.derive.latex.statements import Statement, statements
from gradproof.derive.latex.system import function_head
from gradproof.derive.latex.tree import Applied, Func, Member, Num, Sym, Tree
from gradproof.derive.latex.values import number
from gradproof.errors import InputError

#: A page with more equations is refused: it is no page of notes.
MAX_EQUATIONS = 500

_RANGE = re.compile(r"\s*\\?\w+\s*=\s*[01]\s*,.*\\[lc]?dots.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A block of mathematics: what it defines and claims, or why it could not be read."""

    start: int
    latex: str
    kind: str
    statements: tuple[Statement, ...] = ()
    error: InputError | None = None
    note: str = ""
    inline: bool = False
    claims: tuple[Chain, ...] = ()


def gather(source: Source, blocks: tuple[Block, ...], know: Knowledge) -> tuple[Found, ...]:
    """Read every block; declarations go into `know`.

    Raises:
        InputError: more equations than a page has.
    """
    found: list[Found] = []
    for first, b in _with_continued(source, blocks):
        f = _block(source, b, know, first)
        found += [f] if f is not None else []
        if len(found) > MAX_EQUATIONS:
            raise InputError(
                f"{source.name} has more than {MAX_EQUATIONS} equations",
                expected="a page of notes",
                hint="split it into pages",
            )
    found = [_declared(source, f, know) for f in found] + list(_prose(source, blocks, know))
    functions = frozenset(left_name(s) for f in found for s in f.statements if is_function(s))
    found = [_apart(source, f, functions) for f in found]
    found.sort(key=lambda f: f.start)
    learn_sizes(know, [s for f in found for s in f.statements])
    found = [_range(know, f) for f in found]
    everything = [s for f in found for s in f.statements]
    learn_names(know, everything, source.text)
    for s in everything:
        if s.op == "=":
            know.defined.setdefault(defined_name(know, s), s.at[0])
    return tuple(found)


def _with_continued(source: Source, blocks: tuple[Block, ...]) -> list[tuple[tuple[Block, ...], Block]]:
    """Return the blocks, each with the displays before it that it goes on with: a display may begin with `=`."""
    out: list[tuple[tuple[Block, ...], Block]] = []
    for b in blocks:
        goes_on = b.kind == "display" and re.match(r"\s*&?\s*=", source.text[b.start : b.end])
        before = out[-1] if out else None
        if goes_on and before is not None and before[1].kind == "display":
            out[-1] = ((*before[0], before[1]), b)
        else:
            out.append(((), b))
    return out


def _apart(source: Source, found: Found, functions: frozenset[str]) -> Found:
    """Return a block with its claims apart from what it defines."""
    pairs = [split(s, functions) for s in found.statements]
    alone = len(found.statements) == 1
    claims = [
        replace(c, latex=found.latex if alone else source.text[slice(*c.statement.at)].strip(), inline=found.inline)
        for _, c in pairs
        if c is not None
    ]
    return replace(found, statements=tuple(s for s, _ in pairs if s is not None), claims=tuple(claims))


def _block(source: Source, block: Block, know: Knowledge, earlier: tuple[Block, ...] = ()) -> Found | None:
    latex = source.text[block.start : block.end].strip()
    if block.kind == "code":
        return None
    if block.kind == "unclosed":
        what = source.text[block.opened : block.start].strip()
        where = source.span(block.opened, block.start)
        error = InputError(
            f"`{what}` is not closed", where=where, expected="the closing delimiter before the next blank line"
        )
        return Found(block.opened, latex, "equation", error=error)
    inline = block.kind == "inline"
    if inline and not _is_equation(latex):
        return None
    start = block.start + len(source.text[block.start : block.end]) - len(source.text[block.start : block.end].lstrip())
    if inline and _RANGE.fullmatch(latex):
        return Found(start, latex, "declaration", note="the range of an index", inline=True)
    try:
        if block.kind == "notation":
            notation_block(source, know, block)
            return None
        places = [(b.start, b.end) for b in (*earlier, block)]
        if earlier:
            start, latex = earlier[0].start, " ".join(source.text[slice(*p)].strip() for p in places)
        return Found(start, latex, "equation", statements(source, *places), inline=inline)
    except InputError as error:
        return Found(
            start, latex, "declaration" if block.kind == "notation" else "equation", error=error, inline=inline
        )


def _is_equation(latex: str) -> bool:
    """Does it hold an equals sign, other than in <=, or below a sum?"""
    bare = re.sub(r"[<>!]=|\\[a-z]*eq(?![a-z])|_\{[^{}]*\}", "", latex)
    return re.search(r"=|\\leftarrow|\\gets", bare) is not None


def _declared(source: Source, found: Found, know: Knowledge) -> Found:
    """Take the declarations of a display into `know`."""
    try:
        for s in found.statements:
            if isinstance(s.left, Member) and not found.inline:
                declare_member(source, know, s.left)
    except InputError as error:
        return Found(found.start, found.latex, "declaration", error=error, inline=found.inline)
    return found


def _prose(source: Source, blocks: tuple[Block, ...], know: Knowledge) -> list[Found]:
    """Take the declarations of the prose; only those that fail are reported."""
    failed = []
    for member in prose_members(source, blocks):
        try:
            declare_member(source, know, member)
        except InputError as error:
            latex = source.text[member.at[0] : member.at[1]]
            failed.append(Found(member.at[0], latex, "declaration", error=error, inline=True))
    return failed


def _range(know: Knowledge, found: Found) -> Found:
    """`$m = 32$` for a size, `$i = 1$` for an index: a remark in the prose, no equation."""
    if not (found.inline and len(found.statements) == 1):
        return found
    s = found.statements[0]
    bare = isinstance(s.left, Sym) and not s.left.subs and s.op == "=" and isinstance(unwrap(s.right), Num)
    if not bare or not isinstance(s.left, Sym):
        return found
    name = know.name(s.left.name)
    if name in know.sizes:
        return Found(
            found.start,
            found.latex,
            "declaration",
            note=f"a value of the size {name}, which stays a symbol here",
            inline=True,
        )
    if name in know.binders:
        return Found(found.start, found.latex, "declaration", note=f"a value of the index {name}", inline=True)
    return found


# ---------------------------------------------------------------- functions


def learn_functions(source: Source, know: Knowledge, found: tuple[Statement, ...]) -> None:
    """Add the functions that the page defines; a later definition of the same name does not replace the first."""
    for s in found:
        if s.op == "=" and is_function(s):
            head = function_head(s.left)
            items = (
                s.left.group.items if isinstance(s.left, Applied) else s.left.args if isinstance(s.left, Func) else ()
            )
            params = tuple(p for p in map(unwrap, items) if isinstance(p, Sym) and not p.subs)
            if len(params) != len(items) or not params:
                continue
            subs = tuple(x for x in (s.left.subs if isinstance(s.left, Applied) else ()) if isinstance(x, Sym))
            builtin = "" if subs or len(params) != 1 else _builtin(source, know, s.right, params[0])
            name = know.name(head.name)
            know.functions.setdefault(name, Definition(head, params, s.right, subs, builtin, source.line(s.at[0])))


def _builtin(source: Source, know: Knowledge, body: Tree, parameter: Sym) -> str:
    """Return the notation's function that the body provably is, or ""."""
    from gradproof.derive import syntax

    low = Lowering(source, know, {}, frozenset())
    low.parameters = {parameter.name: number(syntax.Name(parameter.name, source.span(*parameter.at)))}
    try:
        value = low.value(body)
    except InputError:
        return ""
    return recognise(value.at(()), parameter.name) if value.rank == 0 else ""
