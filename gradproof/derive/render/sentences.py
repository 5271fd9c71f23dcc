"""The sentences of a document whose words and mathematics are written differently: LaTeX, Markdown, HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sympy import Basic, Expr

from gradproof.derive.model import Assumption, Role
from gradproof.derive.render import higher
from gradproof.derive.render.bound_words import bound_sentences
from gradproof.derive.render.matrix_nodes import Matrix, Ones, Over, Times, Turned, Whole, parts_of
from gradproof.derive.render.matrix_time import form_of, held_in
from gradproof.derive.render.memory_words import Spelling, memory_sentences
from gradproof.derive.render.outline import Note, Outline
from gradproof.derive.render.symbols import Symbols
from gradproof.derive.render.wording import (
    AT_A_STEP,
    BRACKETS,
    NOTHING_TO_DERIVE,
    STOPPED,
    divided_by,
    held,
    listed,
    triangles,
)
from gradproof.derive.steps import MetStop, Mode


class Hand(Protocol):
    """Writes mathematics in a format."""

    @property
    def symbols(self) -> Symbols:
        """The spelling of names."""

    def name(self, name: str) -> str:
        """Return a tensor's or a size's name."""

    def expression(self, e: Basic, least: int = 0) -> str:
        """Return an expression."""

    def function(self, name: str) -> str:
        """Return a function's name."""

    def shape(self, shape: Sequence[Expr]) -> str:
        """Return m × C."""

    def member(self, name: str, shape: Sequence[Expr], bound: Expr | None) -> str:
        """Return W ∈ R^(D × C); with a bound the values are 0 .. bound - 1."""

    def by(self, name: str) -> str:
        """Return ∂ℓ/∂x, the derivative of any scalar."""

    def sign(self, word: str) -> str:
        """Return one of the signs "ell", "ones", "equals", and elementwise "times" and "over"."""


@dataclass(frozen=True)
class Sentences:
    """The sentences about a derivation.

    Attributes:
        outline: what they are about.
        hand: writes mathematics.
        plain: writes plain text: escapes it.
        inline: writes mathematics into a sentence: `$...$`.
    """

    outline: Outline
    hand: Hand
    plain: Callable[[str], str]
    inline: Callable[[str], str] = lambda mathematics: f"${mathematics}$"

    def name(self, name: str) -> str:
        return self.inline(self.hand.name(name))

    def claim(self) -> str:
        """Return what is derived, what the bar means where the output is an array, and what is held constant."""
        text = held(self.outline.derivation)
        return " ".join(s for s in (self._claim(), self.plain(text)) if s)

    def _claim(self) -> str:
        derivation, hand = self.outline.derivation, self.hand
        if not derivation.of:
            return NOTHING_TO_DERIVE
        if derivation.mode is not Mode.GRADIENT:
            return higher.claim(derivation, self.name, self.name)
        of, wrt = (listed([self.name(n) for n in names]) for names in (derivation.of, derivation.wrt))
        text = f"The derivative of {of} with respect to {wrt}."
        if hand.symbols.scalar:
            return text
        adjoint = {t: a for a, t in hand.symbols.adjoints.items() if a not in hand.symbols.totals}
        first, seeds = derivation.wrt[0], [self.name(adjoint[n]) for n in derivation.of if n in adjoint]
        given = f", and {listed(seeds)} {'is' if len(seeds) == 1 else 'are'} given" if seeds else ""
        shown = self.name(adjoint.get(first, f"d_{first}"))
        scalar, meaning = self.inline(hand.sign("ell")), self.inline(hand.by(first))
        return f"{text} For any scalar {scalar} computed from {of}: {shown} stands for {meaning}{given}."

    def shapes(self) -> str:
        """Return the shapes of what comes in."""
        tensors = (t for t in self.outline.derivation.system.tensors if t.role in (Role.GIVEN, Role.PARAM))
        out = [self.inline(self.hand.member(t.name, t.shape, t.bound)) for t in tensors]
        return "With " + listed(out) + "." if out else ""

    def shape(self, name: str) -> str:
        """Return a tensor's shape, where shapes are asked for; "" elsewhere."""
        shape = self.outline.shapes.get(name)
        return "" if shape is None else self.hand.shape(shape)

    def assumptions(self) -> list[str]:
        """Return a sentence for each assumption that was stated."""
        used = [f"Assuming {self.assumption(a)}." for a in self.outline.assumptions]
        return [*used, *(f"Not used: {self.assumption(a)}." for a in self.outline.unused)]

    def assumption(self, a: Assumption) -> str:
        hand = self.hand
        return self.inline(f"{hand.expression(a.left)} {hand.sign('equals')} {hand.expression(a.right)}")

    def note(self, note: Note) -> str:
        """Return a footnote's text."""
        if isinstance(note, MetStop):
            return self.plain(STOPPED)
        if isinstance(note, Assumption):
            return f"Assumed: {self.assumption(note)}."
        source = f", {note.source}" if note.source else ""
        place = note.place(lambda e: self.inline(self.hand.expression(e)))
        name, taken = self.inline(self.hand.function(note.function)), f"; {note.taken} is taken{source}."
        return f"{name}{self.plain(' has no derivative where ')}{place}{self.plain(taken)}"

    def brackets_note(self) -> list[str]:
        """Return what a condition in brackets means, if there is one."""
        sizes = [self.plain(s.name) for s in self.outline.divisors]
        brackets = [BRACKETS] if self.outline.has_brackets(deltas=False) else []
        return [*brackets, *([divided_by(sizes)] if sizes else [])]

    def matrix_note(self) -> str:
        """Return the layout of the matrix notation; "" where none is used."""
        lines = (*self.outline.results, *self.outline.updates)
        held = held_in(self.outline.derivation)
        forms: list[Matrix] = [m for x in lines for m in form_of(x.equation, held) or ()]
        inside = {type(p) for m in forms for p in parts_of(m)}
        pieces = ["each gradient has the shape of its tensor"] if not self.hand.symbols.shown else []
        pieces += ["vectors are columns"] if Turned in inside else []
        pieces += [f"{self._sign('ones')} is a column of ones"] if Ones in inside else []
        pieces += [AT_A_STEP] if any(isinstance(p, Whole) and p.at for m in forms for p in parts_of(m)) else []
        signs = [self._sign(s) for s, k in (("times", Times), ("over", Over)) if k in inside]
        pieces += [f"{listed(signs)} work{'s' if len(signs) == 1 else ''} elementwise"] if signs else []
        pieces += triangles(forms)
        return f"Matrix notation: {', '.join(pieces)}." if forms and pieces else ""

    def bound(self) -> list[str]:
        """Return what follows from the bound of a product of steps."""
        return [self.plain(s) for s in bound_sentences(self.outline.derivation)]

    def memory(self) -> list[str]:
        """Return what has to be saved from the forward pass; nothing, unless it is asked for."""
        found, hand = self.outline.saved, self.hand
        if found is None:
            return []
        spell = Spelling(self.name, lambda n: self.inline(hand.expression(n)), lambda s: self.inline(hand.shape(s)))
        return memory_sentences(found, spell)

    def _sign(self, word: str) -> str:
        return self.inline(self.hand.sign(word))
