"""The rows of the table: kernels, sizes, and the ratio to the best peer that is asked of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradproof import catalogue
from gradproof.bench.case import Case
from gradproof.bench.row import Row

DTYPES = ("float32", "float64")
_SYSTEMS = Path(__file__).parent / "systems"


@dataclass(frozen=True, slots=True)
class Entry:
    """Attributes:
    kernel: a name of the catalogue, or of a system in `systems/`.
    sizes: all its sizes.
    asked: the ratio to the best peer by type, where neither allocates.
    asked_alloc: the same where both do; 0 for nothing.
    recipe, wrt: as in a case.
    """

    kernel: str
    sizes: Mapping[str, int]
    asked: tuple[float, float]
    asked_alloc: float = 0.0
    recipe: Mapping[str, float | str] = field(default_factory=dict)
    wrt: tuple[str, ...] = ()

    def case(self, dtype: str) -> Case:
        """Return the case in that type."""
        own = _SYSTEMS / f"{self.kernel}.eqs"
        text = own.read_text(encoding="utf-8") if own.exists() else catalogue.read(self.kernel)
        peers = "benchmarks.cpu.peers" if own.exists() else ""
        return Case(self.kernel, text, self.sizes, dtype, self.wrt, self.recipe, peers)

    def row(self, dtype: str) -> Row:
        """Return the row in that type, with nothing measured."""
        sizes = " ".join(f"{name}={size}" for name, size in self.sizes.items())
        return Row(self.kernel, sizes, dtype, self.asked[DTYPES.index(dtype)], self.asked_alloc)


def _both(ratio: float) -> tuple[float, float]:
    return ratio, ratio


_LARGE, _SMALL = 10_000_000, 20_000
_LOGITS = ({"m": 8192, "C": 1000}, {"m": 256, "C": 50_000})
_MOMENTS: dict[str, float | str] = {"m": 0.1, "v": "squares", "eps": 1e-8}
_IMAGES = {"N": 16, "C": 64, "H": 32, "W": 32}
_SEQUENCE = {"T": 64, "D": 256, "H": 256}
_HEADS = ({"B": 4, "H": 8, "T": 256, "E": 64}, {"B": 1, "H": 8, "T": 1024, "E": 64})
_FILTER = {"O": 64, "U": 3, "V": 3, "p": 1, "r": 1}
_BLOCK = {"B": 4, "T": 256, "D": 512, "H": 8, "E": 64, "F": 2048}
#: Of two million normal numbers that a relu gets, some are as near to 0 as float32 rounds: there the gradient of any
#: float32 program is right or is not, by chance, whichever library computed it.
_BIASES: dict[str, float | str] = {"b1": "far"}

ENTRIES: tuple[Entry, ...] = (
    *(
        Entry(kernel, {"n": n}, _both(1.2), 5.0)
        for kernel in ("sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "softplus")
        for n in (_LARGE, _SMALL)
    ),
    *(Entry("softmax_cross_entropy", n, _both(2.5), 0, {"y": "one-hot"}, ("z",)) for n in _LOGITS),
    *(Entry("softmax_cross_entropy_labels", n, _both(2.5)) for n in _LOGITS),
    *(Entry(kernel, {"N": 8192, "D": 1024}, _both(1.3)) for kernel in ("layer_norm", "rms_norm", "batch_norm")),
    *(
        Entry(kernel, {"n": n}, _both(1.1), 0, _MOMENTS)
        for kernel in ("adam_step", "adamw_step")
        for n in (_LARGE, 100_000)
    ),
    *(Entry("momentum_step", {"n": n}, _both(1.1)) for n in (_LARGE, 100_000)),
    *(Entry(kernel, {"N": 256, "H": 1024}, _both(2.0)) for kernel in ("lstm_pointwise", "gru_pointwise")),
    Entry("lstm", {**_SEQUENCE, "N": 32}, (1.1, 1.5)),
    Entry("gru", {**_SEQUENCE, "B": 32}, (1.1, 1.5)),
    Entry("mlp", {"m": 128, "D": 784, "H": 512, "C": 10}, _both(1.2), 0, {"y": "one-hot"}),
    *(Entry(kernel, n, _both(1.5)) for kernel in ("attention_heads", "causal_attention_heads") for n in _HEADS),
    Entry("conv2d", {**_IMAGES, **_FILTER, "s": 1, "I": 32, "J": 32}, (1.0, 2.0)),
    Entry("conv2d", {**_IMAGES, **_FILTER, "s": 2, "I": 16, "J": 16}, (1.0, 2.0)),
    Entry("conv2d_depthwise", {**_IMAGES, "U": 3, "V": 3, "p": 1, "r": 1, "s": 1, "I": 32, "J": 32}, (1.0, 2.0)),
    Entry("max_pool2d", {**_IMAGES, "k": 2, "s": 2, "I": 16, "J": 16}, _both(5.0)),
    Entry("max_pool2d", {**_IMAGES, "k": 3, "s": 2, "I": 15, "J": 15}, _both(5.0)),
    Entry("avg_pool2d", {**_IMAGES, "k": 2, "s": 2, "p": 0, "I": 16, "J": 16}, _both(5.0)),
    Entry("avg_pool2d", {**_IMAGES, "k": 3, "s": 2, "p": 0, "I": 15, "J": 15}, _both(5.0)),
    Entry("transformer_block", _BLOCK, _both(1.2), 0, _BIASES),
    Entry("embedding", {"V": 50_000, "D": 512, "T": 8192}, _both(1.5)),
)


def chosen(only: str, entries: tuple[Entry, ...] = ENTRIES) -> tuple[Entry, ...]:
    """Return the entries whose kernel is named in a comma list, or begins so; all for "".

    Raises:
        ValueError: nothing is called so.
    """
    if not only:
        return entries
    names = [name.strip() for name in only.split(",")]
    exact = {e.kernel for e in entries}
    found = tuple(
        e for e in entries if any(e.kernel == n or (n not in exact and e.kernel.startswith(n)) for n in names)
    )
    unknown = [n for n in names if not any(e.kernel.startswith(n) for e in entries)]
    if unknown:
        raise ValueError(
            f"no row is called {', '.join(unknown)}; there are: {', '.join(dict.fromkeys(e.kernel for e in entries))}"
        )
    return found
