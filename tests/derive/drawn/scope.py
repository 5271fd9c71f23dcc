"""What a drawn expression may read: tensors, the indices that are free, and letters for those that are to be bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

#: The letters of indices, by the size that they run over; a nested index takes the next one.
LETTERS = {"n": ("i", "a", "d", "g"), "m": ("j", "b", "e", "h"), "q": ("k", "c", "f", "l"), "2": ("o", "u", "v", "w")}
SIZES = tuple(LETTERS)


@dataclass(frozen=True, slots=True)
class Index:
    """An index and the size that it runs over."""

    letter: str
    size: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that can be read: its axes are sizes.

    Attributes:
        outside: a read past its edge gives 0.
        bound: for an integer tensor the size below which its entries lie.
        computed: it stands at the left of an equation.
    """

    name: str
    axes: tuple[str, ...] = ()
    outside: bool = False
    bound: str = ""
    computed: bool = False

    def __str__(self) -> str:
        axes = f"[{', '.join(self.axes)}]" if self.axes else ""
        return f"{self.name}{axes}" + (f" in {self.bound}" if self.bound else "")


@dataclass(frozen=True, slots=True)
class Scope:
    """The tensors above the place where an expression is drawn, and the indices around it."""

    tensors: tuple[Tensor, ...]
    indices: tuple[Index, ...] = ()

    def real(self) -> list[Tensor]:
        """Return the real tensors, more often those with an index for each axis, and of these the computed ones."""
        found = [t for t in self.tensors if not t.bound]
        fitting = [t for t in found if all(self.over(n) for n in t.axes)]
        return fitting + found + 2 * fitting + 4 * [t for t in fitting if t.computed and t.axes]

    def data(self, bound: str) -> list[Tensor]:
        """Return the integer tensors that may stand where an index over this size is wanted and can be read here."""
        return [t for t in self.tensors if t.bound == bound and all(self.over(n) for n in t.axes)]

    def over(self, size: str) -> list[Index]:
        """Return the indices over a size."""
        return [i for i in self.indices if i.size == size]

    def unbound(self) -> list[Index]:
        """Return an index for each size, with a letter that is not taken."""
        taken = {i.letter for i in self.indices}
        found = ((size, next((x for x in letters if x not in taken), "")) for size, letters in LETTERS.items())
        return [Index(letter, size) for size, letter in found if letter]

    def within(self, *indices: Index) -> Scope:
        """Return the scope inside a reduction over these indices."""
        return replace(self, indices=(*self.indices, *indices))

    def knowing(self, *tensors: Tensor) -> Scope:
        """Return the scope below the equation of these tensors."""
        return replace(self, tensors=(*self.tensors, *tensors))

    def pairs(self) -> Iterator[tuple[Index, Index]]:
        """Yield two different indices over one size."""
        for k, first in enumerate(self.indices):
            yield from ((first, second) for second in self.indices[k + 1 :] if second.size == first.size)
