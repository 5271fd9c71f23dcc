"""Broken lines mean what the long ones meant, and have room."""

from __future__ import annotations

import ast

import pytest

from gradproof.kernels.breaking import broken, paragraph, wrapped

TERM = "a_name[i, j]*other_name[k] if i + 1 < T else real(0.0)"
LINES = (
    f"total[i] += ({TERM}) + ({TERM})*(real(1.0) - ({TERM})/(r_t[j] + eps)) - ({TERM})  # (3)",
    f"better = {' or '.join(['value > best[i]', 'value != value and best[i] == best[i]', 'first < 0'] * 3)}",
    f"return {TERM}*({TERM})/square({TERM})",
    f"if {' and '.join(['0 <= u*r + i - p < I'] * 6)}: pass",
    'check_out(out, ("y", "d_long, (name", "and or if"), {"x": x, "d_y": d_y, "weights": weights_of_it, "b": b})',
    "gemm(k.reshape(C, U*V).T, x[n].reshape(C, H*W)[:, h_start*W:h_stop*W], y_terms.reshape(O*U*V, W), False)  # (1)",
    "lists = [a_long_name_of_things, another_long_name_of_a_thing, the_third_long_name_of_a_thing, and_the_fourth_one]",
)


@pytest.mark.parametrize("line", LINES)
def test_a_broken_line_is_the_same_statement(line: str) -> None:
    text = line.removesuffix(" pass")
    out = broken([f"    {text}"])
    after = "\n        pass" if text.endswith(":") else ""
    assert ast.dump(ast.parse("if 1:\n" + "\n".join(out) + after)) == ast.dump(ast.parse(f"if 1:\n    {line}"))
    assert len(out) > 2
    assert max(map(len, out)) <= 106
    assert ("#" in line) == ("#" in out[0])


def test_what_fits_or_is_a_comment_stays() -> None:
    kept = ["x = f(a, b)  # (1)", f"# {'word ' * 40}"]
    assert broken(kept) == kept


def test_what_has_no_place_to_be_broken_stays_whole() -> None:
    assert broken([f'alone("{"name " * 30}")']) == ["alone(", f'    "{"name " * 30}"', ")"]


def test_heads_and_docstrings_are_filled() -> None:
    names = [f"name_{k}" for k in range(30)]
    lines = wrapped("def f(", names, "):")
    assert (lines[0], lines[-1]) == ("def f(", "):")
    assert " ".join(lines[1:-1]).split() == [f"{n}," for n in names]
    assert max(map(len, [*lines, *paragraph(f'"""{", ".join(names)}."""')])) <= 106
