"""Put something in the place of a tensor's elements, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Basic

from gradproof.derive.nodes import Element, Reduce, names_in, rebuild


def map_elements(e: Basic, replace: Mapping[str, Callable[[Element], Basic]]) -> Basic:
    """Replace each element of the tensors named in `replace` by `replace[name](element)`, opening reductions."""

    def go(x: Basic) -> Basic:
        if not (names_in(x) & frozenset(replace)):
            return x
        if isinstance(x, Element):
            x = rebuild(x, [x.args[0], *[go(i) for i in x.indices]])
            return replace[x.name](x) if x.name in replace else x
        if isinstance(x, Reduce):
            opened, body, conditions = x.open()
            return Reduce(x.op, go(body), opened, x.sizes, [go(c) for c in conditions])
        return rebuild(x, [go(a) for a in x.args])

    return go(e)


def renamed_elements(e: Basic, names: Mapping[str, str]) -> Basic:
    """Give tensors other names, wherever their elements stand."""

    def renaming(name: str) -> Callable[[Element], Basic]:
        return lambda element: Element(name, *element.indices)

    return map_elements(e, {old: renaming(new) for old, new in names.items()})
