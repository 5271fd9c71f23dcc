"""Python's collector waits while kernels are made and compiled, and runs as before afterwards."""

from __future__ import annotations

import gc
from threading import Event, Thread

import numpy as np
import pytest

from gradproof.kernels import cache, kernel
from gradproof.kernels.collecting import collected_later
from gradproof.loading import load


def test_it_runs_again_when_the_last_of_several_blocks_ends():
    with collected_later():
        with collected_later():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_blocks_of_two_threads_may_end_in_any_order():
    begun, go = Event(), Event()

    def other():
        with collected_later():
            begun.set()
            go.wait(10)

    thread = Thread(target=other)
    with collected_later():
        thread.start()
        assert begun.wait(10)
    assert not gc.isenabled()
    go.set()
    thread.join()
    assert gc.isenabled()


def test_who_has_no_collector_keeps_it_so():
    gc.disable()
    try:
        with collected_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_it_runs_again_after_an_error():
    with pytest.raises(ZeroDivisionError), collected_later():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_what_was_made_is_not_looked_through_at_the_end():
    with collected_later():
        made = [[] for _ in range(100_000)]
    assert len(gc.get_objects(0)) + len(gc.get_objects(1)) < len(made)
    assert not gc.get_freeze_count()


def test_what_a_program_froze_stays_frozen():
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with collected_later():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()


def test_it_waits_from_the_kernel_to_the_end_of_its_first_call(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    runs = []

    def count(phase, about):
        if phase == "start":
            runs.append(about["generation"])

    k = kernel(load("softmax"), dtype="float64")
    cache._load.cache_clear()
    gc.collect()
    gc.callbacks.append(count)
    try:
        z = np.ones((2, 3))
        first = k(**dict.fromkeys(k.inputs, z))
    finally:
        gc.callbacks.remove(count)
        cache._load.cache_clear()
    assert len(runs) < 20  # a hundred or so without
    assert gc.isenabled()
    for name, value in k(**dict.fromkeys(k.inputs, z)).items():
        np.testing.assert_array_equal(value, first[name])
