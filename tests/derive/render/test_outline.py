from __future__ import annotations

import itertools

import pytest

from gradproof.derive.notation.printer import equation_boxes
from gradproof.derive.render.arrange import for_reading
from gradproof.derive.render.outline import outline


def shown(content):
    lines = [(s.name, x.equation, x.reason) for s in content.sections for x in s.lines]
    return {("step", *x) for x in lines} | {("result", x.equation, x.reason) for x in content.results + content.updates}


def test_every_line_of_a_level_is_in_the_next(derivation):
    levels = [shown(outline(derivation, detail)) for detail in (1, 2, 3)]
    assert levels[0] <= levels[1] <= levels[2]


def test_level_one_has_the_results_alone(derivation):
    content = outline(derivation, 1)
    assert not content.sections
    assert {x.equation for x in content.results} >= set(derivation.gradients.values())


def read(equation):
    return for_reading(equation_boxes(equation)[1])


def test_the_last_line_of_a_section_reads_like_its_last_step(derivation):
    last = {b.name: b.steps[-1].after for b in derivation.blocks}
    for section in outline(derivation, 2).sections:
        assert read(section.lines[-1].equation) == read(last[section.name])


def test_no_line_reads_like_the_one_above_it(derived):
    for name in ("adam", "nesterov"):
        for section in outline(derived(name), 2).sections:
            texts = [read(x.equation) for x in section.lines]
            assert all(a != b for a, b in itertools.pairwise(texts))


def test_level_three_has_every_step(derivation):
    assert sum(len(s.lines) for s in outline(derivation, 3).sections) == len(derivation.steps)


def test_a_result_names_the_equations_of_what_was_substituted_into_it(derived):
    results = {x.equation.name: x for x in outline(derived("softmax_cross_entropy"), 1).results}
    assert results["d_z"].uses == (1, 2)
    assert results["d_z"].marks == (0,)


def test_the_title_is_the_first_sentence(derived):
    content = outline(derived("mse"))
    assert content.title == "Mean squared error"
    assert content.source.startswith("The predictions p")


def test_unknown_levels_are_refused(derived):
    with pytest.raises(ValueError, match="one of 1, 2, 3"):
        outline(derived("mse"), 4)


def test_start_rows_of_the_forward_system_are_no_result(derived):
    text = "given x[T], h0\nparam w\nstart h[-1] = h0\nh[t] = w*h[t-1] + x[t]"
    assert {x.equation.name for x in outline(derived(text)).results} == {"t_h", "d_w"}
