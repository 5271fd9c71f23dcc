"""Catalogue systems in Liger-Kernel, a public package of Triton kernels for PyTorch."""

from __future__ import annotations

from typing import Any

from liger_kernel.transformers import functional as F

from gradproof.bench.runner import Forward


def _softmax_cross_entropy_labels(z: Any, label: Any) -> dict[str, Any]:
    """Return the loss; the kernel writes the gradient over the array that it is given, so that it gets a copy."""
    return {"L": F.liger_cross_entropy(z.clone(), label)}


def _layer_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> dict[str, Any]:
    return {"y": F.liger_layer_norm(x, gamma, beta, float(eps))}


def _rms_norm(x: Any, gamma: Any, eps: Any) -> dict[str, Any]:
    return {"y": F.liger_rms_norm(x, gamma, float(eps), in_place=False)}


FORWARD: dict[str, Forward] = {
    "softmax_cross_entropy_labels": Forward(_softmax_cross_entropy_labels),
    "layer_norm": Forward(_layer_norm),
    "rms_norm": Forward(_rms_norm),
}
