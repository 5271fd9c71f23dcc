"""A term added to the gradient: a regulariser, a constant, the upstream gradient, another input."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.study import Point, Study


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: claimed - right is c times the input, its sign, its direction, 1, the cotangent, another input."""
    x = study.input(study.here, k)
    if x.size > 1 or study.further:
        yield _term(k, "regulariser", "x", "a regulariser's (λ·x)", lambda p: study.input(p, k))
        if x.size > 2:
            yield _term(k, "regulariser", "x/‖x‖", "a norm's", lambda p: _unit(study, p, k))
    if study.case.cotangent is not None and np.shape(study.case.cotangent) == x.shape:
        yield _term(k, "residual", "the upstream gradient", "a skip connection's", lambda p: p.cotangent)
    yield _term(k, "constant", "1", "a constant one", lambda p: np.ones_like(p.true[k]))
    for place, name in enumerate(study.case.names[: len(study.case.inputs)]):
        if place != study.case.wrt[k] and np.shape(study.case.inputs[place]) == x.shape and x.ndim:
            yield _term(k, "term", f"`{name}`", "one", _input(place))


def later(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: claimed - right is c times the input's sign; two exchanged branches look the same."""
    x = study.input(study.here, k)
    if np.any(x < 0) and np.any(x > 0):
        words = "an L1 regulariser's (λ·sign(x))"
        yield _term(k, "regulariser", "sign(x)", words, lambda p: np.sign(study.input(p, k)))


def _term(k: int, kind: str, what: str, words: str, model: Model) -> Hypothesis:
    def say(c: float) -> tuple[str, str] | None:
        state = "too much" if c > 0 else "missing"
        sign = "claimed - right" if c > 0 else "right - claimed"
        if kind == "residual" and abs(abs(c) - 1) < 1e-6:
            return kind, f"the upstream gradient itself is {state} in the gradient of {{of}}: a skip connection"
        return kind, f"a term of the gradient of {{of}} is {state}, {words}: {sign} = {abs(c):.6g}·{what}"

    return Hypothesis(k, say, base=lambda p: p.true[k], direction=model, least=3)


def _unit(study: Study, p: Point, k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    x = study.input(p, k)
    size = float(np.linalg.norm(x))
    return x / size if size else None


def _input(place: int) -> Model:
    return lambda p: np.asarray(p.inputs[place], dtype=np.float64)
