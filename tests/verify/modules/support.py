"""Modules written for a test, judged in this process."""

import sys
import textwrap

from gradproof.verify.modules.results import Request
from gradproof.verify.modules.work import Work

HEAD = """
import numpy as np
rng = np.random.default_rng(0)
gradproof_inputs = {
    "x": rng.normal(size=(5, 4)), "w": rng.normal(size=(4, 3)), "b": rng.normal(size=3), "z": rng.normal(size=6),
    "y": np.array([0, 2, 1, 1, 0]), "eps": 1e-3, "target": rng.normal(size=6),
    "params": {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)},
}
"""


def work_on(tmp_path, monkeypatch, text, head=HEAD, **request):
    """Return the work on a module with this text, which stands behind the usual inputs."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    path = tmp_path / "layer.py"
    path.write_text(head + textwrap.dedent(text), encoding="utf-8")
    return Work(Request(str(path), **request))


def judged(work):
    """Return what became of each pair, by name."""
    return {pair.name: work.judged(pair) for pair in work.pairs()}
