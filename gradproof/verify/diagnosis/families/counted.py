"""A factor that follows from how often an integer input names a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradproof.verify.diagnosis.case import Array
from gradproof.verify.diagnosis.hypothesis import Hypothesis, Model, exactly
from gradproof.verify.diagnosis.study import Study

_OF_COUNTS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("n", lambda n: n),
    ("1/n", lambda n: 1 / n),
    ("1 - 1/n", lambda n: 1 - 1 / n),
    ("1 + 1/n", lambda n: 1 + 1 / n),
    ("n/(n - 1)", lambda n: n / (n - 1)),
    ("√n", np.sqrt),
    ("1/√n", lambda n: 1 / np.sqrt(n)),
)


def candidates(study: Study, k: int) -> Iterator[Hypothesis]:
    """Yield: the gradient is off by a function of the size of the group that an entry (or row) belongs to."""
    shape = study.here.true[k].shape
    for place, a in enumerate(study.case.inputs):
        labels = np.asarray(a)
        if labels.dtype.kind not in "iu" or not labels.ndim or labels.shape != shape[: labels.ndim]:
            continue
        _, group, counts = np.unique(labels, return_inverse=True, return_counts=True)
        if len(set(counts.tolist())) < 2:
            continue
        n = counts[group].reshape(labels.shape + (1,) * (len(shape) - labels.ndim)).astype(float)
        name = study.case.names[place]
        for words, function in _OF_COUNTS:
            with np.errstate(divide="ignore"):
                factor = function(n)
            text = f"the gradient of {{of}} is {words} times what it should be, n the size of the group in `{name}`"
            yield exactly(k, "term-factor", text, _times(k, factor))


def _times(k: int, factor: Array) -> Model:
    return lambda p: p.true[k] * factor
