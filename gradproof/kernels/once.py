"""Functions that are optimised once: what is in them was written for LLVM, and little is to be gained.

Numba optimises each function by itself, then the module that it is put into with light passes, and at last that module
with all of them. For others that is worth its time: arrays that are counted, and loops that the first passes prepare.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary

from gradproof.kernels.passes import FewerPasses


class OptimisedOnce(FewerPasses):
    """Numba's compiler, with the library below."""

    def define_pipelines(self) -> Any:
        """Return the passes of numba's own."""
        if self.state.library is None:
            self.state.library = _Once(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        return super().define_pipelines()


class _Once(JITCodeLibrary):
    """Code that all passes go through when the whole module is there, and none before."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout  # noqa: SLF001  (it has no public name)

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager()  # noqa: SLF001  (it has no public name)
        passes.run(self._final_module, builder)
