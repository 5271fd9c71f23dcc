"""The sentences about what has to be saved from the forward pass; each format passes in how it writes mathematics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr, S

from gradproof.derive.memory import Recomputable, Saved, numbers
from gradproof.derive.model import Tensor
from gradproof.derive.render.wording import listed

HEADING = "Saved for the backward pass"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a format writes a tensor's name, a number of entries, and a shape."""

    name: Callable[[str], str]
    size: Callable[[Expr], str]
    shape: Callable[[Sequence[Expr]], str]


def memory_sentences(saved: Saved, spell: Spelling) -> list[str]:
    """Return what is saved with its memory, in what sense it is least, and what is read besides."""
    out = [_saved(saved, spell)]
    if saved.tensors:
        out.append(
            "It is the least set if no equation above is evaluated again: "
            "the gradients are written with these, and with no other computed tensor."
        )
    out += [_recomputable(r, spell) for r in saved.recomputable]
    if saved.again:
        out.append(f"Computed again, and not saved: {_names(saved.again, spell)}.")
    for tensors, text in (
        (saved.inputs, "Read again of what came in"),
        (saved.cotangents, "Given to the backward pass"),
    ):
        out += [f"{text}: {_names([t.name for t in tensors], spell)}."] if tensors else []
    return out


def _saved(saved: Saved, spell: Spelling) -> str:
    if not saved.tensors:
        return "Nothing: the gradients are written with inputs alone."
    by_shape: dict[str, list[str]] = {}
    for t in saved.tensors:
        by_shape.setdefault(_shape(t, spell), []).append(t.name)
    each = listed([f"{_names(names, spell)} ({shape})" for shape, names in by_shape.items()])
    return f"{each}: {_count(saved.numbers, spell)}."


def _recomputable(r: Recomputable, spell: Spelling) -> str:
    name, count = spell.name(r.tensor.name), _count(numbers([r.tensor]), spell)
    of = f"follows from {_names(r.sources, spell)} without a sum" if r.sources else "is a constant"
    return f"{name} {of}: computing it again, instead of saving it, spares {count}."


def _shape(t: Tensor, spell: Spelling) -> str:
    return spell.shape(t.shape) if t.shape else "a scalar"


def _count(n: Expr, spell: Spelling) -> str:
    return f"{spell.size(n)} number" + ("" if n == S.One else "s")


def _names(names: Sequence[str], spell: Spelling) -> str:
    return listed([spell.name(n) for n in names])
