"""Functions that compiled functions alone call: what LLVM makes of them, it makes once, inside their callers.

Numba optimises each function by itself and makes machine code of it, and does so again with the copies in its callers.
Of a function that Python does not call nothing but these copies ever runs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from numba.core.caching import NullCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


def inside_callers(function: Any) -> bool:
    """Let a function that only compiled functions call be compiled inside those; return whether it is one.

    Its code is kept on disk with theirs. One is such that Python cannot call, or that is put into all of its callers;
    where its module is a file of a user's, Python may call the latter, but it is refused here.
    """
    options = function.targetoptions
    if not (options.get("no_cpython_wrapper") or options.get("forceinline")):
        return False
    options["no_cpython_wrapper"] = True
    function._compiler.pipeline_class = _Inside  # noqa: SLF001  (it has no public name)
    function._cache = NullCache()  # noqa: SLF001
    function._compile_for_args = partial(_refuse, function.__name__)  # noqa: SLF001
    function.add_overload = partial(_known, function)
    return True


def _refuse(name: str, *_arguments: Any, **_named: Any) -> None:
    """Answer a call from Python: there is no code that could be run."""
    raise TypeError(f"{name} is a part of compiled functions here, and cannot be called from Python")


def _known(function: Any, compiled: Any) -> None:
    """Note what was compiled for callers; numba would note it for calls from Python too."""
    function.overloads[tuple(compiled.signature.args)] = compiled


class _Inside(Compiler):
    """Numba's compiler, with the library below."""

    def define_pipelines(self) -> Any:
        """Return the passes of numba's own."""
        if self.state.library is None:
            codegen, name = self.state.targetctx.codegen(), self.state.func_id.func_qualname
            self.state.library = _Unfinished(codegen, name)
        return super().define_pipelines()


class _Unfinished(JITCodeLibrary):
    """What numba made of a function for LLVM, with what that calls: to be linked into callers, and no machine code."""

    @property
    def codegen(self) -> Any:
        """What makes machine code; it is told of no environment here, which callers do without."""
        return _WithoutEnvironments(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: there is no such code."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self) -> None:
        """Leave that to the callers' libraries."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _WithoutEnvironments:
    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing."""
