import pytest

from gradproof.derive.derivation import derive
from gradproof.verify import check_derivation, mutants

from .systems import CATALOGUE, SYSTEMS


def survivors(system):
    derivation = derive(system)
    for mutant in mutants(derivation.backward):
        checks = check_derivation(derivation, backward=mutant.system)
        if not any(c.verdict == "wrong" for c in checks):
            yield f"({mutant.equation}) {mutant.name}: {mutant.change}"


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_mutant_of_the_catalogue_is_objected_to(name):
    assert list(survivors(CATALOGUE[name])) == []


# Not "max of two": what its mutants change is the convention at ties, and random points have none.
@pytest.mark.parametrize("name", ["layer norm", "causal attention", "embedding", "unknown function", "product"])
def test_every_mutant_of_harder_systems_is_objected_to(name):
    assert list(survivors(SYSTEMS[name])) == []


def test_there_are_mutants_of_every_kind():
    changes = {m.change.split(" ")[0] for name in CATALOGUE for m in mutants(derive(CATALOGUE[name]).backward)}
    assert changes >= {"flip", "drop", "double", "raise"}


def test_a_mutant_changes_one_equation():
    backward = derive(CATALOGUE["mlp"]).backward
    for mutant in mutants(backward):
        changed = [a.name for a, b in zip(backward.equations, mutant.system.equations, strict=True) if a != b]
        assert changed == [mutant.name]
