"""All cases, by name."""

from . import elementwise, indexing, kinks, losses, matrices, normalisation, recurrent, scales
from .case import MISTAKES, PATHS, Case

_MODULES = (elementwise, indexing, kinks, losses, matrices, normalisation, recurrent, scales)

#: Every case of the corpus.
CASES: tuple[Case, ...] = tuple(case for module in _MODULES for case in module.CASES)
BY_NAME = {case.name: case for case in CASES}

if len(BY_NAME) != len(CASES):
    names = [case.name for case in CASES]
    raise ValueError(f"two cases of one name: {sorted({n for n in names if names.count(n) > 1})}")
for _case in CASES:
    if _case.path not in PATHS or (not _case.right and (_case.mistake not in MISTAKES or _case.truth is None)):
        raise ValueError(f"{_case.name}: expected a known path, and a known mistake and a truth where it is wrong")
