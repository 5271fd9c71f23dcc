"""What a row's helper tells LLVM of its arguments: which of them share no memory with others."""

from __future__ import annotations

from collections.abc import Callable, Collection

#: LLVM compares the addresses of what a loop reads and writes before it uses vectors, up to 128 pairs: above, it uses
#: none.
_PAIRS = 100

ALONE_IMPORTS = ("from numba import types", "from numba.extending import intrinsic")
ALONE = '''\
@intrinsic(prefer_literal=True)
def alone(typing, names):
    """Promise LLVM that no argument shares memory with those named: it does not test very many before a loop."""
    addresses = {f"arg.{name}.4" for name in names.literal_value.split()}  # as numba calls them

    def code(context, b, signature, arguments):
        for x in b.function.args:
            if x.name in addresses:
                x.add_attribute("noalias")
        return context.get_dummy_value()

    return types.void(names), code
'''


def promise(arguments: tuple[str, ...], written: Collection[str], base: Callable[[str], str]) -> list[str]:
    """Return the line that names what is written and is the only view of its array; none where LLVM tests that itself.

    Args:
        arguments: names of views, arrays and numbers.
        written: those that the function writes.
        base: gives the array that a name is a view of. Arrays do not overlap: `check_out` has refused it.
    """
    targets = [a for a in arguments if a in written]
    if len(targets) * (len(arguments) - (len(targets) + 1) / 2) < _PAIRS:
        return []
    bases = [base(a) for a in arguments]
    single = [a for a in targets if bases.count(base(a)) == 1]
    return [f'alone("{" ".join(single)}")'] if single else []
