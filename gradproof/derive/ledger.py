"""Run an expression through the passes, one after the other, and keep every change as a step.

The passes are the only path: the result of a derivation is the last step's right-hand side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from gradproof.derive.display import compact
from gradproof.derive.model import Equation
from gradproof.derive.normal import Context, normalise
from gradproof.derive.normal.context import ALGEBRA, ALL_RULES, FOLD, KNOWN, OUTPUT, SIFT, Note
from gradproof.derive.steps import Step

#: (name of the step, rules in force, least detail at which it is shown), in the order in which they run.
PASSES = (
    ("sift the delta", SIFT, 3),
    ("pull out factors", ALGEBRA, 3),
    ("fold a definition", FOLD, 2),
    ("write in terms of the output", OUTPUT, 2),
    ("a known sum", KNOWN, 2),
    ("use an assumption", ALL_RULES, 2),
)

#: Notes of the algebra pass that make a better name for it than "pull out factors".
ALGEBRA_NAMES = (
    "sum of a constant",
    "a sum of independent factors is a product of sums",
    "a sum of sums",
    "sum rule",
    "pull out a factor",
    "equal indices under a bracket",
)
#: The name of a step by which a mean's own share in the variance vanishes.
MEAN = "deviations from a mean sum to 0"


@dataclass
class Ledger:
    """The growing list of steps for one adjoint, and what they used."""

    equation: Equation | None = None
    steps: list[Step] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)

    def state(
        self, rule: str, equation: Equation, *, because: str = "", uses: Iterable[int] = (), detail: int = 1
    ) -> None:
        """Add a step that states the equation, by a rule of its own."""
        self.steps.append(Step(rule, self.equation, equation, because, tuple(uses), detail))
        self.equation = equation

    def replace(self, rule: str, value: Expr, *, because: str = "", uses: Iterable[int] = (), detail: int = 2) -> None:
        """Add a step that gives the current equation a new right-hand side, if it is new."""
        current = self._current
        if value != current.value:
            after = Equation(current.number, current.target, value, current.kind)
            self.state(rule, after, because=because, uses=uses, detail=detail)

    def run(self, context: Context) -> Expr:
        """Bring the current right-hand side to normal form, pass by pass."""
        for name, rules, detail in PASSES:
            here = context.having(rules=context.rules & rules, notes=[])
            value = normalise(self._current.value, here)
            self.record(name, value, here.notes, detail)
        return self._current.value

    def collect(self, context: Context) -> None:
        """Bring the current right-hand side to the compact form that is printed."""
        here = context.having(notes=[])
        value = compact(self.value, here)
        multiplied = any(n.rule == "multiply out" for n in here.notes)
        self.replace("multiply out and collect" if multiplied else "collect common factors", value, detail=3)

    def record(self, name: str, value: Expr, notes: list[Note], detail: int) -> None:
        """Add a pass's result as a step, with what fired as its reason."""
        if value == self._current.value:
            return
        fired = list(dict.fromkeys(n.rule for n in notes))
        if name == "pull out factors":
            name = next((n for n in ALGEBRA_NAMES if n in fired), name)
        if "mean" in fired:
            name = MEAN
        facts = list(dict.fromkeys(n for n in notes if n.fact and n.rule in _FACT_WORDS))
        because = "; ".join(_FACT_WORDS[n.rule].format(n.text or n.fact) for n in facts)
        self.assumptions += [n.fact for n in facts if n.rule == "assume" and n.fact not in self.assumptions]
        uses = sorted({n.equation for n in facts if n.equation})
        self.replace(name, value, because=because, uses=uses, detail=detail)

    @property
    def value(self) -> Expr:
        """The current right-hand side."""
        return self._current.value

    @property
    def _current(self) -> Equation:
        if self.equation is None:
            raise AssertionError("a ledger starts with a stated equation")
        return self.equation


_FACT_WORDS = {
    "fold": "the definition of {}",
    "output": "its own output {}",
    "known": "{}",
    "mean": "{}",
    "assume": "assuming {}",
}
