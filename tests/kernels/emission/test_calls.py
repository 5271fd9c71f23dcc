"""How a kernel is called: arrays of the caller's, updates in place, numbers of threads; all compiled."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.kernels import kernel
from gradproof.loading import load


@pytest.fixture(scope="module")
def softmax():
    return kernel(derive(load("softmax_cross_entropy")))


@pytest.fixture(scope="module")
def given():
    random = np.random.default_rng(0)
    z = random.normal(size=(7, 5)).astype(np.float32)
    return {"z": z, "y": np.eye(5, dtype=np.float32)[random.integers(0, 5, 7)]}


def test_results_stand_in_the_callers_arrays(softmax, given):
    new = softmax(**given)
    out = {"d_z": np.empty((7, 5), np.float32)}
    got = softmax(**given, out=out)
    assert got["d_z"] is out["d_z"]
    assert got["d_z"].tobytes() == new["d_z"].tobytes()
    assert got["d_y"] is not out["d_z"]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ({"d_z": np.empty((7, 4), np.float32)}, r"out\['d_z'\] is float32 \(7, 4\), expected an array of float32"),
        ({"d_z": np.empty((7, 5))}, r"out\['d_z'\] is float64"),
        ({"d_z": [[0.0] * 5] * 7}, r"out\['d_z'\] is list, expected an array of float32"),
        ({"d_z": np.broadcast_to(np.float32(0), (7, 5))}, r"out\['d_z'\] cannot be written"),
        (
            {"d_z": as_strided(np.empty(11, np.float32), (7, 5), (4, 4))},
            r"out\['d_z'\] may hold several numbers in one",
        ),
        ({"d_z": as_strided(np.empty(5, np.float32), (7, 5), (0, 4))}, r"out\['d_z'\] may hold several numbers in one"),
        ({"d_q": np.empty((7, 5), np.float32)}, r"out holds 'd_q', expected arrays for d_z, d_y"),
    ],
)
def test_what_is_no_array_for_a_result_is_refused(softmax, given, out, message):
    with pytest.raises(ValueError, match=message):
        softmax(**given, out=out)


def _with_gaps():
    """Arrays [7, 5] that are not contiguous, and the memory in which they stand."""
    wide = np.full((7, 10), np.nan, np.float32)
    turned = np.full((5, 7), np.nan, np.float32)
    yield wide[:, ::2], wide
    yield turned.T, turned
    yield turned.T[::-1, ::-1], turned


@pytest.mark.parametrize(("out", "memory"), tuple(_with_gaps()))
def test_results_may_have_any_strides(softmax, given, out, memory):
    new = softmax(**given)
    got = softmax(**given, out={"d_z": out})
    assert got["d_z"] is out
    assert np.array_equal(out, new["d_z"])
    assert np.count_nonzero(np.isfinite(memory)) == 35  # nothing beside it is written


def test_arrays_that_take_turns_in_memory_do_not_overlap(softmax, given):
    both, new = np.empty((7, 10), np.float32), softmax(**given)
    softmax(**given, out={"d_z": both[:, ::2], "d_y": both[:, 1::2]})
    assert np.array_equal(both[:, ::2], new["d_z"])
    assert np.array_equal(both[:, 1::2], new["d_y"])
    with pytest.raises(ValueError, match=r"out\['d_y'\] shares memory with out\['d_z'\]"):
        softmax(**given, out={"d_z": both[:, ::2], "d_y": both[:, :5]})


def test_an_array_that_overlaps_with_an_input_is_refused(softmax, given):
    with pytest.raises(ValueError, match=r"out\['d_z'\] shares memory with the input z"):
        softmax(**given, out={"d_z": given["z"]})
    wide = np.repeat(given["z"], 2, axis=1)
    with pytest.raises(ValueError, match=r"out\['d_z'\] shares memory with the input z"):
        softmax(z=wide[:, ::2], y=given["y"], out={"d_z": wide[:, :5]})
    softmax(z=wide[:, ::2], y=given["y"], out={"d_z": wide[:, 1::2]})
    assert np.array_equal(wide[:, ::2], given["z"])


def test_arrays_of_the_callers_are_compared_only_where_two_may_share_memory(softmax, given, monkeypatch):
    """Those with memory of their own cannot overlap, nor can views of different arrays; one may be passed twice."""
    out, compared = np.empty((7, 5), np.float32), []
    monkeypatch.setitem(vars(softmax.module), "overlap", lambda a, b: compared.append(a) or np.shares_memory(a, b))
    softmax(**given, out={"d_z": out})
    assert not compared
    softmax(**given | {"z": given["z"][:]}, out={"d_z": out.reshape(7, 5)})
    assert not compared
    softmax(**given, out={"d_z": np.empty((14, 5), np.float32)[:7], "d_y": np.empty((7, 5), np.float32)})
    assert not compared
    both = np.empty((14, 5), np.float32)
    softmax(**given, out={"d_z": both[:7], "d_y": both[7:]})
    assert compared
    with pytest.raises(ValueError, match=r"out\['d_y'\] shares memory with out\['d_z'\]"):
        softmax(**given, out={"d_z": out, "d_y": out})


def test_arrays_for_results_that_overlap_are_refused(softmax, given):
    both = np.empty((14, 5), np.float32)
    with pytest.raises(ValueError, match=r"out\['d_y'\] shares memory with out\['d_z'\]"):
        softmax(**given, out={"d_z": both[:7], "d_y": both[3:10]})
    softmax(**given, out={"d_z": both[:7], "d_y": both[7:]})


def test_the_number_of_threads_changes_sums_by_rounding_alone_and_repeats_bit_for_bit(softmax, given):
    one, two = softmax(**given, threads=1), softmax(**given, threads=2)
    assert one["d_z"].tobytes() == two["d_z"].tobytes()
    np.testing.assert_allclose(one["L"], two["L"], rtol=1e-6)
    assert softmax(**given, threads=2)["L"] == two["L"]


def test_updates_may_stand_in_the_parameters_own_arrays():
    """Here v is read once more after its new value is known: that is handed over at the end."""
    text = "given g[n], a, mu\nparam w[n], v[n]\nv[j] := mu*v[j] + g[j]\nw[j] := w[j] - a*(mu*v[j] + g[j])"
    k = kernel(parse_system(text), what="update")
    random = np.random.default_rng(0)
    given = {n: random.normal(size=9).astype(np.float32) for n in "gwv"} | {"a": 0.5, "mu": 0.25}
    assert 'w = updated(out, "w", w)' in k.source
    kept = {n: np.copy(v) for n, v in given.items()}
    new = k(**given)
    assert all(np.array_equal(given[n], kept[n]) for n in given)
    np.testing.assert_allclose(new["w"], kept["w"] - 0.5 * (0.25 * kept["v"] + kept["g"]), rtol=1e-5)
    got = k(**given, out={n: given[n] for n in "wv"})
    for n in "wv":
        assert got[n].tobytes() == new[n].tobytes()
        assert got[n] is given[n]
    wide = {n: np.repeat(kept[n], 2) for n in "wv"}
    views = {n: a[::2] for n, a in wide.items()}
    assert k(**given | views, out=views)["w"] is views["w"]
    assert all(np.array_equal(wide[n][::2], new[n]) and np.array_equal(wide[n][1::2], kept[n]) for n in "wv")
    with pytest.raises(ValueError, match=r"out\['w'\] shares memory with the input w"):
        k(**given | views, out={"w": views["w"][::-1]})
