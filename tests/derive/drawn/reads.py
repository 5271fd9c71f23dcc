"""Strategies for reads of tensors, `x[s*i+u-p]` and `E[tok[i]]` among them, and for conditions."""

from __future__ import annotations

from hypothesis import strategies as st

from .scope import Index, Scope, Tensor

Text = st.SearchStrategy[str]


@st.composite
def reads(draw: st.DrawFn, scope: Scope) -> str:
    """Draw a read that stays inside its tensor, by its guard if not by its indices."""
    tensor = draw(st.sampled_from(scope.real()))
    if not tensor.axes:
        return tensor.name
    slots, guards = zip(*[draw(slot(scope, n, tensor)) for n in tensor.axes], strict=True)
    element = f"{tensor.name}[{','.join(slots)}]"
    conditions = [g for g in guards if g]
    return f"([{', '.join(conditions)}]*{element})" if conditions else element


@st.composite
def slot(draw: st.DrawFn, scope: Scope, size: str, tensor: Tensor) -> tuple[str, str]:
    """Draw what stands at an axis of this size, and the conditions under which it lies inside."""
    plain = [i.letter for i in scope.over(size)]
    kinds = ["plain"] * 8 * bool(plain) + ["affine"] * 4 * bool(scope.indices)
    kinds += ["data"] * 3 * bool(scope.data(size)) + ["constant"]
    kind = draw(st.sampled_from(kinds))
    if kind == "plain":
        return draw(st.sampled_from(plain)), ""
    if kind == "constant":
        return draw(st.sampled_from(("0", f"{size}-1"))), ""
    if kind == "data":
        return draw(data(scope, size)), ""
    return draw(affine(scope, size, tensor.outside))


@st.composite
def data(draw: st.DrawFn, scope: Scope, size: str) -> str:
    """Draw a read of an integer tensor below this size."""
    tensor = draw(st.sampled_from(scope.data(size)))
    slots = [draw(st.sampled_from(scope.over(n))).letter for n in tensor.axes]
    return f"{tensor.name}[{','.join(slots)}]"


@st.composite
def affine(draw: st.DrawFn, scope: Scope, size: str, outside: bool) -> tuple[str, str]:
    """Draw an affine index expression, with its guard unless reads outside give 0."""
    i = draw(st.sampled_from(scope.indices))
    j = draw(st.sampled_from(scope.indices))
    forms = [f"{i.letter}+1", f"{i.letter}-1", f"{i.letter}+{j.letter}", f"{i.letter}-{j.letter}", f"2*{i.letter}"]
    forms += [f"2*{i.letter}+{j.letter}-1", f"{i.letter}+1-{j.letter}", f"s*{i.letter}+{j.letter}-p"]
    if i.size == size:
        forms = [f"{size}-1-{i.letter}", *forms, f"{i.letter}/2"]
    form = draw(st.sampled_from(forms))
    if form == f"{size}-1-{i.letter}":
        return form, ""
    if form.endswith("/2"):
        return form, f"{i.letter} % 2 == 0"
    return form, "" if outside else f"0 <= {form} < {size}"


@st.composite
def over_indices(draw: st.DrawFn, scope: Scope) -> str:
    """Draw a condition on the indices."""
    i = draw(st.sampled_from(scope.indices))
    forms = [f"{i.letter} > 0", f"{i.letter}+1 < {i.size}", f"{i.letter} != 0", f"{i.letter} % 2 == 0"]
    for first, second in scope.pairs():
        a, b = first.letter, second.letter
        forms += [f"{a} <= {b}", f"{a} < {b}", f"{a} != {b}", f"{a} == {b}", f"{a}+1 == {b}", f"not({a} == {b})"]
    if scope.data(i.size):
        forms.append(f"{draw(data(scope, i.size))} == {i.letter}")
    return draw(st.sampled_from(forms))


@st.composite
def conditions(draw: st.DrawFn, scope: Scope, value: Text) -> str:
    """Draw a condition, on indices or on real numbers."""
    if scope.indices and draw(st.booleans()):
        return draw(over_indices(scope))
    return f"{draw(value)} {draw(st.sampled_from(('>', '>=', '<')))} {draw(st.sampled_from(('0', '1/3')))}"


def bounds(inner: Index, scope: Scope) -> list[str]:
    """Return the brackets' contents that bind an index and leave something of its range."""
    same = [f"{inner.letter}<={i.letter}" for i in scope.over(inner.size)]
    return [f"{inner.letter}<{inner.size}", *same]
