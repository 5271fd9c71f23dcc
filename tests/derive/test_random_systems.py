"""Random systems: every derived gradient against dual balls of the forward equations alone."""

import pytest

import gradproof as gp
from gradproof.verify.exact import check_derivation
from tests.derive.random_systems import random_system


def judge(seed: int) -> None:
    text = random_system(seed)
    derivation = gp.derive(gp.system(text), of="out")
    for check in check_derivation(derivation, seed=seed):
        assert check.verdict == "right", f"seed {seed}, gradient of {check.name}: {check.reason} {check.worst}\n{text}"


@pytest.mark.parametrize("seed", range(30))
def test_random_systems(seed: int) -> None:
    judge(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_many_random_systems(seed: int) -> None:
    judge(seed)
