"""What is being solved, and how its parts are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from gradproof.derive.canonical import closed_values
from gradproof.derive.canonical.inline import written_in
from gradproof.derive.display import compact
from gradproof.derive.implicit import is_inverse
from gradproof.derive.index import Index
from gradproof.derive.model import Equation, System
from gradproof.derive.naming import pick_letter
from gradproof.derive.nodes import Element
from gradproof.derive.normal import Context, normalise
from gradproof.derive.normal.context import ALGEBRA, row_lows
from gradproof.derive.notation.printer import format_equation, format_expr
from gradproof.derive.stationary.solution import Line

#: Rules of lines that say something of the gradient itself.
FIRST, SECOND = "set the gradient to zero", "second derivative there"


@dataclass(frozen=True, slots=True)
class State:
    """The equations with their gradients, the unknowns, and the names of the forward tensors."""

    system: System
    unknowns: tuple[str, ...]
    forward: frozenset[str]

    @property
    def soft(self) -> Context:
        """Sums as they stand: (x - mu)**2 stays together."""
        return Context(self.system.by_name, rules=ALGEBRA, lows=row_lows(self.system))

    @property
    def hard(self) -> Context:
        """Everything multiplied out."""
        return self.soft.having(cotangents=frozenset(self.system.by_name))

    def tidy(self, e: Expr) -> Expr:
        """Return an expression as it is printed."""
        return compact(normalise(e, self.soft), self.soft)

    def line(self, rule: str, left: Expr | str, right: Expr | str, because: str = "") -> Line:
        texts = (x if isinstance(x, str) else format_expr(x, self.system) for x in (left, right))
        return Line(rule, " = ".join(texts), because)


def target_of(gradient: Equation, state: State) -> Element:
    """Return the element of the unknown that a gradient belongs to."""
    name = next(u for u in state.unknowns if gradient.name.endswith(f"_{u}"))
    return Element(name, *gradient.target.indices)


def gradient_line(shown: Equation, state: State) -> Line:
    """Return the gradient as derived, without the names of other adjoints."""
    forward = state.forward
    kept = {n for n in state.system.by_name if n in forward}
    kept |= {e.name for e in state.system.definitions if is_inverse(e)}
    values = closed_values(state.system, kept)
    whole = written_in(shown, values)
    if whole is not shown:
        whole = replace(whole, value=state.tidy(whole.value))
    return Line("the gradient", format_equation(whole, state.system))


def columns_of(target: Element, system: System, also: Sequence[Index] = ()) -> tuple[Index, ...]:
    """Return indices for a second set of the unknown's axes."""
    used = [i.name for i in (*target.indices, *also)]
    out = []
    for i in target.indices:
        letter = pick_letter(system, i.size, used)
        used.append(letter)
        out.append(Index(letter, i.size))
    return tuple(out)
