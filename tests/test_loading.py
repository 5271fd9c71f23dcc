"""The front door: what is no text, no name and no system is refused in words."""

import inspect

import pytest

import gradproof as gp

NET = gp.system("given x[n]\nassume sum[i] x[i] = 1\ny = sum[i] x[i]**2")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gp.system(None), "system is given None of type NoneType\n  expected: a text"),
        (lambda: gp.system(123), "system is given 123 of type int"),
        (lambda: gp.system(b"y = 1"), "system is given b'y = 1' of type bytes"),
        (lambda: gp.system(""), "<text> has no equation"),
        (lambda: gp.load(None), "load is given None"),
        (lambda: gp.load(3), "load is given 3"),
        (lambda: gp.load("softmx"), "nothing is called 'softmx': (.|\n)*did you mean softmax?"),
        (lambda: gp.load("lstmm"), "no entry of the catalogue, and no file here\n  expected: a path, or one of"),
        (lambda: gp.read_document(None), "read_document is given None"),
        (
            lambda: gp.read_document("net.eqs"),
            r"is a system, not a page\n  help: read it with load\('net.eqs'\)",
        ),
        (lambda: gp.derive("y = x**2"), "derive is given a str: 'y = x\\*\\*2'(.|\n)*gp.derive\\(gp.system"),
        (lambda: gp.derive(None), "derive is given a NoneType"),
        (lambda: gp.derive(NET, of=3), "of is 3\n  expected: a name or several"),
        (lambda: gp.derive(NET, wrt=[None]), r"wrt is \[None\]"),
        (lambda: gp.derive(NET, without=3), "without is 3"),
        (lambda: gp.derive(NET, without="sum_y"), "no assumption named 'sum_y'\n  expected: sum_x"),
        (lambda: gp.evaluate("y = x**2", {}), "evaluate is given a str"),
        (lambda: gp.evaluate(gp.derive(NET), {}), r"evaluate is given a derivation(.|\n)*d.evaluate\(inputs\)"),
        (lambda: gp.evaluate(NET, None), "the inputs are a NoneType"),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    with pytest.raises(gp.InputError, match=message):
        call()


def test_a_page_without_an_equation_is_refused(tmp_path):
    path = tmp_path / "prose.md"
    path.write_text("# Prose\n\nNo equation here.\n")
    with pytest.raises(gp.InputError, match="has no display equation"):
        gp.read_document(path)


def test_help_on_derive_is_help_on_the_verb():
    from gradproof.derive.derivation import derive

    signature = str(inspect.signature(derive)).replace("'", '"')
    assert str(inspect.signature(gp.derive)).replace("collections.abc.", "").replace("'", "") == signature.replace(
        '"', ""
    )
    for name in inspect.signature(derive).parameters:
        assert f"\n    {name}: " in gp.derive.__doc__


def test_a_derivation_shows_itself_in_a_line_and_in_a_notebook():
    d = gp.derive(NET)
    assert repr(d) == "<Derivation of y with respect to x>"
    assert d._repr_markdown_() == d.markdown()


def test_one_assumption_may_be_named_by_a_string():
    assert gp.derive(NET, without="sum_x").gradients == gp.derive(NET, without=["sum_x"]).gradients
    assert gp.derive(NET, without="all").gradients == gp.derive(NET, without=["sum_x"]).gradients


def test_a_file_without_a_suffix_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net").write_text("given x\ny = x**2\n")
    assert gp.load("net").outputs == ("y",)
