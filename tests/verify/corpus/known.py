"""What is known not to be as it should be on the corpus; an entry that no longer belongs here fails a slow test."""

#: Cases with a verdict that is not as it should be (false alarm, missed, undecided, not localised).
FAULTS: dict[str, str] = {}

_NOTHING_SAID = (
    "a trapezoid rule: a sum for the integral",
    "embedding: every row",
    "group means: a spurious factor",
    "max pool: spread over the block",
    "ranks: the order for its inverse",
    "cross-entropy: softmax over the wrong axis",
    "cross-entropy: only the diagonal of softmax's Jacobian",
    "by Cholesky: the lower triangle alone",
    "by Cholesky: half of it",
    "solving: the adjoint is not transposed",
    "matrix power: 3A^2 as for a number",
    "softmax: the sum over the wrong axis",
    "batch norm: statistics over the wrong axis",
    "attention: q for k",
    "causal attention: the mask is missing",
    "padding: cut off on one side only",
    "cumulated sums: as if of squares",
    "autograd 350: rolled back along other axes",
    "RNN-LSTM-in-numpy 1: the forget gate's derivative",
    "learn_dl 53: another gate's deltas",
    "numpy-ml 42: each bias its own gradient",
    "FlagGems 5392: the first axis for the rows",
    "1e-12 to 1e12: the smallest entry",
    "single precision: the square is missing",
    "single precision: one in a thousand",
    "Cox: everybody is at risk",
    "log-gamma: log x for digamma",
    "eigenvalue: of the smallest",
    "an object: sin for tan",
    "np.interp: the next interval's slope",
)
#: Something else is said than what was planted.
_SAID_OTHERWISE = {
    "neighbours: one side only": "sum",
    "norm: with an epsilon beside it": "term",
    "CS231n 19: windows overwrite each other": "entry",
    "CNN-from-scratch 1: only the first window": "branch",
    "variance: the mean is held at 0": "term-factor",
    "normal: by sigma for log sigma": "activation",
    "np.convolve: the kernel is not reversed": "factor",
    "dropout: the mask is forgotten": "entry",
}
#: Wrong cases whose mistake is not named, and what is said instead.
UNNAMED = {**dict.fromkeys(_NOTHING_SAID, "nothing"), **_SAID_OTHERWISE}
