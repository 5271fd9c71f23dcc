"""The kinds of mistakes that a diagnosis can name: a slug each, and what it says."""

from types import MappingProxyType

#: Slugs of `Cause.kind`, in the order in which they are looked for; tests and corpora use the same.
KINDS = MappingProxyType(
    {
        "swapped": "the gradients of two inputs are exchanged",
        "detached": "the gradient is zero: the input was taken as a constant",
        "cotangent": "the upstream gradient is ignored",
        "sign": "the sign is flipped",
        "factor": "a constant factor is missing or too much (2, 1/2, pi ...)",
        "size": "a factor that is a size of the problem: a mean for a sum, a missing 1/m or 1/sqrt(d), m for m - 1",
        "precision": "the numbers are right to single (or half) precision only",
        "transpose": "the gradient is transposed",
        "flip": "the gradient is reversed along an axis",
        "shift": "the gradient is off by one along an axis",
        "permutation": "the right numbers stand in the wrong places",
        "adjoint": "J v is computed where the transpose of J is to be multiplied",
        "diagonal": "only the diagonal of the Jacobian is used",
        "branch": "a branch is wrong: only where x < 0, where x > 0, or beyond a threshold",
        "mask": "a mask or a choice is left out: entries that are switched off get a gradient",
        "duplicates": "rows that an index names twice keep one contribution (`a[i] += ` for np.add.at)",
        "block": "one block of equal blocks is wrong: a gate, a head",
        "edge": "only the first or the last rows are wrong",
        "entry": "only a few entries are wrong",
        "clipped": "the gradient is clipped or saturated",
        "regulariser": "a term proportional to the input is missing, too much or doubled",
        "constant": "a constant is added",
        "residual": "the upstream gradient itself is missing: a skip connection",
        "axis-factor": "one factor for each row, or for each column",
        "broadcast": "a sum over an axis is missing, or stands over the wrong one",
        "activation": "the derivative of an activation is missing, doubled, another one's, or taken elsewhere",
        "mean-term": "the mean term of a normalisation is missing",
        "variance-term": "the variance term of a normalisation is missing",
        "shared": "one of several uses of an input is missing",
        "transposed-use": "an input is used where its transpose is needed",
        "path": "what passes through another input is missing",
        "truncated": "the recurrence is cut: truncated backpropagation through time",
        "epsilon": "an epsilon is missing or another one",
        "batch": "wrong only where there are several rows",
        "term": "a term is missing",
        "term-sign": "a term has the wrong sign",
        "term-factor": "a factor of a term is missing or wrong",
        "sum": "a sum is missing or runs over too much",
    }
)
