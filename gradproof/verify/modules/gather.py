"""Which gradient is whose: what a gradient returned, set beside the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np

from gradproof.verify.modules.names import called_after
from gradproof.verify.modules.task import Unjudgeable
from gradproof.verify.modules.trees import Arguments, Leaf, at

Path = tuple[Any, ...]
_FEW = 6


class Gathered:
    """How the parts of what a gradient returns belong to inputs.

    Attributes:
        arguments: the inputs.
        parts: for each input that there is a gradient for, where it stands in what is returned: keys; () for all of it.
        absent: inputs in a dict or list of which other entries have a gradient.
        ignored: keys that belong to no input.
        others: inputs that one array, which says no name, may be the gradient of as well.
        flat: is it one vector over all inputs?
    """

    def __init__(self, raw: Any, labels: Sequence[str], arguments: Arguments, wrt: Sequence[str] = ()) -> None:
        self.arguments = arguments
        self.parts: dict[str, Path] = {}
        self.absent: list[str] = []
        self.ignored: list[str] = []
        self.others: list[str] = []
        self.flat, self.order = False, ""
        if raw is None or isinstance(raw, str | bytes):
            raise Unjudgeable(f"its gradient returns {'None' if raw is None else 'a text'}", expected="an array")
        if isinstance(raw, Mapping):
            self._by_key(raw)
        elif isinstance(raw, tuple | list) and not _is_one_array(raw):
            self._by_place(raw, labels, wrt)
        else:
            self._single(raw, labels, wrt)

    def taken(self, raw: Any) -> dict[str, Any]:
        """Return the gradient of each input by name, out of what was returned at a call.

        Raises:
            TypeError, KeyError, IndexError: it is not of the form that it had at the first call.
        """
        if self.flat:
            return self._cut(raw)
        return {name: at(raw, path) for name, path in self.parts.items()}

    def _cut(self, raw: Any) -> dict[str, Any]:
        """Return the parts of one vector over all inputs."""
        found, start = {}, 0
        for name in self.parts:
            shape = np.shape(self._value(name))
            size = int(np.prod(shape))
            found[name] = np.reshape(raw[start : start + size], shape)
            start += size
        return found

    def notes(self) -> tuple[str, ...]:
        """Say what is not judged."""
        found = [self.order] if self.order else []
        if self.ignored:
            found.append(f"not judged, since no input is named so: {', '.join(self.ignored)}")
        if self.absent:
            found.append(f"there is no gradient for {', '.join(self.absent)}")
        return tuple(found)

    # ------------------------------------------------------------ whose is it

    def _put(self, path: Path, value: Any, name: str) -> None:
        """Take a part as the gradient of an input, or of all that is in an argument."""
        inside = [leaf for leaf in self.arguments.within(name) if leaf.path]
        if name in self.arguments.names or not inside:
            self.parts[name] = path
            return
        for leaf in inside:
            found = _place(value, leaf)
            if found is None:
                self.absent.append(leaf.name)
            else:
                self.parts[leaf.name] = (*path, *found)

    def _known(self, label: str) -> str | None:
        """Return the input or argument that a label is the gradient of, None for none."""
        there = {*self.arguments.names, *self._real_arguments()}
        return next((name for name in called_after(label) if name in there), None)

    def _by_key(self, raw: Mapping[Any, Any]) -> None:
        leaves = {str(leaf.path[-1]): leaf.name for leaf in self.arguments.leaves if leaf.path}
        for key, value in raw.items():
            name = next((leaves[n] for n in called_after(str(key)) if n in leaves), None) or self._known(str(key))
            if name is None or value is None:
                self.ignored.append(str(key))
            else:
                self._put((key,), value, name)
        touched = {leaf.argument for leaf in self.arguments.leaves if leaf.path and leaf.name in self.parts}
        self.absent = [x.name for x in self.arguments.leaves if x.argument in touched and x.name not in self.parts]
        if not self.parts:
            self._complain(f"it returns a dict with the keys {', '.join(map(str, raw))}, and no input is named so")

    def _by_place(self, raw: Sequence[Any], labels: Sequence[str], wrt: Sequence[str]) -> None:
        present = [k for k, part in enumerate(raw) if part is not None]
        for k, name in self._places(raw, present, labels, wrt).items():
            self._put((k,), raw[k], name)

    def _places(
        self, raw: Sequence[Any], present: list[int], labels: Sequence[str], wrt: Sequence[str]
    ) -> dict[int, str]:
        """Return for each place in a tuple the input: by the names in the text, by order, by shape."""
        names = list(wrt) or self._real_arguments()
        known = [self._known(label) if label else None for label in labels] if len(labels) == len(raw) else []
        told = {k: name for k in present if known and (name := known[k]) is not None} if not wrt else {}
        if len(set(told.values())) < len(told):
            told = {}
        rest, free = [k for k in present if k not in told], [n for n in names if n not in told.values()]
        if len(rest) == len(free) or not rest:
            return told | dict(zip(rest, self._ordered(raw, rest, free), strict=False))
        if len(raw) == len(self.arguments.given) and not wrt:
            return {k: list(self.arguments.given)[k] for k in present}
        return told | self._by_shape(raw, rest, free)

    def _ordered(self, raw: Sequence[Any], rest: Sequence[int], free: Sequence[str]) -> Sequence[str]:
        """Return the inputs in their order; where that does not fit the shapes and one other does, in that."""
        wanted = [_shape(raw[k]) for k in rest]
        shapes = {name: _shape(self._value(name)) for name in free}
        if [shapes[name] for name in free] == wanted or not 2 <= len(free) <= _FEW:
            return free
        fitting = [names for names in permutations(free) if [shapes[n] for n in names] == wanted]
        if len(fitting) != 1:
            return free
        self.order = f"the gradients are taken in the order that fits their shapes: {', '.join(fitting[0])}"
        return fitting[0]

    def _by_shape(self, raw: Sequence[Any], rest: Sequence[int], free: Sequence[str]) -> dict[int, str]:
        """Return the one choice of inputs, in their order, that fits the shapes."""
        shapes = {name: _shape(self._value(name)) for name in free}
        wanted = [_shape(raw[k]) for k in rest]
        fitting = [names for names in combinations(free, len(rest)) if [shapes[n] for n in names] == wanted]
        if len(fitting) != 1 or len(free) > 12:
            self._complain(f"it returns {len(raw)} gradients, and the inputs are {', '.join(free)}")
        return dict(zip(rest, fitting[0], strict=True))

    def _single(self, raw: Any, labels: Sequence[str], wrt: Sequence[str]) -> None:
        names = list(wrt) or self._real_arguments()
        known = self._known(labels[0]) if len(labels) == 1 and labels[0] and not wrt else None
        alike = [n for n in names if _shape(self._value(n)) == _shape(raw)]
        one = len(names) == 1 and (bool(alike) or _shape(raw) != ())
        chosen = [known] if known is not None else names[:1] if one else alike
        if not chosen and self._fits_all(raw, names):
            self.flat, self.parts = True, dict.fromkeys(names, ())
            return
        if not chosen:
            self._complain(f"it returns one array of shape {_shape(raw)}, and the inputs are {', '.join(names)}")
        self._put((), raw, chosen[0])
        self.others = [name for name in chosen[1:] if name in self.arguments.names]

    # ------------------------------------------------------------ helpers

    def _fits_all(self, raw: Any, names: Sequence[str]) -> bool:
        """Is it one vector, as long as all inputs together?"""
        sizes = [int(np.prod(np.shape(self._value(name)))) for name in names if name in self.arguments.names]
        return np.ndim(raw) == 1 and len(sizes) == len(names) > 1 and sum(sizes) == len(raw)

    def _real_arguments(self) -> list[str]:
        """Return the arguments that a gradient may be for: real ones, and where there are none, whole ones."""
        chosen = self.arguments.floating or range(len(self.arguments.leaves))
        real = {self.arguments.leaves[k].argument for k in chosen}
        return [name for name in self.arguments.given if name in real]

    def _value(self, name: str) -> Any:
        """Return an input; for an argument of many, something of no array's shape."""
        names = self.arguments.names
        return self.arguments.values[names.index(name)] if name in names else {}

    def _complain(self, what: str) -> None:
        raise Unjudgeable(
            what,
            expected="a gradient for each, under the input's name or in the inputs' order",
            hint="say which they are: @gp.gradient_of(function, inputs=..., wrt=[...])",
        )


def _place(tree: Any, leaf: Leaf) -> Path | None:
    """Return where in a tree of gradients that of a leaf stands, None for nowhere: under its key, or dW for W."""
    path: Path = ()
    for key in leaf.path:
        if isinstance(tree, Mapping):
            found = next((k for k in tree if k == key or (isinstance(k, str) and key in called_after(k))), None)
        else:
            found = key if isinstance(key, int) and isinstance(tree, list | tuple) and key < len(tree) else None
        if found is None:
            return None
        tree, path = tree[found], (*path, found)
    return path


def _is_one_array(raw: Sequence[Any]) -> bool:
    return isinstance(raw, list) and bool(raw) and all(isinstance(x, float | int) for x in raw)


def _shape(x: Any) -> tuple[int, ...]:
    if isinstance(x, dict | list | tuple):
        return (-1,)
    return tuple(np.shape(x))
