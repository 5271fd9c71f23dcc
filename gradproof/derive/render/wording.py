"""The sentences of a page: what is derived, what the signs mean, shapes, footnotes."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from gradproof.derive.implicit import is_solution
from gradproof.derive.model import Assumption, Role, System
from gradproof.derive.render import higher
from gradproof.derive.render.mathtext import Writer
from gradproof.derive.render.matrix_nodes import Matrix, Ones, Over, Times, Triangle, Turned, Whole, parts_of
from gradproof.derive.render.outline import Note, Outline
from gradproof.derive.steps import Derivation, MetStop, Mode

#: What is said of a system of updates alone.
NOTHING_TO_DERIVE = "There is nothing to derive: the gradient comes in."
#: What is said above the equations that name arguments.
ARGUMENTS = "naming the arguments of activations"
#: What stands above the inverses that the derivatives of log-determinants need.
INVERSES = "naming the inverse"
#: What is said of a `stop(...)`.
STOPPED = "stop: treated as a constant here. Its value stays, and its derivative is 0 by definition."
#: What an index in matrix notation stands for.
AT_A_STEP = "an index picks the part at that step"
#: What is said where a page shows an Iverson bracket.
BRACKETS = "A condition in brackets counts as 1 where it holds, and as 0 elsewhere."


def divided_by(sizes: Sequence[str]) -> str:
    """Return what is said of sizes that an index is divided by.

    >>> divided_by(["s"])
    'Here s is at least 1: an index is divided by it.'
    """
    verb, they = ("is", "it") if len(sizes) == 1 else ("are", "them")
    return f"Here {listed(list(sizes))} {verb} at least 1: an index is divided by {they}."


def claim(derivation: Derivation, writer: Writer) -> str:
    """Return `The derivative of L with respect to W and b.`"""
    if not derivation.of:
        return NOTHING_TO_DERIVE
    if derivation.mode is not Mode.GRADIENT:
        return higher.claim(derivation, writer.symbols.plain, writer.symbols.tensor)
    of = listed([writer.symbols.plain(n) for n in derivation.of])
    wrt = listed([writer.symbols.plain(n) for n in derivation.wrt])
    return f"The derivative of {of} with respect to {wrt}."


def convention(derivation: Derivation, writer: Writer) -> str:
    """Return what ∂y stands for where the output is an array; "" for a scalar, where ∂L/∂y needs no words."""
    if writer.symbols.scalar or not derivation.of or derivation.mode is not Mode.GRADIENT:
        return ""
    outputs = [n for n in derivation.of if derivation.system[n].shape] or list(derivation.of)
    seeds = [writer.symbols.short(_adjoint_of(writer, n)) for n in outputs]
    every = listed([writer.symbols.plain(n) for n in derivation.of])
    first = writer.symbols.plain(derivation.wrt[0])
    shown = writer.symbols.short(_adjoint_of(writer, derivation.wrt[0]))
    verb = "is" if len(seeds) == 1 else "are"
    scalar = "any scalar" if writer.symbols.ascii else "any scalar ℓ"
    meaning = f"the derivative of it with respect to {first}" if writer.symbols.ascii else f"∂ℓ/∂{first}"
    text = f"For {scalar} computed from {every}: {shown} stands for {meaning}, and {listed(seeds)} {verb} given."
    return " ".join([text, *_total_sentences(writer)])


def _total_sentences(writer: Writer) -> list[str]:
    """Say what ∂⁺h is: the cotangent that is given, and later uses."""
    symbols = writer.symbols
    of = {t: symbols.adjoints[t] for t in sorted(symbols.totals)}
    return [f"{symbols.short(t)} adds the uses of {symbols.plain(name)} to it." for t, name in of.items()]


def _adjoint_of(writer: Writer, name: str) -> str:
    found = [a for a, t in writer.symbols.adjoints.items() if t == name and a not in writer.symbols.totals]
    return found[0] if found else f"d_{name}"


def shapes(system: System, writer: Writer) -> str:
    """Return `z, y: m × C;  W: C × D`, tensors of one shape together, computed ones left out."""
    by_shape: dict[str, list[str]] = {}
    for t in system.tensors:
        if t.role in (Role.GIVEN, Role.PARAM):
            kind = shape_text(t.shape, writer) + (
                f", values 0 .. {writer.text(t.bound - 1)}" if t.bound is not None else ""
            )
            by_shape.setdefault(kind, []).append(writer.symbols.short(t.name))
    return ";  ".join(f"{', '.join(names)}: {kind}" for kind, names in by_shape.items())


def shape_text(shape: Sequence[Expr], writer: Writer) -> str:
    """Return `m × C`, in ASCII `m x C`."""
    return (" x " if writer.symbols.ascii else " × ").join(writer.text(n) for n in shape) or "scalar"


def assumption_text(a: Assumption, writer: Writer) -> str:
    """Return `Σ[c] y[i,c] = 1`."""
    return f"{writer.text(a.left)} = {writer.text(a.right)}"


def held(derivation: Derivation) -> str:
    """Return what is said of a derivation that met a `stop(...)`; "" where there is none."""
    if not derivation.stops:
        return ""
    return "What stands in stop(...) is held constant: this is not the whole derivative."


def note_text(note: Note, writer: Writer) -> str:
    """Return a footnote's text."""
    if isinstance(note, MetStop):
        return STOPPED
    if isinstance(note, Assumption):
        return f"Assumed: {assumption_text(note, writer)}. For the result without it: --without {note.name}"
    source = f", {note.source}" if note.source else ""
    function = writer.symbols.function(note.function)
    return f"{function} has no derivative where {note.place(writer.text)}; {note.taken} is taken{source}."


def matrix_note(forms: Sequence[Matrix], writer: Writer) -> str:
    """Return the layout of the matrix notation, with the signs that occur."""
    inside = {type(p) for m in forms for p in parts_of(m)}
    symbols = writer.symbols
    names = [p.name for m in forms for p in parts_of(m) if isinstance(p, Whole)]
    pieces = ["each gradient has the shape of its tensor"] if not symbols.shown else []
    short = next((n for n in names if n in symbols.adjoints and n not in symbols.shown), "")
    if symbols.scalar and short and not symbols.ascii:
        pieces.insert(0, f"{symbols.short(short)} is short for {symbols.tensor(short)}")
    if Turned in inside:
        pieces.append("vectors are columns")
    if Ones in inside:
        pieces.append("1 is a column of ones")
    if any(isinstance(p, Whole) and p.at for m in forms for p in parts_of(m)):
        pieces.append(AT_A_STEP)
    signs = [s for s, k in (("*", Times), ("/", Over)) if k in inside]
    if signs:
        shown = listed(signs if symbols.ascii else [{"*": "⊙", "/": "⊘"}[s] for s in signs])
        pieces.append(f"{shown} work{'s' if len(signs) == 1 else ''} elementwise")
    pieces += triangles(forms)
    return f"Matrix notation: {', '.join(pieces)}." if pieces else ""


def triangles(forms: Sequence[Matrix]) -> list[str]:
    """Return what `tril` and `triu` keep, where they occur."""
    upper = {p.upper for m in forms for p in parts_of(m) if isinstance(p, Triangle)}
    kept = ((False, "tril keeps the diagonal and what is below it"), (True, "triu the diagonal and what is above it"))
    found = [text for side, text in kept if side in upper]
    return [f"{found[0]}, {found[1]}"] if len(found) == 2 else [t.replace("triu the", "triu keeps the") for t in found]


def listed(names: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def is_typed(source: str) -> bool:
    r"""Say whether the line below the title is a formula as it was typed, not prose: it is shown as code.

    >>> is_typed(r"z_i = \mathbf{w}^\top x_i"), is_typed("Bridle (1990)")
    (True, False)
    """
    return "=" in source or "\\" in source


def title_of(outline: Outline) -> str:
    """Return the title as a heading: without a full stop at its end."""
    title = (outline.title or "Derivation").removesuffix(".")
    mode = outline.derivation.mode
    return title if mode is Mode.GRADIENT else f"{title}: {higher.TITLES[mode]}"


def arguments_title(outline: Outline) -> str:
    """Return what stands above the equations that follow those that were read."""
    if outline.derivation.parts:
        adjoints = higher.first_adjoints(outline.derivation)
        named = any(x.equation.name not in adjoints for x in outline.arguments)
        return f"{ARGUMENTS}, {higher.OF_THE_LOSS}" if named else higher.OF_THE_LOSS
    if outline.derivation.first is not None:
        return higher.GRADIENT
    return INVERSES if all(is_solution(x.equation.value) for x in outline.arguments) else ARGUMENTS


def heading_of(heading: str, of: str) -> tuple[str, str]:
    """Return (`Adjoint of `, `a1`) for the heading `adjoint of a1`: the name is written as a name."""
    text = heading[:1].upper() + heading[1:]
    return (text.removesuffix(of), of) if text.endswith(f" {of}") else (text, "")
