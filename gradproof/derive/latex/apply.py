"""Functions: of the notation, defined on the page, unknown; and what could be a function or a product."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from gradproof.derive import syntax
from gradproof.derive.functions import FUNCTIONS as TABLE
from gradproof.derive.latex.algebra import elementwise, times
from gradproof.derive.latex.complaints import check_known_number
from gradproof.derive.latex.doubtful import check_entrywise, check_indexed_function
from gradproof.derive.latex.knowledge import Definition
from gradproof.derive.latex.ones import check_ones
from gradproof.derive.latex.ranks import axes_text, base_name
from gradproof.derive.latex.reader import WORDS
from gradproof.derive.latex.reduce import absolute
from gradproof.derive.latex.refusals import OF_ARRAYS
from gradproof.derive.latex.slots import Ix
from gradproof.derive.latex.stated import values as stated
from gradproof.derive.latex.tree import Applied, Func, Num, Paren, Power, Sym, Tree
from gradproof.derive.latex.values import Indices, Value, kind, number

if TYPE_CHECKING:
    from gradproof.derive.latex.lower import Lowering

#: Letters that are read as unknown functions where they stand before parentheses, and nowhere on the page without.
FUNCTION_LETTERS = frozenset("φσψρfgh")

#: Applications of the page's functions in one system; functions of functions grow without bound.
MAX_INLINED = 300


def applied(low: Lowering, tree: Applied) -> Value:  # noqa: C901  (one line for each thing it can be)
    """Return f(x) or a(b + c). A name that the page defines as a function is one, a known variable a factor."""
    name = low.know.name(base_name(low.know, tree.head))
    check_ones(low, tree)
    if (found := stated.call(low, tree)) is not None:
        return found
    if tree.head.primes:
        return _derived(low, tree, name)
    if tree.head.subs:
        check_indexed_function(low, tree)
        return _product(low, tree)
    if name in low.know.functions and name in low.know.variables and name not in low.know.unknown:
        where = low.span(low.know.variables[name])
        raise low.error(
            f"{name} is a function on this page (line {low.know.functions[name].line}) "
            f"and a variable (line {where.line}): "
            f"is this {name} of what stands in parentheses, or {name} times it?",
            tree.at,
            expected="two names",
        )
    if name in low.know.functions:
        return _defined(low, tree, low.know.functions[name])
    if name in low.know.unknown:
        return _unknown(low, tree, name)
    if low.is_variable(name):
        return _product(low, tree)
    if name in WORDS and len(name) > 1:
        return _powered(low, tree, _call(low, WORDS[name], tree.group.items, tree.at))
    if name in FUNCTION_LETTERS:
        if not _single_symbol(tree.group):
            low.note(f"{name} is read as a function that is not defined")
        return _unknown(low, tree, name)
    raise _unclear(low, tree, name)


def _single_symbol(group: Paren) -> bool:
    return len(group.items) == 1 and isinstance(group.items[0], Sym)


def _unclear(low: Lowering, tree: Applied, name: str) -> Exception:
    if name.lower() in OF_ARRAYS:
        return low.error(
            f"{name} is not defined on this page",
            tree.at,
            expected=f"what it computes, with indices: {OF_ARRAYS[name.lower()]}",
            hint="a function that is not defined is taken entry by entry, which this one is not",
        )
    if len(name) > 1 and len(tree.group.items) >= 1:
        return low.error(
            f"{name} is not defined on this page",
            tree.at,
            expected=f"an equation that defines it: {name}(z) = ..., or a known one: relu, sigmoid, tanh, ...",
            hint=f"or declare it as unknown, in a ```gradproof block: given function {name}",
        )
    return low.error(
        f"is this the function {name} of what stands in parentheses, or {name} times it?",
        tree.at,
        expected=rf"{name} \cdot (...) for the product",
        hint=f"for a function: define it by {name}(x) = ..., or add a ```gradproof block with: given function {name}",
    )


def _product(low: Lowering, tree: Applied) -> Value:
    if len(tree.group.items) != 1 or tree.subs:
        raise low.error(
            f"{tree.head.name} is a variable, not a function of {len(tree.group.items)} arguments",
            tree.at,
            expected="a function",
        )
    if not tree.head.subs and isinstance(tree.group.items[0], Sym | Num):
        raise low.error(
            f"{tree.head.name} is a variable on this page, but {tree.head.name}(...) looks like a function",
            tree.at,
            expected=rf"{tree.head.name} \cdot ... for the product, or {tree.head.name} alone for its value",
        )
    factor: Tree = tree.group if tree.power is None else Power(tree.group, tree.power, tree.group.at)
    head, value = low.symbol(tree.head), low.value(factor)
    if head.rank == 2 and value.rank == 0:
        check_known_number(low, kind(head), factor)
    return times(low, "", head, value, tree.at)


def _powered(low: Lowering, tree: Applied, value: Value) -> Value:
    """Return f(x) with the power that stands after it."""
    if tree.power is None:
        return value
    if value.rank:
        raise low.error(f"a power of an array with {axes_text(value.rank)}", tree.at, expected="indices")
    exponent = low.scalar(tree.power, "the exponent")
    return number(syntax.Binary("**", value.at(()), exponent, low.span(tree.at)))


# ---------------------------------------------------------------- the notation's functions


def function(low: Lowering, tree: Func) -> Value:
    r"""Return `\log(x)`, `\max(a, b)`, `\sqrt{x}`; a page that defines `\tanh` itself is taken at its word."""
    if tree.loose:
        _check_reach(low, tree)
    if tree.name == "abs":
        return absolute(low, tree)
    own = low.know.functions.get(tree.name)
    if own is not None and not own.builtin and own.line != low.span(tree.at).line:
        head = Sym(tree.name, False, (), "", 0, tree.at)
        return _defined(low, Applied(head, Paren(tree.args, tree.at), None, (), tree.at), own)
    return _call(low, tree.name, tree.args, tree.at)


def _check_reach(low: Lowering, tree: Func) -> None:
    r"""`\log p (1 - y)`: where p is a factor, it is not clear how far the logarithm reaches."""
    inner = tree.args[0]
    if isinstance(inner, Applied) and not is_function(low, inner):
        raise low.error(
            f"how far {tree.name} reaches is not clear: {tree.name}(a b) or {tree.name}(a) b",
            inner.group.at,
            expected=rf"\{tree.name}(...)",
        )


def is_function(low: Lowering, tree: Applied) -> bool:
    """Is the symbol before the parentheses a function, as far as the page says?"""
    name = low.know.name(base_name(low.know, tree.head))
    if tree.head.subs:
        return False
    if name in low.know.functions or name in low.know.unknown or tree.head.primes:
        return True
    return not low.is_variable(name)


def _call(low: Lowering, name: str, args: tuple[Tree, ...], at: tuple[int, int]) -> Value:
    values = tuple(low.value(a) for a in args)
    span = low.span(at)
    arity = 1 if name == "sqrt" else TABLE[name].arity
    if name in ("max", "min") and len(values) > 2:
        nested = values[0]
        for v in values[1:]:
            nested = elementwise(low, lambda x: syntax.Apply(name, tuple(x), span), (nested, v), at)
        return nested
    if len(values) != arity:
        raise low.error(f"{name} of {len(values)} arguments", at, expected=f"{arity}")
    check_entrywise(low, name, values[0], at)
    return elementwise(low, lambda x: syntax.Apply(name, tuple(x), span), values, at)


# ---------------------------------------------------------------- unknown functions


def _unknown(low: Lowering, tree: Applied, name: str) -> Value:
    low.functions.setdefault(name, low.span(tree.head.at))
    values = tuple(low.value(a) for a in tree.group.items)
    if name.lower() in OF_ARRAYS and any(v.rank for v in values):
        raise low.error(
            f"{name} is declared as an unknown function, which is taken entry by entry: {name} is not",
            tree.at,
            expected=f"what it computes, with indices: {OF_ARRAYS[name.lower()]}",
        )
    span = low.span(tree.at)
    return _powered(low, tree, elementwise(low, lambda x: syntax.Apply(name, tuple(x), span), values, tree.at))


def _derived(low: Lowering, tree: Applied, name: str) -> Value:
    if name in low.know.functions or name in low.know.variables:
        raise low.not_yet(
            f"the derivative of {name} is not read", tree.at, hint="gradproof derives it: write the function alone"
        )
    low.functions.setdefault(name, low.span(tree.head.at))
    values = tuple(low.value(a) for a in tree.group.items)
    span = low.span(tree.at)
    primed = name + "'" * tree.head.primes
    return _powered(low, tree, elementwise(low, lambda x: syntax.Apply(primed, tuple(x), span), values, tree.at))


# ---------------------------------------------------------------- functions of the page


def _defined(low: Lowering, tree: Applied, known: Definition) -> Value:
    if known.builtin and not tree.subs:
        return _powered(low, tree, _call(low, known.builtin, tree.group.items, tree.at))
    if len(tree.group.items) != len(known.params):
        raise low.error(
            f"{known.head.name} has {len(known.params)} arguments (line {known.line}), here {len(tree.group.items)}",
            tree.at,
        )
    if known.head.name in low.inlining:
        raise low.error(f"{known.head.name} is defined by itself", tree.at, expected="a definition that ends")
    values = [
        low.symbol(a, whole=True) if isinstance(a, Sym) and known.subs else low.value(a) for a in tree.group.items
    ]
    return _powered(low, tree, _subscripted(low, tree, _inline(low, known, values)))


def _inline(low: Lowering, known: Definition, values: list[Value]) -> Value:
    """Return the function's body with the values in place of its parameters."""
    if not known.subs and any(v.rank for v in values):
        return elementwise(
            low, lambda nodes: _body(low, known, [number(n) for n in nodes]).at(()), tuple(values), known.body.at
        )
    return _body(low, known, values)


def _body(low: Lowering, known: Definition, values: list[Value]) -> Value:
    low.inlined += 1
    if low.inlined > MAX_INLINED:
        raise low.error(
            f"{known.head.name} is applied inside functions inside functions, more than {MAX_INLINED} times",
            known.head.at,
            expected="functions that expand to an equation of readable length",
        )
    saved = low.parameters, low.scope, low.inlining
    live = {f"\0{ix.name}": ix for ix in low.scope.values()}
    low.parameters = {p.name: v for p, v in zip(known.params, values, strict=True)}
    low.inlining = (*low.inlining, known.head.name)
    try:
        low.scope = dict(live)
        if not known.subs:
            return low.value(known.body)
        return _array_body(low, known, live)
    finally:
        low.parameters, low.scope, low.inlining = saved


def _array_body(low: Lowering, known: Definition, live: dict[str, Ix]) -> Value:
    sizes = tuple(low.sizes.new() for _ in known.subs)
    inner = {s.name: Ix(low.fresh_letter(s.name), v, None) for s, v in zip(known.subs, sizes, strict=True)}
    low.scope = {**live, **inner}
    node = low.scalar(known.body, f"the body of {known.head.name}")
    names = [inner[s.name].name for s in known.subs]

    def entry(indices: Indices) -> syntax.Node:
        return replace_names(node, dict(zip(names, indices, strict=True)))

    return Value(sizes, tuple(s.name for s in known.subs), entry)


def replace_names(node: syntax.Node, new: dict[str, syntax.Node]) -> syntax.Node:
    """Return the node with names replaced; the names are fresh letters, so nothing is captured."""
    if isinstance(node, syntax.Name):
        return new.get(node.name, node)
    changed: dict[str, Any] = {f.name: _replaced(getattr(node, f.name), new) for f in fields(node) if f.name != "span"}
    return replace(node, **changed)


def _replaced(part: Any, new: dict[str, syntax.Node]) -> Any:
    if isinstance(part, tuple):
        return tuple(_replaced(p, new) for p in part)
    return replace_names(part, new) if hasattr(part, "span") else part


def _subscripted(low: Lowering, tree: Applied, value: Value) -> Value:
    if not tree.subs:
        return value
    from gradproof.derive.latex.slots import slot

    if len(tree.subs) != value.rank:
        raise low.error(f"{tree.head.name}(...) has {axes_text(value.rank)}, but {len(tree.subs)} indices", tree.at)
    slots = []
    for axis, sub in enumerate(tree.subs):
        node, ix = slot(low, sub)
        if ix is not None:
            low.sizes.join(ix.size, value.axes[axis], low.span(sub.at), f"axis {axis + 1} of {tree.head.name}")
        slots.append(node)
    return number(value.at(tuple(slots)))
