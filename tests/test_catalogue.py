import shutil

import pytest

from gradproof import catalogue
from gradproof.errors import InputError

EXPECTED = """
binary_cross_entropy cross_entropy dense mlp mse neuron relu sgd sigmoid softmax softmax_cross_entropy
softmax_cross_entropy_labels tanh
"""


def test_the_entries_of_the_first_release_are_there():
    assert set(EXPECTED.split()) <= set(catalogue.names())


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_each_entry_has_a_title_and_inputs(entry):
    assert entry.title
    assert len(entry.title) < 80
    assert entry.given or entry.param


def test_the_list_shows_what_a_file_declares():
    (sgd,) = (entry for entry in catalogue.entries() if entry.name == "sgd")
    assert (sgd.given, sgd.param) == ("X[m, n], y[m], alpha", "w[n], b")


def test_a_new_file_is_a_new_entry(tmp_path, monkeypatch):
    shutil.copytree(catalogue._FOLDER, tmp_path / "catalogue")
    monkeypatch.setattr(catalogue, "_FOLDER", tmp_path / "catalogue")
    (tmp_path / "catalogue" / "square.eqs").write_text('"""A square. Nobody (2026)."""\ngiven x\ny = x**2\n')
    assert "square" in catalogue.names()
    assert catalogue.Entry("square", "A square", "x", "") in catalogue.entries()


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(InputError, match="did you mean softmax"):
        catalogue.read("sofmax")
    with pytest.raises(InputError, match="gradproof list"):
        catalogue.read("zzz")


def test_a_name_is_no_path():
    with pytest.raises(InputError, match="there is no"):
        catalogue.read("../catalogue/softmax")
