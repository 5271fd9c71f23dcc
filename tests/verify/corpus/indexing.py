"""Indices, masks, gathering and scattering, broadcasting, and functions with one wrong entry among very many."""

import numpy as np

from .case import Case, wrong


def embedded(E, tokens):
    return np.sum(np.tanh(E[tokens]) ** 2)


def embedded_rows(E, tokens):
    t = np.tanh(E[tokens])
    return 2 * t * (1 - t**2)


def embedded_grad(E, tokens):
    out = np.zeros_like(E)
    np.add.at(out, tokens, embedded_rows(E, tokens))
    return out


def last_one_wins(E, tokens):
    out = np.zeros_like(E)
    out[tokens] = embedded_rows(E, tokens)
    return out


def added_once(E, tokens):
    out = np.zeros_like(E)
    out[tokens] += embedded_rows(E, tokens)
    return out


def averaged_rows(E, tokens):
    counts = np.maximum(np.bincount(tokens, minlength=len(E)), 1)
    return embedded_grad(E, tokens) / counts[:, None]


def table(rng):
    return [rng.normal(size=(5, 3)), np.array([1, 3, 1, 0, 3, 3])]


def grouped(x, group):
    means = np.stack([np.mean(x[group == k]) for k in range(3)])
    return np.sum((x - means[group]) ** 2)


def grouped_grad(x, group):
    means = np.stack([np.mean(x[group == k]) for k in range(3)])
    return 2 * (x - means[group])


def groups(rng):
    return [rng.normal(size=8), np.array([0, 1, 2, 0, 1, 1, 2, 0])]


def masked(x, mask):
    return np.sum(np.where(mask, x**2, 0.0)) / np.sum(mask)


def masked_grad(x, mask):
    return 2 * x * mask / np.sum(mask)


def with_mask(rng):
    return [rng.normal(size=(3, 4)), rng.integers(0, 2, (3, 4)).astype(bool)]


def taken(x, index):
    return np.sum(np.take_along_axis(x, index, axis=1) ** 3)


def taken_plain(x, index):
    return sum(x[i, j] ** 3 for i in range(len(x)) for j in index[i])


def taken_grad(x, index):
    out = np.zeros_like(x)
    for i, row in enumerate(index):
        for j in row:
            out[i, j] += 3 * x[i, j] ** 2
    return out


def taken_by_put(x, index):
    out = np.zeros_like(x)
    np.put_along_axis(out, index, 3 * np.take_along_axis(x, index, 1) ** 2, axis=1)
    return out


def by_index(rng):
    return [rng.normal(size=(3, 4)), np.array([[0, 2, 2], [1, 1, 3], [3, 0, 2]])]


def broadcast(a, b):
    return np.sum((a[:, None] * b[None, :] + a[:, None]) ** 2)


def broadcast_grad(a, b):
    r = 2 * (a[:, None] * b + a[:, None])
    return np.sum(r * (b + 1), axis=1), np.sum(r * a[:, None], axis=0)


def broadcast_averaged(a, b):
    return broadcast_grad(a, b)[0] / len(b), broadcast_grad(a, b)[1]


def neighbours(x):
    return np.sum((x[1:] - x[:-1]) ** 2)


def neighbours_grad(x):
    d = 2 * (x[1:] - x[:-1])
    return np.concatenate([-d[:1], d[:-1] - d[1:], d[-1:]])


def neighbours_one_side(x):
    d = 2 * (x[1:] - x[:-1])
    return np.concatenate([0 * d[:1], d])


def neighbours_as_if_endless(x):
    return 2 * (2 * x - np.roll(x, 1) - np.roll(x, -1))


def strided(x):
    return np.sum(x[::2] ** 2) * np.sum(x[1::2])


def strided_grad(x):
    out = np.empty_like(x)
    out[::2] = 2 * x[::2] * np.sum(x[1::2])
    out[1::2] = np.sum(x[::2] ** 2)
    return out


def smooth(x):
    return np.sum(np.sin(x) * np.arange(1, len(x) + 1)) / len(x)


def smooth_grad(x):
    return np.cos(x) * np.arange(1, len(x) + 1) / len(x)


def one_entry(k, factor):
    def gradient(x):
        out = smooth_grad(x)
        out[k] *= factor
        return out

    return gradient


def two_that_cancel(x):
    out = smooth_grad(x)
    out[123] += 0.01
    out[4567] -= 0.01
    return out


def reshaped(x):
    return np.sum(x.reshape(4, 3) @ np.arange(1.0, 4.0) * np.arange(1.0, 5.0)) ** 2


def reshaped_grad(x):
    w = np.outer(np.arange(1.0, 5.0), np.arange(1.0, 4.0))
    return (2 * np.sum(x.reshape(4, 3) * w) * w).reshape(x.shape)


def large(n):
    return lambda rng: [rng.normal(size=n)]


EMBED = Case("an embedding with repeated tokens", embedded, table, embedded_grad)
GROUPED = Case("distances to group means", grouped, groups, grouped_grad)
MASKED = Case("a masked mean", masked, with_mask, masked_grad)
TAKEN = Case("take_along_axis with repeats", taken, by_index, taken_grad, plain=taken_plain)
BROADCAST = Case("broadcast outer sums", broadcast, lambda rng: [rng.normal(size=4), rng.normal(size=3)],
                 broadcast_grad)  # fmt: skip
NEIGHBOURS = Case("differences of neighbours", neighbours, large(7), neighbours_grad)
STRIDED = Case("even and odd entries", strided, large(8), strided_grad)
RESHAPED = Case("through a reshape", reshaped, large(12), reshaped_grad)

LARGE = Case("ten thousand entries", smooth, large(10_000), smooth_grad, path="complex")
HUGE = Case("a hundred thousand entries", smooth, large(100_000), smooth_grad, path="complex")

RIGHT = (EMBED, GROUPED, MASKED, TAKEN, BROADCAST, NEIGHBOURS, STRIDED, RESHAPED, LARGE, HUGE)

WRONG = (
    wrong(EMBED, "embedding: the last of repeated tokens wins", last_one_wins, "duplicates", "E"),
    wrong(EMBED, "embedding: += on repeated tokens", added_once, "duplicates", "E"),
    wrong(EMBED, "embedding: the mean over repeats", averaged_rows, "duplicates", "E"),
    wrong(EMBED, "embedding: every row", lambda E, tokens: 2 * np.tanh(E) * (1 - np.tanh(E) ** 2), "sum", "E"),
    wrong(GROUPED, "group means: a spurious factor", lambda x, group: grouped_grad(x, group)
          * (1 - 1 / np.bincount(group)[group]), "term-factor", "x"),
    wrong(MASKED, "masked mean: divided by all", lambda x, mask: 2 * x * mask / x.size, "factor/size", "x"),
    wrong(MASKED, "masked mean: the mask is forgotten", lambda x, mask: 2 * x / np.sum(mask), "mask",
          "x"),
    wrong(TAKEN, "take_along_axis: put for add", taken_by_put, "duplicates", "x"),
    wrong(BROADCAST, "broadcast: a mean for the sum", broadcast_averaged, "size", "a"),
    wrong(BROADCAST, "broadcast: only one entry of the axis", lambda a, b: (broadcast_grad(a, b)[0],
          2 * (a[0] * b + a[0]) * a[0]), "broadcast", "b"),
    wrong(BROADCAST, "broadcast: one use of a is missing", lambda a, b: (np.sum(2 * (a[:, None] * b + a[:, None]) * b,
          axis=1), broadcast_grad(a, b)[1]), "residual", "a"),
    wrong(NEIGHBOURS, "neighbours: one side only", neighbours_one_side, "term", "x"),
    wrong(NEIGHBOURS, "neighbours: the edges as if endless", neighbours_as_if_endless, "edge", "x"),
    wrong(STRIDED, "even and odd: odd entries are zero", lambda x: strided_grad(x) * (np.arange(8) % 2 == 0),
          "term", "x"),
    wrong(RESHAPED, "reshape: in the other order", lambda x: reshaped_grad(x).reshape(4, 3).T.reshape(-1),
          "permutation", "x"),
    wrong(LARGE, "one entry in ten thousand", one_entry(6789, 1.05), "entry", "x"),
    wrong(LARGE, "two entries that cancel in a sum", two_that_cancel, "entry", "x"),
    wrong(HUGE, "one entry in a hundred thousand", one_entry(54321, 0.9), "entry", "x"),
    wrong(LARGE, "the first hundred of ten thousand are zero", lambda x: smooth_grad(x) * (np.arange(len(x)) >= 100),
          "edge/block", "x"),
    wrong(LARGE, "ten thousand entries times 1.001", lambda x: smooth_grad(x) * 1.001, "factor", "x"),
)  # fmt: skip

CASES = (*RIGHT, *WRONG)
