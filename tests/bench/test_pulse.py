"""The pulse: how many times as long as at best the processor takes for the same arithmetic."""

import time

from gradproof.bench.pulse import Pulse


def test_the_same_arithmetic_takes_as_long_as_at_best_or_longer():
    pulse = Pulse(2)
    try:
        found = [pulse() for _ in range(5)]
    finally:
        pulse.close()
    assert min(found) >= 1


def test_arithmetic_beside_other_work_takes_longer(monkeypatch):
    """A clock on which each slice takes as long as is told: the median of slices counts, of the slowest thread."""
    pulse = Pulse(1)
    try:
        pulse._best, seconds = 1.0, iter([5.0, *[2.0] * 30])
        now = [0.0]

        def clock():
            now[0] += next(seconds)
            return now[0]

        monkeypatch.setattr(time, "perf_counter", clock)
        assert pulse() == 2.0
    finally:
        pulse.close()
