"""A derivation as JSON. `SCHEMA` (JSON Schema, 2020-12) documents it; equations come in the notation and in LaTeX."""

from __future__ import annotations

import json
from typing import Any

from gradproof.derive.memory import numbers, saved
from gradproof.derive.model import Assumption, Equation, Role
from gradproof.derive.notation.printer import format_equation, format_expr
from gradproof.derive.render.latex_text import LatexHand
from gradproof.derive.render.mathtext import Writer, flat_text
from gradproof.derive.render.matrix_text import hand_of, matrix_doc
from gradproof.derive.render.matrix_time import form_of
from gradproof.derive.render.outline import Line, Section, outline
from gradproof.derive.steps import Derivation, MetKink, Mode
from gradproof.derive.through_time.path import GateBound

_TEXT = {"type": "string"}
_NUMBERS = {"type": "array", "items": {"type": "integer"}}


def _record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_KIND = {"type": "string", "enum": ["define", "start", "update"]}
_EQUATION = _record(number={"type": "integer"}, kind=_KIND, notation=_TEXT, latex=_TEXT)
_TENSOR = _record(name=_TEXT, shape=_list(_TEXT), role={"type": "string", "enum": [str(r) for r in Role]})
_ASSUMPTION = _record(name=_TEXT, notation=_TEXT, used={"type": "boolean"})
_STEP = _record(
    rule=_TEXT,
    before={"type": ["string", "null"]},
    after=_EQUATION,
    because=_TEXT,
    uses=_NUMBERS,
)
_MATRIX = {"anyOf": [{"type": "null"}, _record(text=_TEXT, latex=_TEXT)]}
_RESULT = _record(name=_TEXT, of=_TEXT, equation=_EQUATION, matrix=_MATRIX, uses=_NUMBERS)
_SPARED = _record(name=_TEXT, sources=_list(_TEXT), numbers=_TEXT)
_SAVED = _record(
    tensors=_list(_TEXT),
    numbers=_TEXT,
    inputs=_list(_TEXT),
    cotangents=_list(_TEXT),
    again=_list(_TEXT),
    recomputable=_list(_SPARED),
)
_BOUND = _record(kind={"enum": ["norm", "gate"]}, by=_TEXT, function=_TEXT, steepest={"type": ["string", "null"]})
_PATH = _record(state=_TEXT, step=_TEXT, product=_TEXT, held=_list(_TEXT), bound={"anyOf": [{"type": "null"}, _BOUND]})
_KINK = _record(function=_TEXT, where=_TEXT, taken=_TEXT, source=_TEXT, equation={"type": "integer"})

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A gradproof derivation",
    **_record(
        format={"type": "string", "enum": ["gradproof-derivation"]},
        version={"type": "integer", "enum": [1]},
        title=_TEXT,
        source=_TEXT,
        of=_list(_TEXT),
        wrt=_list(_TEXT),
        mode={"type": "string", "enum": [str(m) for m in Mode]},
        order={"type": "integer", "enum": [1, 2]},
        directions=_list(_record(name=_TEXT, of=_TEXT)),
        detail={"type": "integer", "enum": [1, 2, 3]},
        tensors=_list(_TENSOR),
        equations=_list(_EQUATION),
        arguments=_list(_EQUATION),
        assumptions=_list(_ASSUMPTION),
        sections=_list(_record(name=_TEXT, of=_TEXT, heading=_TEXT, steps=_list(_STEP))),
        results=_list(_RESULT),
        updates=_list(_RESULT),
        saved=_SAVED,
        path={"anyOf": [{"type": "null"}, _PATH]},
        kinks=_list(_KINK),
        stops=_NUMBERS,
    ),
}


def to_json(derivation: Derivation, *, detail: int = 2, ascii: bool = False) -> str:  # noqa: A002
    """Return the derivation as JSON that follows `SCHEMA`; with `ascii` other letters are written as escapes."""
    return json.dumps(record(derivation, detail=detail), ensure_ascii=ascii, indent=2) + "\n"


def record(derivation: Derivation, *, detail: int = 2) -> dict[str, Any]:
    """Return the derivation as plain dictionaries and lists that follow `SCHEMA`."""
    content = outline(derivation, detail)
    system = derivation.system
    hand = LatexHand.of(derivation)
    return {
        "format": "gradproof-derivation",
        "version": 1,
        "title": system.title,
        "source": system.source,
        "of": list(derivation.of),
        "wrt": list(derivation.wrt),
        "mode": str(derivation.mode),
        "order": derivation.order,
        "directions": [{"name": v, "of": w} for w, v in derivation.directions.items()],
        "detail": detail,
        "tensors": [
            {"name": t.name, "shape": [format_expr(n, system) for n in t.shape], "role": str(t.role)}
            for t in (*system.tensors, *(t for t in derivation.backward.tensors if t.name not in system.by_name))
        ],
        "equations": [_equation(e, hand) for e in system.equations],
        "arguments": [_equation(e, hand) for e in derivation.arguments],
        "assumptions": [_assumption(a, derivation) for a in system.assumptions],
        "sections": [_section(s, hand) for s in content.sections],
        "results": [_result(x, hand) for x in content.results],
        "updates": [_result(x, hand) for x in content.updates],
        "saved": _saved(derivation),
        "path": _path(derivation),
        "kinks": [_kink(k) for k in derivation.kinks],
        "stops": [s.equation for s in derivation.stops],
    }


def _equation(e: Equation, hand: LatexHand) -> dict[str, Any]:
    return {
        "number": e.number,
        "kind": str(e.kind),
        "notation": format_equation(e, hand.system),
        "latex": " ".join(hand.sides(e)),
    }


def _assumption(a: Assumption, derivation: Derivation) -> dict[str, Any]:
    text = f"{format_expr(a.left, derivation.system)} = {format_expr(a.right, derivation.system)}"
    return {"name": a.name, "notation": text, "used": a.name in derivation.assumptions_used}


def _section(section: Section, hand: LatexHand) -> dict[str, Any]:
    steps = [_step(x, hand) for x in section.lines]
    return {"name": section.name, "of": section.of, "heading": section.heading, "steps": steps}


def _step(line: Line, hand: LatexHand) -> dict[str, Any]:
    before = None if line.before is None else format_equation(line.before, hand.system)
    return {
        "rule": line.reason,
        "before": before,
        "after": _equation(line.equation, hand),
        "because": line.because,
        "uses": list(line.uses),
    }


def _result(line: Line, hand: LatexHand) -> dict[str, Any]:
    name = line.equation.name
    return {
        "name": name,
        "of": hand.symbols.adjoints.get(name, name),
        "equation": _equation(line.equation, hand),
        "matrix": _matrix(line.equation, hand),
        "uses": list(line.uses),
    }


def _matrix(e: Equation, hand: LatexHand) -> dict[str, str] | None:
    form, latex = form_of(e, hand.held), hand.matrix(e)
    if form is None or latex is None:
        return None
    writer = hand_of(Writer(hand.symbols, hand.system))
    left, right = (flat_text(matrix_doc(m, writer)) for m in form)
    return {"text": f"{left} {latex[1]} {right}", "latex": " ".join(latex)}


def _saved(derivation: Derivation) -> dict[str, Any]:
    found = saved(derivation)
    parts = {"tensors": found.tensors, "inputs": found.inputs, "cotangents": found.cotangents}
    spared = [
        {"name": r.tensor.name, "sources": list(r.sources), "numbers": format_expr(numbers([r.tensor]))}
        for r in found.recomputable
    ]
    return {
        **{key: [t.name for t in tensors] for key, tensors in parts.items()},
        "numbers": format_expr(found.numbers),
        "again": list(found.again),
        "recomputable": spared,
    }


def _path(derivation: Derivation) -> dict[str, Any] | None:
    path = derivation.path
    if path is None:
        return None
    bound: dict[str, Any] | None = None
    if isinstance(path.bound, GateBound):
        bound = {"kind": "gate", "by": path.bound.gate, "function": "sigmoid", "steepest": None}
    elif path.bound is not None:
        steepest = None if path.bound.steepest is None else format_expr(path.bound.steepest)
        bound = {"kind": "norm", "by": path.bound.weight, "function": path.bound.function, "steepest": steepest}
    return {
        "state": path.recurrence.state,
        "step": path.step,
        "product": path.product,
        "held": list(path.recurrence.held),
        "bound": bound,
    }


def _kink(k: MetKink) -> dict[str, Any]:
    return {"function": k.function, "where": k.where, "taken": k.taken, "source": k.source, "equation": k.equation}
