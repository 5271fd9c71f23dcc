"""What the functions of one kernel share: names, places, and the helpers written so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gradproof.kernels.breaking import broken, wrapped
from gradproof.kernels.emission.places import Places
from gradproof.kernels.names import ascii_name
from gradproof.kernels.scope import Scope

#: Nothing may assume that there is no nan and no infinity; reductions may be reordered.
SERIAL, SUMS, UNCACHED = "@serial", "@sums", "@uncached"
#: The same for what no Python calls: numba writes no wrapper, which it would compile again in each caller.
INNER, INNER_SUMS = "@inner", "@inner_sums"
#: The same for functions that make arrays with numpy, or get them from others.
COUNTED, COUNTED_SUMS = "@counted", "@counted_sums"
_COUNTED = {SERIAL: COUNTED, SUMS: COUNTED_SUMS, INNER: COUNTED, INNER_SUMS: COUNTED_SUMS}
_ARRAYS = re.compile(r"\b(np\.(empty|zeros|full)|negated|solve_rows|log_abs_det)\(")


@dataclass(frozen=True, slots=True)
class Helper:
    """A function of the module.

    Attributes:
        name: its name.
        arguments: its parameters, which have the same names where it is called.
        text: its source.
    """

    name: str
    arguments: tuple[str, ...]
    text: str


@dataclass
class Kit:
    """One kernel's text while it is written.

    Attributes:
        name: the kernel's name, with which every function's begins.
        places: where tensors are kept.
        helpers: the functions so far, in an order in which each stands before those that call it.
    """

    name: str
    places: Places
    helpers: list[Helper] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        return self.places.scope

    def helper(self, wish: str, arguments: tuple[str, ...], lines: tuple[str, ...], *, sums: bool) -> Helper:
        """Add a function that generated functions alone call, and return it."""
        found = self.decorator(arguments, sums=sums)
        decorator = {SERIAL: INNER, SUMS: INNER_SUMS}.get(found, found)
        return self.add(self.function_name(wish), arguments, lines, decorator)

    def add(self, name: str, arguments: tuple[str, ...], lines: tuple[str, ...], decorator: str) -> Helper:
        """Add a function with a decorator, or plain Python without one."""
        if _ARRAYS.search("\n".join(lines)):
            decorator = _COUNTED.get(decorator, decorator)
        head = [*([decorator] if decorator else []), *wrapped(f"def {name}(", arguments, "):")]
        made = Helper(name, arguments, "\n".join([*head, *[f"    {line}" for line in broken(lines)]]))
        self.helpers.append(made)
        return made

    def decorator(self, arguments: tuple[str, ...], *, sums: bool) -> str:
        """Return the decorator: numba cannot keep on disk what is compiled for the functions that it gets."""
        return UNCACHED if self.scope.functions & set(arguments) else SUMS if sums else SERIAL

    def function_name(self, wish: str) -> str:
        """Return a name for a function that nothing visible has."""
        taken = self.scope.visible() | {h.name for h in self.helpers} | self.scope.names.reserved | {self.name}
        base, number = ascii_name(wish)[:60], 2
        name = base
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        return name
