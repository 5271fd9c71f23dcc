"""Compiled functions that are read from disk without the parts of numba that only compiling needs.

Before numba reads a function that it keeps on disk, it imports what it knows of all of Python and NumPy, which takes
longer than all the rest of a kernel's first call. Code that is compiled needs none of it, but the runtime that arrays
come from, and the addresses of what it calls by name: these names are kept with the code, and where one is not known
in the process yet, numba is left to import everything first.
"""

from __future__ import annotations

import pickle
from typing import Any

from llvmlite.binding import address_of_symbol
from numba.core.caching import FunctionCache
from numba.core.ccallback import CFunc
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.runtime import rtsys
from numba.core.sigutils import normalize_signature

from gradproof.kernels.inside import inside_callers, with_parts
from gradproof.kernels.once import OptimisedOnce
from gradproof.kernels.twins import merge_twins

#: What reading damaged files raises: then the function is compiled again.
_DAMAGED = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError, ValueError)
#: Names that need no address: LLVM's own, and numba's for what it finds later.
_NAMELESS = ("llvm.", ".numba.unresolved$")


def hasten(names: dict[str, Any]) -> None:
    """Let the compiled functions among a module's names be read so; those that only they call are kept with them."""
    merge_twins(names)
    for value in names.values():
        if isinstance(value, Dispatcher) and not inside_callers(value):
            with_parts(value)
            _keep_otherwise(value)


def cfunc(signature: Any, *, cache: bool, **options: Any) -> Any:
    """Return what numba.cfunc does, a decorator; its function is read so, and optimised once."""

    def compiled(function: Any) -> Any:
        made = CFunc(function, normalize_signature(signature), {}, options, pipeline_class=OptimisedOnce)
        if cache:
            made.enable_caching()
            _keep_otherwise(made)
        made.compile()
        return made

    return compiled


def _keep_otherwise(function: Any) -> None:
    """Put our files in the place of numba's; a function that is not kept on disk stays as it is."""
    if type(function._cache) is FunctionCache:  # noqa: SLF001  (it has no public name)
        function._cache = Kept.like(function._cache)  # noqa: SLF001


class Kept(FunctionCache):
    """Compiled code of one function on disk: numba's files, and in them, with the code, the names that it needs."""

    @classmethod
    def like(cls, cache: FunctionCache) -> Kept:
        """Return one for the function of another cache."""
        made = cls.__new__(cls)
        made.__dict__.update(vars(cache))
        return made

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, or None."""
        if not self._enabled:
            return None
        rtsys.initialize(target_context)  # what arrays of compiled code come from
        key = self._index_key(sig, target_context.codegen())
        try:
            with self._guard_against_spurious_io_errors():
                return self._read(key, target_context)
        except _DAMAGED:
            return None

    def _read(self, key: Any, context: Any) -> Any:
        found = self._cache_file.load(key)
        if found is None:
            return None
        needed, parts = found
        if any(address_of_symbol(name) is None for name in needed):
            context.refresh()
        return CompileResult._rebuild(context, *parts)  # noqa: SLF001  (it has no public name)

    def _save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature."""
        if not self._enabled or not self._impl.check_cachable(data):
            return
        self._impl.locator.ensure_cache_path()
        parts = self._impl.reduce(data)
        self._cache_file.save(self._index_key(sig, data.codegen), (_needed(data.library), parts))


def _needed(library: Any) -> tuple[str, ...]:
    """Return the names that compiled code has from elsewhere."""
    module = library._final_module  # noqa: SLF001  (it has no public name)
    names = [x.name for xs in (module.functions, module.global_variables) for x in xs if x.is_declaration]
    return tuple(sorted(n for n in names if not n.startswith(_NAMELESS)))
