"""All cases, by name."""

from gradproof.verify.diagnosis.kinds import KINDS

from . import (
    behaviour,
    elementwise,
    indexing,
    kinks,
    losses,
    matrices,
    memory,
    normalisation,
    recurrent,
    reported,
    reported_networks,
    scales,
    statistics,
    variety,
)
from .case import BEYOND, NAMELESS, PATHS, Case

_MODULES = (
    behaviour,
    elementwise,
    indexing,
    kinks,
    losses,
    matrices,
    memory,
    normalisation,
    recurrent,
    reported,
    reported_networks,
    scales,
    statistics,
    variety,
)

#: Every case of the corpus.
CASES: tuple[Case, ...] = tuple(case for module in _MODULES for case in module.CASES)
#: The names of the cases, by module.
FAMILIES = {module.__name__.rpartition(".")[2]: [case.name for case in module.CASES] for module in _MODULES}
BY_NAME = {case.name: case for case in CASES}

if len(BY_NAME) != len(CASES):
    names = [case.name for case in CASES]
    raise ValueError(f"two cases of one name: {sorted({n for n in names if names.count(n) > 1})}")
for _case in CASES:
    known = set(_case.mistake.split("/")) <= {*KINDS, *BEYOND, NAMELESS}
    if _case.path not in PATHS or (not _case.right and (not known or _case.truth is None)):
        raise ValueError(f"{_case.name}: expected a known path, and a known mistake and a truth where it is wrong")
