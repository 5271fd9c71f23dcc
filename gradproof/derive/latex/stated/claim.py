"""A claim of a page, as it is handed to who judges it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from gradproof.derive.latex.chain import Document
from gradproof.derive.latex.names import latex_name
from gradproof.derive.latex.postfix import unwrap
from gradproof.derive.latex.stated.letters import free_letters, value_names
from gradproof.derive.latex.stated.spelling import spellings
from gradproof.derive.latex.stated.split import Chain, has_derivative
from gradproof.derive.latex.stated.step import Reading, Step, read_step
from gradproof.derive.latex.tree import Applied, Derivative, Num, Sym, Transpose
from gradproof.errors import Span

_DISPLAY = re.compile(
    r"\$\$.*?\$\$|\\\[.*?\\\]|\\begin\{(align|equation|gather|split)\*?\}.*?\\end\{\1\*?\}|```.*?```", re.DOTALL
)


@dataclass(frozen=True)
class Claim:
    """A chain of equalities on a page.

    Attributes:
        chain: its sides.
    """

    _page: Document = field(repr=False)
    _chains: tuple[Chain, ...] = field(repr=False)
    chain: Chain

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return self._page.source.line(self.chain.statement.at[0])

    @property
    def steps(self) -> int:
        """How many equalities are claimed."""
        return len(self.chain.sides) - 1

    def text(self, side: int) -> str:
        """Return a side as the page has it."""
        return " ".join(self._page.source.text[slice(*self.chain.sides[side].at)].split())

    def place(self, side: int) -> Span:
        """Return where a side stands."""
        return self._page.source.span(*self.chain.sides[side].at)

    @property
    def derives(self) -> bool:
        """Does it speak of a derivative?"""
        return any(has_derivative(side) for side in self.chain.sides)

    def is_zero(self, side: int) -> bool:
        """Is a side just the number 0?"""
        tree = unwrap(self.chain.sides[side])
        return isinstance(tree, Num) and float(tree.text) == 0

    def is_derivative(self, side: int) -> bool:
        """Is a side a derivative by itself?"""
        tree = unwrap(self.chain.sides[side])
        head = tree.head if isinstance(tree, Applied) else tree
        return isinstance(tree, Derivative) or (isinstance(head, Sym) and head.primes > 0)

    def is_compound(self, side: int) -> bool:
        """Is a side more than a number or one symbol, transposed or not?"""
        tree = unwrap(self.chain.sides[side])
        tree = unwrap(tree.base) if isinstance(tree, Transpose) else tree
        return not isinstance(tree, Num | Sym)

    @property
    def names_of_sides(self) -> tuple[frozenset[str], ...]:
        """The names that each side reads."""
        return tuple(frozenset(value_names(self._page.know, side)) for side in self.chain.sides)

    @property
    def page_text(self) -> str:
        """The text of the whole page."""
        return self._page.source.text

    def line_of(self, side: int) -> int:
        """Where a side stands, from 1."""
        return self._page.source.line(self.chain.sides[side].at[0])

    def around(self, characters: int = 400) -> str:
        """Return the prose before and after it, in which a condition may stand, without displays."""
        start, end = self.chain.statement.at
        text = _DISPLAY.sub(lambda m: " " * len(m[0]), self._page.source.text)
        return f"{text[max(0, start - characters) : start]}\n{text[end : end + characters // 2]}"

    @property
    def spellings(self) -> dict[str, Callable[[list[str]], str]]:
        """How the page writes its names over their indices."""
        page = self._page
        trees: list[object] = [self.chain.head, self.chain.sides, *((s.left, s.right) for s in page.statements)]
        return spellings(page.know, page.source.text, trees)

    def spelled(self, latex: str) -> str:
        r"""Return mathematics with the page's own name for the sigmoid, or one that is read everywhere."""
        functions = self._page.know.functions
        own = next((f"{latex_name(n)[0]}(" for n, f in functions.items() if f.builtin == "sigmoid"), "")
        return latex.replace(r"\sigma(", own or r"\operatorname{sigmoid}(")

    def others(self, name: str, used: int) -> tuple[tuple[int, int], ...]:
        """Return (position, line) of the definitions of a name other than the one in a line."""
        places = self._page.places.get(name, [])
        found = ((j, self._page.source.line(self._page.statements[j].at[0])) for j in places)
        return tuple((j, line) for j, line in found if line != used)

    def free(self, side: int) -> tuple[str, ...]:
        """Return the index letters of a side that the chain does not begin with."""
        chain = self.chain
        begun = free_letters(self._page.know, tuple(x for x in (chain.head, chain.sides[0]) if x is not None))
        mine = free_letters(self._page.know, chain.sides[side])
        return tuple(x.name for x in mine if x.name not in {y.name for y in begun})

    def read(self, first: int, second: int, reading: Reading | None = None) -> Step:
        """Return `first = second`, two of the sides by their positions, as a system.

        Raises:
            InputError: what cannot be read, with its place.
        """
        return read_step(self._page, self._chains, self.chain, (first, second), reading or Reading())
