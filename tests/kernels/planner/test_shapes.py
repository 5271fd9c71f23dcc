"""The shapes that plans take: what runs together, and what is kept."""

from __future__ import annotations

from functools import cache

import gradproof as gp
from gradproof.kernels.planner.make import make_plan
from gradproof.kernels.planner.tree import Plan
from gradproof.kernels.prepare import prepare

_CELL = (
    "      row k < H: (11) d_h =, (12) d_c =, (13) d_pre_o =, (14) d_pre_g =, (15) d_pre_f =, (16) d_pre_i =,"
    " (19) d_b_i +=, (22) d_b_f +=, (25) d_b_g +=, (28) d_b_o +="
)


@cache
def _plan(name: str) -> Plan:
    return make_plan(prepare(gp.derive(gp.load(name)), "fused"))


def test_softmax_cross_entropy_is_three_passes_over_a_row() -> None:
    """The exponentials are made once, and a row of them is kept; all else that a row needs is a number."""
    assert _plan("softmax_cross_entropy").show().splitlines() == [
        "threads share i",
        "  for i < m",
        "    row c < C: (1) z_max max=",
        "    once: (1) z_shift =",
        "    row c < C: (1) z_sumexp~exp =, (1) z_sumexp +=",
        "    once: (2) z_log =",
        "    row c < C: (1) p =, (2) L~row +=, (3) d_z =, (4) d_y =",
        "    once: (2) L~sum +=",
        "one thread",
        "  once: (2) L =",
        "scalars: p, L, z_max, z_shift, z_sumexp, z_log, L~sum, L~row | buffers: z_sumexp~exp[1]",
    ]


def test_lstm_keeps_only_what_depends_on_the_state_in_the_loop_over_time() -> None:
    """Products with x and for weights leave the loop; within it one row computes a cell, and one its gradient."""
    assert _plan("lstm").show().splitlines()[:-1] == [
        "threads share n",
        "  for n < N",
        "    row k < H: (1) h =, (2) c =",
        "threads share t",
        "  dot (3) i~sum~2 = x @ W_i [tn, k, d]",
        "  dot (4) f~sum~2 = x @ W_f [tn, k, d]",
        "  dot (5) g~sum~2 = x @ W_g [tn, k, d]",
        "  dot (6) o~sum~2 = x @ W_o [tn, k, d]",
        "threads share n",
        "  for t < T",
        "    dot (3) i~sum = h @ U_i [n, k, a]",
        "    dot (4) f~sum = h @ U_f [n, k, a]",
        "    dot (5) g~sum = h @ U_g [n, k, a]",
        "    dot (6) o~sum = h @ U_o [n, k, a]",
        "    for n < N",
        "      row k < H: (3) i =, (4) f =, (5) g =, (6) o =, (7) c =, (8) h~tanh =, (8) h =, (9) y =",
        "  for n < N",
        "    row k < H: (10) cT =",
        "  for t < T down",
        "    dot (11) d_h~sum = d_pre_f @ U_f [n, k, b]",
        "    dot (11) d_h~sum += d_pre_g @ U_g [n, k, b]",
        "    dot (11) d_h~sum += d_pre_i @ U_i [n, k, b]",
        "    dot (11) d_h~sum += d_pre_o @ U_o [n, k, b]",
        "    for n < N",
        _CELL,
        "threads share d",
        "  dot (17) d_W_i = x @ d_pre_i [d, k, tn]",
        "  dot (20) d_W_f = x @ d_pre_f [d, k, tn]",
        "  dot (23) d_W_g = x @ d_pre_g [d, k, tn]",
        "  dot (26) d_W_o = x @ d_pre_o [d, k, tn]",
        "threads share a",
        "  dot (18) d_U_i = h @ d_pre_i [a, k, tn]",
        "  dot (21) d_U_f = h @ d_pre_f [a, k, tn]",
        "  dot (24) d_U_g = h @ d_pre_g [a, k, tn]",
        "  dot (27) d_U_o = h @ d_pre_o [a, k, tn]",
    ]


def test_convolution_copies_patches_once_for_one_image() -> None:
    """The product and the gradient of the filter read the same patches, of one image at a time."""
    text = _plan("conv2d").show()
    assert text.count("y~operand =") == 1
    assert "dot (1) y~sum = k @ y~operand [o, ij, cuv]" in text
    assert "dot (3) d_k += d_y @ y~operand [o, cuv, ij]" in text


def test_a_stretch_of_an_image_has_as_many_places_as_one_of_a_signal() -> None:
    """It is as many rows as have so many places together."""
    assert "strips of i by 128" in _plan("conv1d").show()
    assert "    strips of ij by 128" in _plan("conv2d").show().splitlines()


def test_what_runs_over_the_planes_of_a_window_has_them_innermost():
    """The row over a plane is one row then, and a sum over it a number."""
    plan = _plan("conv2d")
    lines = [line.strip() for line in plan.show().splitlines()]
    row = lines.index("row j < J: (1) y =, (4) d_b~plane +=")
    assert lines[row - 2 : row] == ["for o < O", "for i < I"]
    assert plan.places["d_b~plane"].kind == "scalar"


def test_a_mask_in_an_operand_is_not_made_twice() -> None:
    """P is 0 where j > i: the product with V needs no copy of it."""
    assert "operand" not in _plan("causal_attention").show()


def test_attention_keeps_scores_for_a_stretch_of_queries() -> None:
    """Memory grows with the length of the sequence, not with its square; gradients of keys add up over stretches."""
    plan = _plan("attention")
    kept = {n: (p.kind, p.strips) for n, p in plan.places.items()}
    assert all(kept[n] == ("buffer", (0,)) for n in ("A~sum", "P", "d_P", "d_A"))
    assert "    dot (8) d_K~sum = d_A @ Q [j, e, i]" in plan.show()


def test_a_causal_mask_ends_the_keys_with_the_stretch_of_queries() -> None:
    """What the mask hides is not computed."""
    assert "  strips of i by 32, j with it" in _plan("causal_attention").show()
    assert "  strips of i by 64\n" in _plan("attention").show()
