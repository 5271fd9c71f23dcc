"""In `solve Y: sum[j] A[i,j]*Y[j,k] = B[i,k]` the bound index of Y bears the letter that its axis has elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gradproof.derive.notation.boxes import Big, Elem, Sym, map_box


def with_letters(box: Any, name: str, letters: Sequence[str], taken: Collection[str]) -> Any:
    """Return the display tree with the letters of an element's axes for the indices that are bound around it.

    Args:
        box: with all letters chosen.
        name: the tensor.
        letters: one for each of its axes.
        taken: letters that stand free.
    """
    if isinstance(box, Big):
        own = {b.index.name for b in box.binders}
        for element in _elements(box.body, name):
            for index, letter in zip(element.indices, letters, strict=True):
                if isinstance(index, Sym) and index.name in own and index.name != letter and letter not in taken:
                    return with_letters(_renamed(box, {index.name: letter, letter: index.name}), name, letters, taken)
    return map_box(box, lambda b: with_letters(b, name, letters, taken))


def _elements(box: Any, name: str) -> list[Elem]:
    found: list[Elem] = []

    def go(b: Any) -> Any:
        if isinstance(b, Elem) and b.name == name:
            found.append(b)
        return map_box(b, go)

    go(box)
    return found


def _renamed(box: Any, letters: Mapping[str, str]) -> Any:
    if isinstance(box, Sym):
        return Sym(box.symbol, letters.get(box.name, box.name))
    return map_box(box, lambda b: _renamed(b, letters))
