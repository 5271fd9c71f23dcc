"""How inputs of catalogue entries are drawn where a normal distribution does not fit, and what is differentiated."""

from __future__ import annotations

from collections.abc import Mapping

_TARGETS: Mapping[str, float | str] = {"y": "probabilities"}

#: For each kernel how its inputs are drawn (see `inputs`), and what is differentiated; () for the system's choice.
RECIPES: dict[str, tuple[Mapping[str, float | str], tuple[str, ...]]] = {
    "softmax_cross_entropy": (_TARGETS, ("z",)),
    "label_smoothing": (_TARGETS, ("z",)),
    "focal": (_TARGETS, ("z",)),
    "cross_entropy": ({"p": "probabilities", "y": "probabilities"}, ("p",)),
    "binary_cross_entropy": ({"y": "probabilities"}, ("z",)),
    "mlp": (_TARGETS, ()),
}
