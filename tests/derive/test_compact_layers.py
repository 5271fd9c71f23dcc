"""Layers of the catalogue: their adjoints as papers print them, and certified for every real input."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import gradproof as gp
from gradproof.derive.steps import Derivation
from gradproof.verify import check_derivation, check_steps
from tests.entries import LAYERS

from .layer_forms import COMPACT

LONG = (
    "conv2d_grouped",
    "conv2d_depthwise",
    "conv_transpose1d",
    "conv_transpose2d",
    "birnn",
    "lstm_peephole",
    "lstm_cell",
    "gru_reset_before",
    "wgan_gp",
    "multi_head_attention",
    "cross_attention",
    "pre_norm",
    "post_norm",
    "encoder_block",
    "decoder_block",
    "rnn_masked",
)


def marked(names: object, slow: object) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in names]


@cache
def derivation(name: str) -> Derivation:
    return gp.derive(gp.load(name))


@pytest.mark.parametrize("name", marked(COMPACT, LONG))
def test_adjoints_read_as_papers_print_them(name):
    found = {e.name: str(e) for e in derivation(name).backward.definitions}
    assert {n: found.get(n) for n in COMPACT[name]} == COMPACT[name]


FEW = ("layer_norm", "conv1d", "max_pool2d", "rnn", "attention", "rope", "hmm")


@pytest.mark.parametrize("name", marked(LAYERS.split(), {*LAYERS.split()} - {*FEW}))
def test_the_derivatives_for_all_real_inputs_are_certified(name):
    system = gp.load(name)
    derived = gp.derive(system, wrt=[t.name for t in system.differentiable])
    for check in check_derivation(derived):
        assert (check.verdict, check.strength) == ("right", "certified"), f"{check.name}: {check.reason}"
    for check in check_steps(derived):
        assert check.verdict == "right", f"{check.block}, {check.step.rule}: {check.reason}"


def test_a_row_of_attention_without_any_key_is_zero_and_so_are_its_gradients():
    random = np.random.default_rng(1)
    given = {n: random.normal(size=(3, 2)) for n in ("Q", "K", "V", "d_O")} | {"mask": np.zeros(3, int)}
    with np.errstate(all="ignore"):
        values = gp.evaluate(derivation("masked_attention").joint, given)
    for name in ("P", "O", "d_A", "d_Q", "d_K", "d_V"):
        assert not np.any(values[name]), name
