"""A factor that is one number for the whole input, and another one at another point: of f, or of an input's size."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.families.shaped import times
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Point, Study

#: Functions of f that are derivatives of an outermost function, and that function.
_OF_F: tuple[tuple[str, Callable[[float], float], str], ...] = (
    ("f", lambda f: f, "an exponential"),
    ("1/f", lambda f: 1 / f, "a square root (or a norm)"),
    ("exp(-f)", lambda f: float(np.exp(-f)), "a logarithm"),
    ("exp(f)", lambda f: float(np.exp(f)), "a logarithm"),
    ("f²", lambda f: f * f, "1/x"),
    ("√f", lambda f: float(np.sqrt(abs(f))), "a square"),
    ("f(1 - f)", lambda f: f * (1 - f), "a sigmoid"),
    ("1 - f²", lambda f: 1 - f * f, "tanh"),
)


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the claim is the right gradient times (or over) a function of f, a norm, a sum of an input."""
    if study.case.cotangent is None and study.further:
        for words, function, outer in _OF_F:
            text = f"the factor {words} is missing in the gradient of {{of}}: the derivative of {outer}, the outermost"
            yield times(study, k, "term-factor", text, _times_f(study, k, function, -1))
        for words, function, _ in _OF_F:
            text = f"the factor {words} is too much in the gradient of {{of}}"
            yield times(study, k, "term-factor", text, _times_f(study, k, function, 1))
    for place, name in enumerate(study.case.names[: len(study.case.inputs)]):
        a = np.asarray(study.case.inputs[place])
        if study.further and a.dtype.kind == "f" and a.size > 1:
            for words, size in _of_input(name):
                text = f"the factor {words} is missing in the gradient of {{of}}"
                yield times(study, k, "term-factor", text, _times_input(k, place, size, -1))
                text = f"the factor {words} is too much in the gradient of {{of}}"
                yield times(study, k, "term-factor", text, _times_input(k, place, size, 1))


def _of_input(name: str) -> tuple[tuple[str, Callable[[Array], float]], ...]:
    return (
        (f"‖`{name}`‖", lambda a: float(np.linalg.norm(a))),
        (f"‖`{name}`‖²", lambda a: float(np.sum(a * a))),
        (f"Σ `{name}`", lambda a: float(np.sum(a))),
        (f"the standard deviation of `{name}`", lambda a: float(np.std(a))),
        (f"max `{name}`", lambda a: float(np.max(a))),
    )


def _times_f(study: Study, k: int, function: Callable[[float], float], power: int) -> Model:
    def model(p: Point) -> Array | None:
        factor = function(study.case.objective(p.inputs))
        return p.true[k] * factor**power if np.isfinite(factor) and factor else None

    return model


def _times_input(k: int, place: int, function: Callable[[Array], float], power: int) -> Model:
    def model(p: Point) -> Array | None:
        factor = function(np.asarray(p.inputs[place], dtype=np.float64))
        return p.true[k] * factor**power if np.isfinite(factor) and factor else None

    return model
