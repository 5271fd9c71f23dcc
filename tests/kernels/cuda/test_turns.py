"""Threads that take turns in numba's simulator show mistakes that a device may show or hide."""

from __future__ import annotations

import re

from tests.kernels.cuda.in_turns import BLOCKS, THREADS
from tests.kernels.cuda.test_simulator import lines_of


def test_what_turns_show() -> None:
    early = ["reads_too_early", "reads_too_early_below"]
    errors = ["leaves", "parts", "reads_past_the_end"]
    found = lines_of("tests.kernels.cuda.in_turns", ["waits", *early, "reads_what_nobody_wrote", *errors])
    assert found["waits"] == "0"
    above, below = (int(found[name]) for name in early)  # where the turns go up, and where they go down
    assert above
    assert below
    assert {above % (THREADS - 1), below % (THREADS - 1)} == {0}
    assert found["reads_what_nobody_wrote"] == str((BLOCKS - 1) * THREADS)
    assert [re.sub(r"\d+", "#", found[name]) for name in errors] == [
        "RuntimeError: threads of one block wait for each other at the end and in leaves, line #",
        "RuntimeError: threads of one block wait for each other in parts, line # and in parts, line #",
        "IndexError: index # is out of bounds for axis # with size #",
    ]
