"""How alike two names are: `Wx` and `W_x`, `labels` and `label`, `prev_h` and `h0`."""

from __future__ import annotations

import difflib

#: Names that mean the same in code and in the catalogue.
_ALIKE = (
    frozenset({"x", "inputs", "input", "data"}),
    frozenset({"y", "t", "target", "targets", "label", "labels", "y_true"}),
    frozenset({"z", "logits", "scores", "a"}),
    frozenset({"h0", "h_prev", "prev_h", "h_init", "h"}),
    frozenset({"c0", "c_prev", "prev_c", "c_init", "c"}),
    frozenset({"w", "w_x", "wx", "w_xh", "w_ih", "weight", "weights", "w_i"}),
    frozenset({"u", "w_h", "wh", "w_hh", "w_r"}),
    frozenset({"b", "bias", "biases"}),
    frozenset({"gamma", "scale", "weight", "g"}),
    frozenset({"beta", "shift", "bias"}),
    frozenset({"lam", "lambda", "reg", "alpha", "l2", "decay"}),
    frozenset({"eps", "epsilon"}),
)


def likeness(name: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1.

    >>> likeness("W_i", "W_i"), likeness("Wi", "W_i") > likeness("Uf", "W_i")
    (1.0, True)
    """
    if name == other:
        return 1.0
    a, b = name.lower(), other.lower()
    if a == b:
        return 0.95
    if a.replace("_", "") == b.replace("_", ""):
        return 0.9
    if any(a in group and b in group for group in _ALIKE):
        return 0.7
    return 0.5 * difflib.SequenceMatcher(None, a, b).ratio()
