"""Random networks with hand-style backward code and one planted mistake.

`python -m tests.verify.corpus.generated [FIRST LAST]` judges the networks of these seeds, right and wrong. Seeds
below 1000 are there for tuning; those from 1000 on are for judging only, and nobody is to look at single ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .case import Case
from .judged import judge
from .pieces import ACTIVATIONS, Array, Backward, Piece, attention, convolution, dense, gated, norm, recurrent, softmax
from .pieces import residual as with_skip

#: The first seed that is for judging only.
JUDGING = 1000


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of the last layer's output, with its gradient and mistakes in it."""

    name: str
    value: Callable[[Array, Any], Any]
    gradient: Callable[[Array, Any], Array]
    mistakes: tuple[tuple[str, Callable[[Array, Any], Array]], ...]
    target: Callable[[np.random.Generator, int, int], Any]


def _hot(y: Array, labels: Array) -> Array:
    return np.eye(y.shape[1])[labels]


def _cross_entropy(y: Array, labels: Array) -> Any:
    return -np.mean(np.sum(_hot(y, labels) * np.log(softmax(y)), axis=1))


LOSSES = (
    Loss(
        "mean squares",
        lambda y, t: np.sum((y - t) ** 2) / len(y),
        lambda y, t: 2 * (y - t) / len(y),
        (
            ("size", lambda y, t: 2 * (y - t)),
            ("factor", lambda y, t: (y - t) / len(y)),
            ("sign", lambda y, t: 2 * (t - y) / len(y)),
        ),
        lambda rng, m, k: rng.normal(size=(m, k)),
    ),
    Loss(
        "cross-entropy",
        _cross_entropy,
        lambda y, labels: (softmax(y) - _hot(y, labels)) / len(y),
        (
            ("size", lambda y, labels: softmax(y) - _hot(y, labels)),
            ("sign", lambda y, labels: (_hot(y, labels) - softmax(y)) / len(y)),
            ("term", lambda y, labels: softmax(y) / len(y)),
        ),
        lambda rng, m, k: rng.integers(0, k, m),
    ),
    Loss(
        "log-cosh",
        lambda y, t: np.sum(np.log(np.cosh(y - t))),
        lambda y, t: np.tanh(y - t),
        (("activation", lambda y, t: y - t), ("size", lambda y, t: np.tanh(y - t) / len(y))),
        lambda rng, m, k: rng.normal(size=(m, k)),
    ),
)


@dataclass(frozen=True)
class Network:
    """Layers, a loss, and a decay of one weight; what it takes beside the weights is fixed."""

    layers: tuple[Piece, ...]
    loss: Loss
    rows: Array
    tokens: Array | None
    target: Any
    decay: float
    names: tuple[str, ...]

    def value(self, *weights: Array) -> Any:
        outputs, _ = self._run(weights)
        return self.loss.value(outputs[-1], self.target) + 0.5 * self.decay * np.sum(weights[-1] ** 2)

    def gradient(self, *weights: Array, at: int | None = None, instead: Any = None) -> tuple[Array, ...]:
        """Return the gradients; `instead` takes the place of the backward at that layer (-1: the loss)."""
        outputs, own = self._run(weights)
        g = (instead if at == -1 else self.loss.gradient)(outputs[-1], self.target)
        found: list[Array] = []
        for k in range(len(self.layers) - 1, -1, -1):
            backward: Backward = instead if at == k else self.layers[k].backward
            g, mine = backward(g, outputs[k], own[k])
            found = [*mine, *found]
        decay = self.decay if at != -2 else instead
        found[-1] = found[-1] + decay * weights[-1]
        return (self._embedded(g, at, instead), *found)

    def _embedded(self, g: Array, at: int | None, instead: Any) -> Array:
        if self.tokens is None:
            return g
        out = np.zeros((5, g.shape[1]))
        if at == -3:
            out[self.tokens] = g
        else:
            np.add.at(out, self.tokens, g)
        return out

    def _run(self, weights: tuple[Array, ...]) -> tuple[list[Array], list[list[Array]]]:
        rest = list(weights[1:])
        outputs = [weights[0] if self.tokens is None else weights[0][self.tokens]]
        own = []
        for layer in self.layers:
            mine, rest = rest[: len(layer.shapes)], rest[len(layer.shapes) :]
            own.append(mine)
            outputs.append(layer.forward(outputs[-1], mine))
        return outputs, own


def _layer(rng: np.random.Generator, d: int) -> Piece:
    k = int(rng.integers(2, 5))
    activation = str(rng.choice(sorted(ACTIVATIONS)))
    makers = (
        lambda: dense(d, k, activation),
        lambda: dense(d, d, activation),
        lambda: norm(d, 1) if d > 2 else dense(d, k, activation),
        lambda: norm(d, 0),
        lambda: convolution(d),
        lambda: attention(d, k),
        lambda: recurrent(d, k),
        lambda: gated(d, k),
        lambda: with_skip(d),
    )
    return makers[int(rng.integers(len(makers)))]()


def network(seed: int) -> tuple[Network, Callable[[np.random.Generator], list[Array]]]:
    """Return the network of a seed, and what draws its weights."""
    rng = np.random.default_rng([7, seed])
    m, d = int(rng.integers(4, 7)), int(rng.integers(3, 5))
    layers: list[Piece] = []
    for _ in range(int(rng.integers(1, 5))):
        layers.append(_layer(rng, layers[-1].width if layers else d))
    loss = LOSSES[int(rng.integers(len(LOSSES)))]
    tokens = rng.integers(0, 5, m) if rng.random() < 0.3 else None
    if tokens is not None:
        tokens[1] = tokens[0]
    names = ["E" if tokens is not None else "X"]
    names += [f"{name}{k}" for k, layer in enumerate(layers, 1) for name, _ in layer.shapes]
    shapes = [(5 if tokens is not None else m, d), *(s for layer in layers for _, s in layer.shapes)]
    target = loss.target(rng, m, layers[-1].width)
    decay = float(rng.choice([0.0, 0.1, 0.01]))
    made = Network(tuple(layers), loss, rng.normal(size=(m, d)), tokens, target, decay, tuple(names))
    return made, lambda r: [0.8 * r.normal(size=s) + 0.1 for s in shapes]


def mistakes(net: Network) -> list[tuple[str, int, Any]]:
    """Return all mistakes that can be planted: kind, place, and what stands there instead."""
    found = [(kind, k, wrong) for k, layer in enumerate(net.layers) for kind, wrong in layer.mistakes]
    found += [(kind, -1, wrong) for kind, wrong in net.loss.mistakes]
    if net.decay:
        found += [("regulariser", -2, 0.0), ("regulariser", -2, net.decay / 2)]
    if net.tokens is not None:
        found += [("duplicates", -3, None)]
    return found


def cases(seed: int) -> tuple[Case, Case]:
    """Return the network of a seed with its right gradient, and with a mistake."""
    net, inputs = network(seed)
    rng = np.random.default_rng([13, seed])
    planted = mistakes(net)
    text = ", ".join(layer.name for layer in net.layers) + f", {net.loss.name}"
    right = Case(f"{seed}: {text}", net.value, inputs, net.gradient, path="complex", options={"names": net.names})
    drawn = right.drawn(seed)
    true = net.gradient(*drawn)
    for pick in rng.permutation(len(planted)):
        kind, at, instead = planted[pick]
        claimed = net.gradient(*drawn, at=at, instead=instead)
        off = [not np.allclose(c, t, rtol=1e-6, atol=1e-9) for c, t in zip(claimed, true, strict=True)]
        if any(off):
            break
    place = net.layers[at].name if at >= 0 else {-1: "loss", -2: "decay", -3: "embedding"}[at]
    return right, Case(
        f"{seed}: {text}: {kind} in {place} {at + 1 if at >= 0 else ''}",
        net.value,
        inputs,
        lambda *w: net.gradient(*w, at=at, instead=instead),
        right=False,
        mistake=kind,
        where=tuple(n for n, o in zip(net.names, off, strict=True) if o),
        truth=net.gradient,
        options={"names": net.names},
    )


def main() -> None:
    """Judge and print."""
    from .__main__ import line, summary

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("last", type=int, nargs="?", default=40)
    parser.add_argument("--all", action="store_true", help="every line, not only the faults")
    options = parser.parse_args()
    found = []
    for seed in range(options.first, options.last):
        for case in cases(seed):
            j = judge(case, seed)
            found.append(j)
            if (options.all or j.fault or j.localised is False or j.diagnosed is False) and seed < JUDGING:
                sys.stdout.write(line(j) + "\n")
    sys.stdout.write(f"\nseeds {options.first} to {options.last - 1}\n{summary(found)}\n")


if __name__ == "__main__":
    main()
