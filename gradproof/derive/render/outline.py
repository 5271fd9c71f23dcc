"""A derivation as sections and lines, before any format: what stands where, at which level of detail.

Level 1 shows the results, each with one reason; level 2 the main steps; level 3 every step with its side conditions.
A level only ever adds lines: what a lower level shows stands in every higher one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from gradproof.derive.divisors import divisors
from gradproof.derive.index import Size
from gradproof.derive.memory import Saved, saved
from gradproof.derive.model import Assumption, Equation
from gradproof.derive.nodes import Iverson, Reduce
from gradproof.derive.notation.layout import weight
from gradproof.derive.notation.printer import equation_boxes
from gradproof.derive.render.arrange import for_reading
from gradproof.derive.steps import Block, Derivation, MetKink, MetStop, Mode, Step
from gradproof.errors import NotYet

LEVELS = (1, 2, 3)
#: Two values that differ in signs alone differ by so few nodes.
MOST_SIGNS = 4
#: What a footnote is about.
Note = Assumption | MetKink | MetStop


@dataclass(frozen=True, slots=True)
class Extras:
    """What is shown on demand: the shape of each tensor at its equation, and what has to be saved, with its memory."""

    shapes: bool = False
    memory: bool = False


PLAIN = Extras()


@dataclass(frozen=True, slots=True)
class Line:
    """An equation with its reason.

    Attributes:
        equation: what is shown.
        before: the equation that it follows from, as shown just before; None for the first of a section.
        reason: the rule's name.
        uses: numbers of the equations that were used.
        marks: positions (from 0) of the footnotes that apply.
        because: the side condition, in words; only at full detail.
    """

    equation: Equation
    before: Equation | None = None
    reason: str = ""
    uses: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The lines for one adjoint: `name` is the adjoint's, `of` the tensor's."""

    name: str
    of: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A derivation, ready to be laid out.

    Attributes:
        title: the first sentence of the system's docstring.
        source: the rest of it.
        derivation: where it all comes from.
        given: the equations that were read, with the footnotes that apply to them.
        arguments: the arguments of activations that were named; of second order, the equations of the gradient.
        assumptions: those that a step used; they are footnotes too.
        unused: assumptions that were stated, and that no step used or might use.
        sections: the steps.
        results: the adjoint equations that remain; the gradients asked for are among them.
        updates: the update rules, with their gradients put in.
        notes: footnotes: assumptions used, then kinks met, then places that are treated as constants.
        shapes: for each tensor, adjoint and cotangent its shape, to be shown at its equation; empty unless asked for.
        saved: what has to be saved from the forward pass; None unless asked for.
    """

    title: str
    source: str
    derivation: Derivation
    given: tuple[Line, ...]
    arguments: tuple[Line, ...]
    assumptions: tuple[Assumption, ...]
    unused: tuple[Assumption, ...]
    sections: tuple[Section, ...]
    results: tuple[Line, ...]
    updates: tuple[Line, ...]
    notes: tuple[Note, ...]
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    saved: Saved | None = None

    def has_brackets(self, *, deltas: bool) -> bool:
        """Say whether an Iverson bracket is shown; with `deltas` equations under a sum are brackets too."""
        values = self._values()
        sums = (r for v in values if deltas for r in v.atoms(Reduce))
        return any(v.has(Iverson) for v in values) or any(c.kind in ("eq", "same") for r in sums for c in r.conditions)

    @property
    def divisors(self) -> tuple[Size, ...]:
        """The sizes that may be 0 but for the equations shown, which divide an index by them."""
        return tuple(s for s in divisors(self._values()) if s.least == 0)

    def _values(self) -> list[Expr]:
        sections = (x for s in self.sections for x in s.lines)
        lines = (*self.given, *self.arguments, *sections, *self.results, *self.updates)
        return [x.equation.value for x in lines]


def outline(derivation: Derivation, detail: int = 2, extras: Extras = PLAIN) -> Outline:
    """Return the derivation at a level of detail.

    Raises:
        ValueError: if `detail` is not 1, 2 or 3.
    """
    if detail not in LEVELS:
        raise ValueError(f"detail is one of 1, 2, 3, not {detail!r}")
    system = derivation.system
    used = tuple(a for a in system.assumptions if a.name in derivation.assumptions_used)
    notes: tuple[Note, ...] = (*used, *dict.fromkeys(derivation.kinks), *derivation.stops)
    given = system.equations if derivation.first is None else derivation.first.system.equations
    title, _, rest = system.title.partition(". ")
    return Outline(
        title=title,
        source=" ".join(f"{rest} {system.source}".split()),
        derivation=derivation,
        given=tuple(Line(e, marks=_met_in(e, notes)) for e in given),
        arguments=tuple(Line(e) for e in (*derivation.arguments, *system.equations) if e not in given),
        assumptions=used,
        unused=tuple(a for a in system.assumptions if a not in used),
        sections=_sections(derivation, detail, notes) if detail > 1 else (),
        results=tuple(_result(derivation, e, notes) for e in result_equations(derivation)),
        updates=tuple(_result(derivation, e, notes) for e in derivation.updates),
        notes=notes,
        shapes=_shapes(derivation) if extras.shapes else {},
        saved=_saved(derivation) if extras.memory else None,
    )


def _shapes(derivation: Derivation) -> dict[str, tuple[Expr, ...]]:
    found = {t.name: t.shape for t in (*derivation.system.tensors, *derivation.backward.tensors)}
    found |= {e.name: tuple(i.size for i in e.indices) for e in derivation.arguments}
    found |= {b.name: tuple(i.size for i in b.steps[-1].after.indices) for b in derivation.blocks if b.steps}
    return found


def _saved(derivation: Derivation) -> Saved:
    """Return what a backward pass needs saved.

    Raises:
        NotYet: there is no backward pass: tangents are computed together with what they are tangents of.
    """
    if derivation.mode is not Mode.GRADIENT:
        raise NotYet(
            f"the memory of a {derivation.mode} derivation is not supported yet", expected="a derivation of gradients"
        )
    return saved(derivation)


def _met_in(equation: Equation, notes: tuple[Note, ...]) -> tuple[int, ...]:
    return tuple(j for j, n in enumerate(notes) if isinstance(n, MetKink | MetStop) and n.equation == equation.number)


def result_equations(derivation: Derivation) -> tuple[Equation, ...]:
    """The adjoint equations in the display form of the gradients, and gradients that are no equation of them (zero)."""
    gradients = {e.name: e for e in derivation.gradients.values()}
    shown = {*derivation.system.by_name, *(e.name for e in derivation.arguments)}
    own = (e for e in derivation.backward.definitions if e.name not in shown)
    between = tuple(gradients.pop(e.name, e) for e in own)
    return (*between, *gradients.values())


def _result(derivation: Derivation, equation: Equation, notes: tuple[Note, ...]) -> Line:
    steps = _steps_of(derivation, equation.name)
    uses = tuple(sorted({n for s in steps for n in s.uses}))
    marks = tuple(dict.fromkeys(m for s in steps for m in _marks(s, notes)))
    return Line(equation, reason="from", uses=uses, marks=marks) if uses else Line(equation, marks=marks)


def _steps_of(derivation: Derivation, name: str) -> list[Step]:
    """Return the steps for an adjoint, and for those that were substituted into it."""
    blocks = {b.name: b for b in derivation.blocks}
    return [s for n in with_substituted(derivation, name) if n in blocks for s in blocks[n].steps]


def with_substituted(derivation: Derivation, name: str) -> list[str]:
    """Return an adjoint's name, and the names of those that were substituted into it."""
    blocks = {b.name: b for b in derivation.blocks}
    names = [name]
    for n in names:
        own = blocks[n].steps if n in blocks else ()
        words = [w for s in own if "substitute" in s.rule for w in s.rule.split()]
        names += [w for w in words if w in blocks and w not in names]
    return names


def _marks(step: Step, notes: tuple[Note, ...]) -> tuple[int, ...]:
    """The assumptions that a step names; with one alone in use, the step need not name it."""
    if "assumption" not in step.rule:
        return ()
    own = [j for j, n in enumerate(notes) if isinstance(n, Assumption)]
    return tuple(j for j in own if notes[j].name in step.because) or tuple(own)  # type: ignore[union-attr]


def _sections(derivation: Derivation, detail: int, notes: tuple[Note, ...]) -> tuple[Section, ...]:
    sections = (Section(b.name, b.of, b.heading, _lines(b, detail, notes)) for b in derivation.blocks)
    return tuple(s for s in sections if s.lines)


def _looks_the_same(a: Equation, b: Equation) -> bool:
    """Are they the same to a reader, as `sum -f` and `-sum f` are once the signs stand in front?"""
    if not a.value.has(Reduce) or abs(weight(a.value) - weight(b.value)) > MOST_SIGNS:
        return False
    first, second = (for_reading(equation_boxes(e)[1]) for e in (a, b))
    return bool(first == second)


def _lines(block: Block, detail: int, notes: tuple[Note, ...]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for step in block.steps:
        if step.detail > detail and step is not block.steps[-1]:
            continue
        before = lines[-1].equation if lines else None
        if detail < LEVELS[-1] and before is not None and _looks_the_same(before, step.after):
            continue
        marks = _marks(step, notes)
        because = step.because if detail > 2 and not marks else ""
        lines.append(Line(step.after, before, step.rule, tuple(sorted(step.uses)), marks, because))
    return tuple(lines)
