from dataclasses import replace

import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.nodes import Iverson
from gradproof.derive.notation import parse_system
from gradproof.verify import check_derivation
from gradproof.verify.branches import branches, has_branches, other_sides

CASES = parse_system("given z[n], y[m, n]\na[i] = where(z[i] > 1, z[i], 0)\nb = sum[i, j, y[i,j] > z[j]] y[i,j]")
Z, Y = [2.0, 3.0], [[1.0, 1.0], [5.0, 0.0]]


def test_the_sides_that_are_taken():
    met = branches(CASES, {"z": Z, "y": Y}, {})
    places = {place for place, _ in met}
    assert sorted(len([m for m in met if m[0] == p]) for p in places) == [1, 2]


def test_the_other_sides():
    first = branches(CASES, {"z": Z, "y": Y}, {})
    both = first | branches(CASES, {"z": [0.0, 3.0], "y": Y}, {})
    assert other_sides(first)
    assert other_sides(both) == frozenset()


def test_a_smooth_system_has_none():
    assert not has_branches(parse_system("given z[n]\na[i] = exp(z[i])*[i > 0]"))
    assert has_branches(CASES)


# At normal numbers the first case is rare, and by three points alone it would not be judged.
@pytest.mark.parametrize("text", ["[abs(z[i]) < 1/64]*z[i]**2", "where(z[i] > 5, z[i]**3, z[i])", "[z[i] > 9*s]*z[i]"])
def test_both_sides_are_judged(text):
    derivation = derive(parse_system(f"given z[n], s\na[i] = {text}"), wrt="z")
    assert [c.verdict for c in check_derivation(derivation)] == ["right"]
    wrong = replace(
        derivation.backward,
        equations=tuple(replace(e, value=_without_its_cases(e.value)) for e in derivation.backward.equations),
    )
    assert [c.verdict for c in check_derivation(derivation, backward=wrong)] == ["wrong"]


def _without_its_cases(value):
    return value.xreplace({b: Iverson() for b in value.atoms(Iverson)})
