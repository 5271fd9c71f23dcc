"""What the families of places share: a model of the claim times a factor that has a name."""

from __future__ import annotations

from gradproof.verify.diagnosis.factors import close, say_factor
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model
from gradproof.verify.diagnosis.sizes import sizes
from gradproof.verify.diagnosis.study import Study

#: Factors that may go along with another mistake, beside the sizes of the problem.
_PLAIN = (-1.0, 2.0, 0.5, -2.0, -0.5, 4.0, 0.25)


def times(study: Study, k: int, kind: str, text: str, model: Model, *, fitted: int = 0) -> Hypothesis:
    """Return the hypothesis that the claim is the model, or the model times a factor that can be named."""
    known = sizes(study.case)

    def say(c: float) -> tuple[str, str] | None:
        if close(c, 1):
            return kind, text
        named = [*_PLAIN, *(s * n**e for n in known for e in (1, -1) for s in (1.0, -1.0, 2.0))]
        if not any(close(c, value) for value in named):
            return None
        return kind, f"{text}; besides, {say_factor(c, known)[1]}"

    return Hypothesis(k, say, direction=model, fitted=fitted)
