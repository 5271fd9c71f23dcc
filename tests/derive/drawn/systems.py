"""Strategies for whole systems: equations, recurrences, named softmaxes, windows, gathers, assumptions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from .expressions import expressions
from .reads import data
from .scope import LETTERS, Index, Scope, Tensor

GIVEN = (
    Tensor("x", ("n",)),
    Tensor("A", ("n", "n")),
    Tensor("B", ("n", "m")),
    Tensor("z", ("m",), outside=True),
    Tensor("C", ("m", "q"), outside=True),
    Tensor("w", ("2",)),
    Tensor("t"),
    Tensor("tok", ("n",), bound="m"),
    Tensor("back", ("m",), bound="n"),
)
#: An assumption, and the tensor that it is about.
ASSUMED = (Tensor("Y", ("n", "m")), "assume sum[j] Y[i,j] = 1")
#: Shapes of computed tensors.
SHAPES = ((), ("n",), ("n", "m"), ("m",), ("n", "n"), ("q",), ("m", "2"))


@dataclass(frozen=True, slots=True)
class Case:
    """The text of a system and what is differentiated for what; without `of` all that no other equation reads."""

    text: str
    of: tuple[str, ...]
    wrt: tuple[str, ...]

    def __repr__(self) -> str:
        return f"derivative of {', '.join(self.of) or 'what is not read'} for {', '.join(self.wrt)}:\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that define one tensor, and the scope below them."""

    text: tuple[str, ...]
    scope: Scope


def free_indices(axes: tuple[str, ...]) -> tuple[Index, ...]:
    """Return an index for each axis, all different."""
    letters = {size: iter(LETTERS[size]) for size in axes}
    return tuple(Index(next(letters[size]), size) for size in axes)


def head(tensor: Tensor) -> str:
    """Return the tensor's element at its free indices, as it stands at the left of an equation."""
    slots = ",".join(i.letter for i in free_indices(tensor.axes))
    return f"{tensor.name}[{slots}]" if slots else tensor.name


def declared(tensor: Tensor) -> tuple[str, ...]:
    """Return the line that states the shape of a computed tensor."""
    return (f"shape {tensor}",) if tensor.axes else ()


@st.composite
def definitions(draw: st.DrawFn, scope: Scope, name: str, depth: int) -> Lines:
    tensor = Tensor(name, draw(st.sampled_from(SHAPES)), outside=draw(st.booleans()), computed=True)
    inner = replace(scope, indices=free_indices(tensor.axes))
    value = draw(expressions(inner, depth))
    outside = (f"outside {name} = 0",) * (tensor.outside and bool(tensor.axes))
    text = (*declared(tensor), *outside, f"{head(tensor)} = {value}")
    return Lines(text, scope.knowing(tensor))


@st.composite
def softmaxes(draw: st.DrawFn, scope: Scope, name: str, _depth: int) -> Lines:
    """Draw a softmax of scores over an axis, or the logarithm of one, both as equations of their own."""
    scores = draw(st.sampled_from([t for t in scope.real() if t.axes]))
    letters = [i.letter for i in free_indices(scores.axes)]
    k = draw(st.integers(0, len(letters) - 1))
    bound = next(x for x in LETTERS[scores.axes[k]] if x not in letters)
    mine, other = (f"{scores.name}[{','.join(s)}]" for s in (letters, [*letters[:k], bound, *letters[k + 1 :]]))
    total = f"(sum[{bound}<{scores.axes[k]}] exp({other}))"
    tensor = Tensor(name, scores.axes, computed=True)
    value = draw(st.sampled_from((f"exp({mine})/{total}", f"{mine} - log({total})", f"{mine}/sqrt({total})")))
    return Lines((*declared(tensor), f"{head(tensor)} = {value}"), scope.knowing(tensor))


@st.composite
def recurrences(draw: st.DrawFn, scope: Scope, name: str, depth: int) -> Lines:
    """Draw a recurrence over n: forward or backward, one or two steps long, its first row given outside or inside."""
    tensor = Tensor(name, draw(st.sampled_from((("n",), ("n", "m")))), computed=True)
    kind = draw(st.sampled_from(("forward", "backward", "two", "inside")))
    first, *rest = free_indices(tensor.axes)
    back = {"backward": f"{first.letter}+1"}.get(kind, f"{first.letter}-1")
    slots = [back, f"{first.letter}-2"] if kind == "two" else [back]
    steps = [f"{name}[{','.join([s, *(i.letter for i in rest)])}]" for s in slots]
    rows = {"backward": ["n"], "two": ["-1", "-2"], "inside": ["0"]}.get(kind, ["-1"])
    outer = replace(scope, indices=tuple(rest))
    starts = [
        f"start {name}[{','.join([r, *(i.letter for i in rest)])}] = {draw(expressions(outer, depth - 1))}"
        for r in rows
    ]
    inner = replace(scope, indices=(first, *rest))
    value = " + ".join(f"{s}*{draw(expressions(inner, depth - 1))}" for s in steps)
    form = draw(st.sampled_from(("tanh({})", "sin({})", "where({0} > 0, tanh({0}), {0}/2)")))
    added = f"{value} + {draw(expressions(inner, depth - 1))}"
    # The start rows are inside under `outside`; none is needed, for only plain reads are drawn below.
    text = (*declared(tensor), *starts, f"{head(tensor)} = {form.format(added)}")
    return Lines(text, scope.knowing(tensor))


@st.composite
def windows(draw: st.DrawFn, scope: Scope, name: str, _depth: int) -> Lines:
    """Draw a convolution or a pooling with symbolic stride and padding."""
    tensor = Tensor(name, ("m",), outside=True, computed=True)
    inside = draw(st.sampled_from(("z[s*j+o-p]*w[o]", "z[s*j+2*o-p]*w[1-o]", "z[2*j-o]**2*w[o]", "z[s*j+o]")))
    op = draw(st.sampled_from(("sum", "max", "mean")))
    if op != "sum":
        inside = "z[s*j+o]"
    text = (*declared(tensor), f"outside {name} = 0", f"{head(tensor)} = {op}[o<2] {inside}")
    return Lines(text, scope.knowing(tensor))


@st.composite
def scatters(draw: st.DrawFn, scope: Scope, name: str, depth: int) -> Lines:
    """Draw a scatter-add: the sum of what belongs to each value of an integer tensor."""
    tensor = Tensor(name, ("m",), computed=True)
    inner = replace(scope, indices=(Index("j", "m"), Index("i", "n")))
    where = draw(data(inner, "m"))
    value = draw(expressions(inner, depth - 1))
    return Lines((*declared(tensor), f"{name}[j] = sum[i<n, {where} == j] {value}"), scope.knowing(tensor))


PARTS = (definitions, softmaxes, recurrences, windows, scatters)


@st.composite
def cases(draw: st.DrawFn, depth: int = 2, most: int = 3) -> Case:
    """Draw a system of a few equations, the last one behind those that it may read."""
    given = (*GIVEN, *draw(st.sampled_from(((), (ASSUMED[0],)))))
    scope, lines = Scope(given), []
    for number in range(draw(st.integers(0, most))):
        part = draw(draw(st.sampled_from(PARTS))(scope, f"y{number}", depth - number % 2))
        lines += part.text
        scope = part.scope
    last = draw(definitions(scope, "out", depth))
    lines += last.text
    computed = [t.name for t in last.scope.tensors if t.computed]
    of = draw(st.sampled_from(((), ("out",), tuple(sorted({"out", computed[0]})))))
    known = given if draw(st.booleans()) else tuple(t for t in given if _is_read(t, lines))
    real = [t.name for t in known if not t.bound] or ["t"]
    wrt = draw(st.one_of(st.just(tuple(real)), st.sampled_from(real).map(lambda name: (name,))))
    return Case("\n".join([*declarations(known, wrt), *lines]), of, wrt)


def _is_read(tensor: Tensor, lines: list[str]) -> bool:
    return any(re.search(rf"\b{tensor.name}\b", line) for line in lines)


def declarations(tensors: tuple[Tensor, ...], wrt: tuple[str, ...]) -> list[str]:
    """Return the lines above the equations."""
    extra = [] if {t.name for t in tensors} >= {*wrt} else [Tensor(name) for name in wrt]
    lines = [f"given {', '.join(map(str, (*tensors, *extra)))}", "given function phi", "given size n, m, q, s, p"]
    lines += [ASSUMED[1]] * (ASSUMED[0] in tensors)
    return lines + [f"outside {t.name} = 0" for t in tensors if t.outside]
