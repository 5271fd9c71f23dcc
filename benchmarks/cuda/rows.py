"""The rows of the table on a GPU: kernels, sizes, and what is asked of each."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.cpu.rows import ENTRIES as ON_CPU
from benchmarks.cpu.rows import Entry
from benchmarks.cuda.asked import Asked

_LARGE = 100_000_000
#: A GPU's sizes, where those of the CPU's table would be over before it has begun.
_ACTIVATIONS = ("sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "softplus")
_OPTIMISERS = ("adam_step", "adamw_step", "momentum_step")
_LOGITS = {"m": 8192, "C": 50_257}
_HEADS = {"B": 8, "H": 16, "T": 2048, "E": 64}


def _of(kernel: str) -> Entry:
    """Return the CPU's row for a kernel, the first: its inputs are drawn in the same way."""
    return next(e for e in ON_CPU if e.kernel == kernel)


def _row(kernel: str, **sizes: int) -> Entry:
    entry = _of(kernel)
    return replace(entry, sizes={**entry.sizes, **sizes}, asked=(0.0, 0.0), asked_alloc=0.0)


#: Kernels that move much and compute little: as fast as the device copies, nearly.
_MOVES = Asked(0.85, {"torch": 1.5, "torch.compile": 1.0})
_CROSS_ENTROPY = Asked(0.85, {"torch": 2.0, "torch.compile": 1.0})
_CELL = Asked(0.85, {"torch": 2.0, "torch.compile": 1.0})
#: PyTorch's products are those of cuBLAS.
_PRODUCTS = Asked(0.0, {"torch": 1.0})
#: Faster than the unfused form; a third of the vendor's fused kernel.
_ATTENTION = Asked(0.0, {"torch": 1.0, "torch fused": 1 / 3})

_TABLE: tuple[tuple[Asked, tuple[Entry, ...]], ...] = (
    (_MOVES, tuple(_row(kernel, n=_LARGE) for kernel in _ACTIVATIONS)),
    (_CROSS_ENTROPY, tuple(_row(k, **_LOGITS) for k in ("softmax_cross_entropy", "softmax_cross_entropy_labels"))),
    (_MOVES, tuple(_row(kernel, N=32_768, D=4096) for kernel in ("layer_norm", "rms_norm", "batch_norm"))),
    (_MOVES, tuple(_row(kernel, n=_LARGE) for kernel in _OPTIMISERS)),
    (_CELL, (_row("lstm_pointwise", N=8192, H=4096),)),
    (_MOVES, (_row("gru_pointwise", N=8192, H=4096),)),
    (_PRODUCTS, (_row("lstm", N=256, H=1024, D=1024), _row("mlp", m=8192, D=784, H=4096))),
    (_ATTENTION, tuple(_row(kernel, **_HEADS) for kernel in ("attention_heads", "causal_attention_heads"))),
    (_PRODUCTS, (_row("conv2d", N=64, H=56, W=56, I=56, J=56),)),
    (_MOVES, tuple(_row(k, N=256, C=64, H=112, W=112, I=56, J=56) for k in ("max_pool2d", "avg_pool2d"))),
    (_PRODUCTS, (_row("transformer_block", B=8, T=1024, D=1024, H=16, E=64, F=4096),)),
    (_MOVES, (_row("embedding", V=50_257, D=1024, T=65_536),)),
)
ENTRIES: tuple[Entry, ...] = tuple(e for _, entries in _TABLE for e in entries)
#: What is asked, by kernel.
ASKED: dict[str, Asked] = {e.kernel: asked for asked, entries in _TABLE for e in entries}
