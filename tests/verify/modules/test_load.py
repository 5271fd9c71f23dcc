"""A module that cannot be imported is bad input, told with its line."""

import sys

import pytest

from gradproof.errors import InputError
from gradproof.verify.modules.load import load


@pytest.fixture(autouse=True)
def own_modules(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("\nimport no_such_thing_here", "ModuleNotFoundError: No module named 'no_such_thing_here'", 2),
        ("import no_such_thing_here", "install no_such_thing_here in the environment that gradproof runs in", 1),
        ("def f(:\n    pass", "is no valid Python: ", 1),
        ("def g():\n    return 1 / 0\nx = g()", "ZeroDivisionError: division by zero", 2),
        ("import sys\nsys.exit(3)", "exits while it is imported (status 3)", 2),
        ("import sys\nsys.exit(3)", "put what runs it under: if __name__ == '__main__':", 2),
    ],
)
def test_what_is_told(tmp_path, text, message, line):
    path = tmp_path / "layer.py"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load(path)
    assert message in str(error.value)
    assert error.value.where.line == line


def test_a_mistake_in_a_neighbour_is_told_with_the_line_that_imports_it(tmp_path):
    (tmp_path / "neighbour_of_layer.py").write_text("x = 1 / 0")
    path = tmp_path / "layer.py"
    path.write_text("\n\nimport neighbour_of_layer")
    with pytest.raises(InputError) as error:
        load(path)
    assert (error.value.where.line, error.value.where.text) == (3, "import neighbour_of_layer")


def test_names_that_python_has_already_do_not_clash(tmp_path):
    path = tmp_path / "random.py"
    path.write_text("x = 3")
    assert load(path).x == 3
    assert sys.modules["random"].__file__ != str(path)
