"""The front door: what is no text, no name and no system is refused in words."""

import pytest

import gradproof as gp

NET = gp.system("given x[n]\nassume sum[i] x[i] = 1\ny = sum[i] x[i]**2")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gp.system(None), "system is given None, a NoneType\n  expected: a text"),
        (lambda: gp.system(123), "system is given 123, a int"),
        (lambda: gp.system(b"y = 1"), "system is given b'y = 1', a bytes"),
        (lambda: gp.system(""), "<text> has no equation"),
        (lambda: gp.load(None), "load is given None"),
        (lambda: gp.load(3), "load is given 3"),
        (lambda: gp.load("softmx"), "nothing is called 'softmx': (.|\n)*did you mean softmax?"),
        (lambda: gp.load("lstmm"), "no entry of the catalogue, and no file here\n  expected: a path, or one of"),
        (lambda: gp.read_document(None), "read_document is given None"),
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


def test_one_assumption_may_be_named_by_a_string():
    assert gp.derive(NET, without="sum_x").gradients == gp.derive(NET, without=["sum_x"]).gradients
    assert gp.derive(NET, without="all").gradients == gp.derive(NET, without=["sum_x"]).gradients


def test_a_file_without_a_suffix_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net").write_text("given x\ny = x**2\n")
    assert gp.load("net").outputs == ("y",)
