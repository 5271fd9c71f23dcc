"""A bare equation, as someone types it in quotes: what it reads is declared for it, as far as that is plain."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive import syntax
from gradproof.derive.notation.declared import RESERVED, indices_of, walk
from gradproof.derive.syntax import Declaration, Declared, Define, Item, Name, Reduction
from gradproof.errors import Span

_Shapes = dict[str, Item | Name]


def declare_inputs(text: syntax.Text) -> syntax.Text:
    """Return the text with a `given` line for what its equations read; a text with a declaration stays as it is.

    An axis in which the index `i` stands has the size `I`; a bare name that is no index is a scalar. A tensor with
    anything else in an index, as in `x[i+1]`, is left alone: its shape is not plain, and the error asks for it.

    >>> from gradproof.derive.notation import elaborate, parse_syntax
    >>> print(elaborate(declare_inputs(parse_syntax("L = sum[i] (w*x[i] - y[i])**2"))))
    given w, x[I], y[I]
    L = sum[i] (w*x[i] - y[i])**2
    """
    if not text.statements or not all(isinstance(s, Define) for s in text.statements):
        return text
    indices, inputs = _indices(text), _inputs(text)
    taken = {*inputs, *(s.target.name for s in text.statements if isinstance(s, Define)), *indices}
    sizes = {i: i.upper() if i.upper() not in taken else f"N_{i}" for i in indices}
    given = tuple(_declared(read, sizes) for name, read in inputs.items() if name not in indices and _is_plain(read))
    if not given:
        return text
    return replace(text, statements=(Declaration("given", given, given[0].span), *text.statements))


def _indices(text: syntax.Text) -> dict[str, None]:
    """The names that stand as an index of a tensor or are bound by a reduction, in order."""
    found: dict[str, None] = {}
    for node in walk(text.statements):
        slots = node.indices if isinstance(node, Item) else node.items if isinstance(node, Reduction) else ()
        found |= {n.name: None for n in walk(slots) if isinstance(n, Name)}
    return found


def _inputs(text: syntax.Text) -> _Shapes:
    """The names that are read and not computed, each with the first place where it is read."""
    defines = [s for s in text.statements if isinstance(s, Define)]
    computed = {d.target.name for d in defines}
    found: _Shapes = {}
    for node in walk([part for d in defines for part in (*indices_of(d.target), d.value)]):
        if isinstance(node, Item | Name) and node.name not in computed and node.name not in RESERVED:
            found.setdefault(node.name, node)
    return found


def _is_plain(read: Item | Name) -> bool:
    return isinstance(read, Name) or all(isinstance(slot, Name) for slot in read.indices)


def _declared(read: Item | Name, sizes: dict[str, str]) -> Declared:
    span: Span = read.span
    slots = read.indices if isinstance(read, Item) else ()
    return Declared(read.name, tuple(Name(sizes[s.name], span) for s in slots if isinstance(s, Name)), None, span)
