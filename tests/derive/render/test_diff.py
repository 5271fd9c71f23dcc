from __future__ import annotations

from gradproof.derive.notation import parse_system
from gradproof.derive.render.diff import changed
from gradproof.derive.render.mathtext import Writer
from gradproof.derive.render.pretty import words
from gradproof.derive.render.symbols import Symbols


def marked(before, after):
    docs = []
    for value in (before, after):
        system = parse_system(f"given a[n], b[n], c[n]\ny[i] = {value}")
        docs.append(Writer(Symbols(ascii=True), system).right(system.equations[0]))
    new = changed(*docs)
    return "".join(w.text for k, w in enumerate(words(docs[1])) if k in new)


def test_a_folded_factor_is_marked_with_its_index():
    assert marked("a[i] + exp(b[i])/c[i]", "a[i] + c[i]") == ""
    assert marked("a[i] + exp(b[i])*a[i]", "a[i] + c[i]*a[i]") == "c[i]"


def test_equal_expressions_have_no_mark():
    assert marked("a[i] + b[i]", "a[i] + b[i]") == ""


def test_a_change_of_everything_is_no_change_to_look_at():
    assert marked("a[i]", "exp(b[i])*exp(c[i])") == ""


def test_the_first_line_has_no_mark():
    system = parse_system("given a[n]\ny[i] = a[i]**2")
    assert changed(None, Writer(Symbols(), system).right(system.equations[0])) == frozenset()
