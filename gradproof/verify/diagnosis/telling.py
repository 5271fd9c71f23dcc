"""A slip in words: the equation, what is wrong there, what it comes to, and the right line."""

from __future__ import annotations

from gradproof.derive.model import Equation, Kind, System
from gradproof.derive.nodes import Iverson, elements, names_in
from gradproof.derive.notation.printer import format_equation, format_expr
from gradproof.verify.diagnosis.forms import Form
from gradproof.verify.diagnosis.slips import reads_elsewhere
from gradproof.verify.diagnosis.slopes import is_slope
from gradproof.verify.mutate import Change

#: What a change is where its part needs no second look: kind of cause, words; {part} stands for the part.
_PLAIN = {
    "sign": ("sign", "its sign is flipped"),
    "double": ("factor", "it is twice what it should be"),
    "half": ("factor", "it is half of what it should be"),
    "zero": ("detached", "it is 0: nothing is passed on through it"),
    "sum": ("sum", "a sum is missing: of {part} only the first term is taken"),
    "condition": ("edge", "the condition {part} is missing"),
    "transpose": ("transposed-use", "{part} is read transposed"),
    "slope": ("activation", "the factor {part} is missing: the derivative of the activation"),
    "slope twice": ("activation", "the factor {part} stands twice: the derivative of the activation"),
}


def told(form: Form, equation: Equation, change: Change) -> tuple[str, str]:
    """Return the kind and the words."""
    kind, words = _what(form, equation, change)
    head = f"equation ({equation.number}), {_left(equation, form.system)}"
    return kind, f"{head}: {words}; it should read {format_equation(equation, form.system)}"


def begins(form: Form, equation: Equation, other: Equation) -> bool:
    """Is the equation the adjoint of a tensor that a starting row of the other's tensor reads?

    What is forgotten in the one is forgotten in the other too: they are one line of a program.
    """
    about, state = form.of.get(equation.name), form.of.get(other.name)
    rows = [e for e in form.system.definitions if e.kind is Kind.START and e.name == state]
    return any(about in names_in(e.value) for e in rows)


def _left(equation: Equation, system: System) -> str:
    return format_equation(equation, system).partition(" = ")[0]


def _what(form: Form, equation: Equation, change: Change) -> tuple[str, str]:
    shown = "it" if change.part is None else format_expr(change.part, form.system)
    if change.kind in _PLAIN:
        kind, words = _PLAIN[change.kind]
        return kind, words.format(part=shown)
    if change.kind in ("term", "later"):
        return _missing_term(form, equation, change, shown)
    if change.kind == "factor":
        return _missing_factor(form, equation, change, shown)
    if change.kind == "size":
        verb = "divided by" if change.text.startswith("divide") else "multiplied by"
        return "size", f"it is {verb} {shown}"
    if change.kind == "row":
        return "shift", f"{change.text}: one step off"
    if change.kind == "at":
        return "activation", f"{change.text}: the derivative of the activation is taken at the wrong place"
    return _altered(form, equation, change, shown)


def _altered(form: Form, equation: Equation, change: Change, shown: str) -> tuple[str, str]:
    """Say what a flipped sign of a term, or another power, comes to."""
    words = f"the sign of {shown} is flipped" if change.kind == "term sign" else change.text
    if is_slope(form, equation, change.part):
        return "activation", f"{words} in the derivative of the activation"
    return ("term-sign" if change.kind == "term sign" else "term-factor"), words


def _missing_term(form: Form, equation: Equation, change: Change, shown: str) -> tuple[str, str]:
    part = change.part
    if part is not None and any(reads_elsewhere(equation, e) for e in elements(part)):
        return "truncated", f"the term {shown} is missing: truncated backpropagation through time"
    if is_slope(form, equation, part):
        return "activation", f"{shown} is missing in the derivative of the activation"
    if part is not None and "mu" in {form.of.get(n) for n in names_in(part)}:
        return "mean-term", f"the term {shown} is missing: the path through the mean"
    if part is not None and "var" in {form.of.get(n) for n in names_in(part)}:
        return "variance-term", f"the term {shown} is missing: the path through the variance"
    if part is not None and len(equation.value.args) > 1 and part in equation.value.args:
        return "path", f"the term {shown} is missing: one of the paths from {form.of.get(equation.name, equation.name)}"
    return "term", f"the term {shown} is missing"


def _missing_factor(form: Form, equation: Equation, change: Change, shown: str) -> tuple[str, str]:
    part = change.part
    if part is not None and not names_in(part):
        if isinstance(part, Iverson):
            return "edge", f"the condition {shown} is missing"
        return "size", f"the factor {shown} is missing"
    if is_slope(form, equation, part):
        return "activation", f"the factor {shown} is missing: the derivative of the activation"
    return "term-factor", f"the factor {shown} is missing"
