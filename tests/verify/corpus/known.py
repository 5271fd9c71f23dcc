"""What is known not to be as it should be on the corpus; an entry that no longer belongs here fails a slow test."""

#: Cases with a verdict that is not as it should be (false alarm, missed, undecided, not localised).
FAULTS: dict[str, str] = {}

#: Wrong cases whose mistake is not named: {name: what is said instead}.
UNNAMED = dict.fromkeys(
    (
        "a trapezoid rule: a sum for the integral",
        "np.interp: the next interval's slope",
    ),
    "nothing",
)
