"""The statements of one system -> syntax.Text: equations are lowered in order, then what comes in is declared."""

from __future__ import annotations

from dataclasses import dataclass

from gradproof.derive import syntax
from gradproof.derive.latex.counts import lone_divisors
from gradproof.derive.latex.declarations import declarations as declare_all
from gradproof.derive.latex.declarations import others
from gradproof.derive.latex.gradient import Leads
from gradproof.derive.latex.knowledge import Knowledge, bodies
from gradproof.derive.latex.lower import Lowering
from gradproof.derive.latex.ranks import Claim, base_name, claims, rank_conflict, slot_count
from gradproof.derive.latex.slots import Ix
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Applied, Derivative, Func, Power, Sym, Tree
from gradproof.derive.latex.values import Value
from gradproof.derive.latex.walk import symbols
from gradproof.derive.notation.declared import RESERVED


@dataclass(frozen=True, slots=True)
class Lowered:
    """A system as syntax, and what to tell the reader about it."""

    text: syntax.Text
    notes: tuple[str, ...]
    output: str


def lower_system(
    source: Source, know: Knowledge, statements: tuple[Statement, ...], *, leads: Leads = frozenset(), title: str = ""
) -> Lowered:
    """Return the system of some statements in order; what none of them defines comes in.

    Args:
        source: the page.
        know: what the page says about names.
        statements: equations, function definitions and updates, each after what it uses.
        leads: the gradients that the equations lead to, and that are derived.
        title: the system's title.
    """
    parts = parts_of(know, statements)
    low = Lowering(source, know, claims(source, know, parts), frozenset(taken(know, parts)), leads)
    defines = [define(low, s) for s in statements]
    declared = declare_all(low, defines, [(tree, own | parameters(statements)) for tree, own in parts])
    for name in (n for tree, _ in parts for n in lone_divisors(low, tree)):
        low.note(f"{name} is read as a number of its own, not as the length of an array")
    lines = others(low, {d.target.name for d in defines})
    text = syntax.Text(title, "", (*declared, *lines, *defines), source.name)
    return Lowered(text, tuple(low.notes), defines[-1].target.name)


def parts_of(know: Knowledge, statements: tuple[Statement, ...]) -> list[tuple[Tree, frozenset[str]]]:
    """Return the statements' sides without the argument lists at the left, and the bodies of functions applied."""
    out: list[tuple[Tree, frozenset[str]]] = []
    for s in statements:
        if isinstance(s.left, Sym):
            out.append((s.left, frozenset()))
        out.append((s.right, frozenset()))
    return [*out, *bodies(know, tuple(s.right for s in statements))]


def sides_of(know: Knowledge, sides: tuple[Tree, ...]) -> list[tuple[Tree, frozenset[str]]]:
    """Return the sides of a claim and the bodies of functions that they apply, as `parts_of` does for statements."""
    return [*((side, frozenset[str]()) for side in sides), *bodies(know, sides)]


def parameters(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Return the letters in the argument lists at the left."""
    heads = [s.left.group if isinstance(s.left, Applied) else s.left for s in statements if not isinstance(s.left, Sym)]
    return frozenset(x.name for head in heads for x in symbols(head))


def taken(know: Knowledge, parts: list[tuple[Tree, frozenset[str]]]) -> set[str]:
    """Return names that no index may bear: those of tensors and sizes."""
    found = set()
    for tree, skipped in parts:
        inside = {id(sub) for s in symbols(tree) for sub in s.subs}
        for s in symbols(tree):
            name = know.name(base_name(know, s))
            value = id(s) not in inside and (s.subs or s.bold or name not in know.indices)
            if s.name not in skipped and (name in know.sizes or value):
                found.add(name)
    return found


# ---------------------------------------------------------------- equations


def define(low: Lowering, s: Statement) -> syntax.Define:
    """Return a statement as an equation of the system."""
    low.scope, low.parameters, low.fresh, low.used = {}, {}, set(), set()
    low.updating = s.op == ":="
    low.stated = dict(s.counts)
    if isinstance(s.left, Applied | Func):
        return _function(low, s)
    if isinstance(s.left, Derivative):
        raise low.not_yet(
            "an equation for a gradient defines nothing",
            s.left.at,
            hint="gradproof derives it: write the equation of the loss",
        )
    if isinstance(s.left, Power) and isinstance(s.left.base, Sym):
        shown = low.source.text[s.left.base.at[0] : s.left.base.at[1]]
        raise low.error(
            f"an equation for a power of {shown}",
            s.left.at,
            expected=rf"a name of its own, v = ..., with v in place of the power, or {shown} = \sqrt{{...}}",
        )
    if not isinstance(s.left, Sym):
        raise low.error(
            "the left side is no name", s.left.at, expected="a name with indices, z_i = ..., or a function, f(x) = ..."
        )
    if s.left.primes:
        raise low.not_yet(f"{s.left.name} with a prime is not read", s.left.at, hint="give it a name of its own")
    return _equation(low, s, s.left)


def _equation(low: Lowering, s: Statement, left: Sym) -> syntax.Define:
    name = low.know.name(base_name(low.know, left))
    _check_left(low, s, left, name)
    letters = _left_letters(low, left)
    target_axes = [low.sizes.new() for _ in letters]
    if s.op == ":=" and slot_count(low.know, left) == 0:
        low.whole.add(name)
    low.scope = {}
    for letter, v in zip(letters, target_axes, strict=True):
        low.scope[letter] = Ix(low.letter(letter), v, low.stated.get(letter))
    low.bare = set()
    value = low.value(s.right)
    _check_used(low, s, left, name)
    return _finish(low, s, left, name, value)


def _check_used(low: Lowering, s: Statement, left: Sym, name: str) -> None:
    """An index that stands at the left alone is more likely a label: `D_{KL}`."""
    lone = [x for x in low.scope if not any(y.name == x for y in symbols(s.right)) and left.paren != x]
    if lone and name not in low.know.shapes:
        label = "".join(x.name for x in left.subs if isinstance(x, Sym))
        raise low.error(
            f"{' and '.join(lone)} at the left, but not at the right: indices, or a label?",
            left.at,
            expected=rf"{left.name}_{{\text{{{label}}}}} for a label",
            hint=f"for indices, declare the shape: where {name} in R^{{m x n}}",
        )


def _check_left(low: Lowering, s: Statement, left: Sym, name: str) -> None:
    if s.op == "=" and name in low.know.sizes:
        raise low.error(f"{name} is the size of an axis: it cannot be computed", left.at, expected="another name")
    inside = {id(sub) for x in symbols(s.right) for sub in x.subs if isinstance(sub, Sym) and not sub.subs}
    values = [x for x in symbols(s.right) if id(x) not in inside]
    if s.op == "=" and any(low.know.name(base_name(low.know, x)) == name for x in values):
        raise low.error(
            f"{name} is defined by itself",
            left.at,
            expected=rf"`:=` for an update ({name} := {name} - ...), or a new name at the left",
            hint="recurrences are written in the notation, in an .eqs file",
        )


def _left_letters(low: Lowering, left: Sym) -> list[str]:
    letters = [left.paren] if left.paren and left.paren in low.know.binders else []
    for sub in left.subs:
        if not isinstance(sub, Sym) or sub.subs:
            raise low.not_yet(
                "only index letters can stand at the left", sub.at, hint="write z_i = ... or z_{i,j} = ..."
            )
        if sub.name in letters:
            raise low.not_yet(f"{sub.name} stands twice at the left", sub.at)
        letters.append(sub.name)
    return letters


def _finish(low: Lowering, s: Statement, left: Sym, name: str, value: Value) -> syntax.Define:
    """Fit the value to the target: axes that the left side does not write get letters of their own."""
    given = [low.scope[x] for x in low.scope]
    written = len(given)
    known = _expected_rank(low, left, name)
    if known is not None and known.rank != written + value.rank:
        raise rank_conflict(low.source, name, known, Claim(written + value.rank, s.left.at))
    used = {ix.name for ix in given}
    extra = []
    for j in range(value.rank):
        wanted = low.know.letters.get((left.name, written + j), "") or value.letters[j] or "ijkl"[min(written + j, 3)]
        extra.append(low.fresh_letter(wanted if wanted not in used else ""))
        used.add(extra[-1])
    span = low.span(left.at)
    node = value.at(tuple(syntax.Name(e, span) for e in extra))
    axes = (*(ix.size for ix in given), *value.axes)
    names = (*(ix.name for ix in given), *extra)
    for v, w in zip(low.axes_of(name, len(axes)), axes, strict=True):
        low.sizes.join(v, w, span, f"an axis of {name}")
    if s.op == "=":
        low.computed[name] = Claim(len(axes), left.at)
        if not slot_count(low.know, left):
            low.whole.add(name)
    else:
        low.inputs.setdefault(name, left.at)
    slots = tuple(syntax.Name(n, span) for n in names)
    target = syntax.Item(name, slots, span) if slots else syntax.Name(name, span)
    return syntax.Define("define" if s.op == "=" else "update", target, node, low.span(s.at))


def _expected_rank(low: Lowering, left: Sym, name: str) -> Claim | None:
    if name in low.know.shapes:
        return Claim(len(low.know.shapes[name].sizes), left.at)
    return low.ranks.get(name) or (low.computed.get(name) if name in low.computed else None)


def _function(low: Lowering, s: Statement) -> syntax.Define:
    """`f(x) = body`: the system of its body, with the arguments as inputs and an output of the function's name."""
    head = function_head(s.left)
    if head.primes or head.subs:
        what = "with a prime" if head.primes else "with a subscript before its parentheses"
        raise low.not_yet(
            f"a function {what} is not read at the left", s.left.at, hint="define the function itself: f(x) = ..."
        )
    known = low.know.functions.get(head.name)
    letters = tuple(x for x in (s.left.subs if isinstance(s.left, Applied) else ()) if isinstance(x, Sym))
    low.scope = {x.name: Ix(low.letter(x.name), low.sizes.new(), None) for x in letters}
    low.bare = set()
    low.inlining = (head.name,)
    value = low.value(s.right)
    low.inlining = ()
    name = output_name(low, head.name)
    if known is not None and known.builtin and known.builtin != head.name:
        low.note(f"{head.name} is the function {known.builtin}")
    return _finish(low, Statement("=", head, s.right, s.at), head, name, value)


def function_head(left: Tree) -> Sym:
    """Return the symbol of the function at the left."""
    if isinstance(left, Applied):
        return left.head
    assert isinstance(left, Func)
    return Sym(left.name, False, (), "", 0, left.at)


def output_name(low: Lowering, name: str) -> str:
    """Return the output's name: the function's, with a capital where it is a word of the notation."""
    if name not in RESERVED:
        return low.know.name(name)
    low.note(f"the value of {name} is called {name.capitalize()} here, since {name} is a word of the notation")
    return name.capitalize()


__all__ = ["Lowered", "define", "function_head", "lower_system", "parameters", "parts_of", "sides_of", "taken"]
