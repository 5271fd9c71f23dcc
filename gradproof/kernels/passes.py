"""Numba's passes without those that find nothing in generated functions.

There are no functions inside these, no comprehensions, and no expressions of whole arrays; looking for them took an
eighth of the time that numba's own code spends on a large function.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import Compiler
from numba.core.typed_passes import InlineOverloads, NopythonRewrites
from numba.core.untyped_passes import InlineClosureLikes

_IDLE = (InlineClosureLikes, InlineOverloads, NopythonRewrites)


class FewerPasses(Compiler):
    """Numba's compiler of functions that hold loops, numbers and places of arrays alone."""

    def define_pipelines(self) -> Any:
        """Return numba's own passes, less the idle ones."""
        pipelines = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.passes = [(kind, what) for kind, what in pipeline.passes if kind not in _IDLE]
            pipeline.finalize()
        return pipelines
