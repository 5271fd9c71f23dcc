"""The rows of the table on a GPU: kernels, sizes, and what is asked of the best peer's time over ours."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.cpu.rows import ENTRIES as ON_CPU
from benchmarks.cpu.rows import Entry

_LARGE = 100_000_000
#: A GPU's sizes, where those of the CPU's table would be over before it has begun.
_ACTIVATIONS = ("sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "softplus")
_OPTIMISERS = ("adam_step", "adamw_step", "momentum_step")
_LOGITS = {"m": 8192, "C": 50_257}
_HEADS = {"B": 8, "H": 16, "T": 2048, "E": 64}


def _of(kernel: str) -> Entry:
    """Return the CPU's row for a kernel, the first: its inputs are drawn in the same way."""
    return next(e for e in ON_CPU if e.kernel == kernel)


def _row(kernel: str, asked: float, **sizes: int) -> Entry:
    entry = _of(kernel)
    return replace(entry, sizes={**entry.sizes, **sizes}, asked=(asked, asked), asked_alloc=0.0)


#: The best peer is often torch.compile: 1 is as fast. Attention is asked a third of the vendor's fused kernel.
ENTRIES: tuple[Entry, ...] = (
    *(_row(kernel, 1.0, n=_LARGE) for kernel in _ACTIVATIONS),
    _row("softmax_cross_entropy", 1.0, **_LOGITS),
    _row("softmax_cross_entropy_labels", 1.0, **_LOGITS),
    *(_row(kernel, 1.0, N=32_768, D=4096) for kernel in ("layer_norm", "rms_norm", "batch_norm")),
    *(_row(kernel, 1.0, n=_LARGE) for kernel in _OPTIMISERS),
    *(_row(kernel, 1.0, N=8192, H=4096) for kernel in ("lstm_pointwise", "gru_pointwise")),
    _row("lstm", 0.0, N=256, H=1024, D=1024),
    _row("mlp", 0.0, m=8192, D=784, H=4096),
    *(_row(kernel, 0.33, **_HEADS) for kernel in ("attention_heads", "causal_attention_heads")),
    _row("conv2d", 0.0, N=64, H=56, W=56, I=56, J=56),
    *(_row(kernel, 1.0, N=256, C=64, H=112, W=112, I=56, J=56) for kernel in ("max_pool2d", "avg_pool2d")),
    _row("transformer_block", 0.0, B=8, T=1024, D=1024, H=16, E=64, F=4096),
    _row("embedding", 1.0, V=50_257, D=1024, T=65_536),
)
