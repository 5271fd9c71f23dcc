"""Functions that compiled functions alone call: what LLVM makes of them, it makes once, inside their callers.

Numba optimises each function by itself and makes machine code of it, and does so again with the copies in its callers.
Of a function that Python does not call nothing but these copies ever runs.
"""

from __future__ import annotations

from dis import get_instructions
from functools import partial
from typing import Any

from numba.core.caching import NullCache
from numba.core.codegen import JITCodeLibrary

from gradproof.kernels.passes import FewerPasses

#: Where a function calls more functions with loops than these, they stay functions in it: LLVM's passes take longer for
#: one large function than for its parts, and a call is nothing beside a row.
_FEW = 8


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


def with_parts(function: Any) -> None:
    """Let a function that Python calls hold those that only compiled functions call: as copies, or beside it."""
    function._compiler.pipeline_class = _WithParts  # noqa: SLF001  (it has no public name)


def _refuse(name: str, *_arguments: Any, **_named: Any) -> None:
    """Answer a call from Python: there is no code that could be run."""
    raise TypeError(f"{name} is a part of compiled functions here, and cannot be called from Python")


def _known(function: Any, compiled: Any) -> None:
    """Note what was compiled for callers; numba would note it for calls from Python too."""
    function.overloads[tuple(compiled.signature.args)] = compiled


class _Inside(FewerPasses):
    """Numba's compiler, with the library below."""

    def define_pipelines(self) -> Any:
        """Return the passes of numba's own."""
        if self.state.library is None:
            codegen, function = self.state.targetctx.codegen(), self.state.func_id
            self.state.library = _Unfinished(codegen, function.func_qualname)
            loops = any(i.opname == "FOR_ITER" for i in get_instructions(function.code))
            self.state.library.loops = loops and not self.state.flags.forceinline
        return super().define_pipelines()


class _Unfinished(JITCodeLibrary):
    """What numba made of a function for LLVM, with what that calls: to be linked into callers, and no machine code.

    Attributes:
        loops: has the function a loop, and may it stay a function in its callers?
        names: of the function for LLVM.
    """

    loops = False
    names: tuple[str, ...] = ()

    @property
    def codegen(self) -> Any:
        """What makes machine code; it is told of no environment here, which callers do without."""
        return _WithoutEnvironments(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: there is no such code."""
        self._ensure_finalized()
        return 0

    def add_ir_module(self, ir_module: Any) -> None:
        """Note how the function is called."""
        self.names += tuple(f.name for f in ir_module.functions if not f.is_declaration)
        super().add_ir_module(ir_module)

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


class _WithParts(FewerPasses):
    """Numba's compiler, with the library below."""

    def define_pipelines(self) -> Any:
        """Return the passes of numba's own."""
        if self.state.library is None:
            self.state.library = _Whole(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        return super().define_pipelines()


class _Whole(JITCodeLibrary):
    """A function that Python calls, with those that it calls."""

    def _optimize_final_module(self) -> None:
        linked = dict.fromkeys(x for x in self._linking_libraries if isinstance(x, _Unfinished) and x.loops)
        if len(linked) > _FEW:
            for name in dict.fromkeys(name for library in linked for name in library.names):
                function = self._final_module.get_function(name)
                function.linkage = "internal"  # nothing else calls it: arguments that it does not use are left out
                function.add_function_attribute("noinline")
        super()._optimize_final_module()
