"""parse(print(system)) == system."""

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

import gradproof
from gradproof.derive.notation import format_equation, format_expr, format_system, parse_system
from tests.derive.notation.texts import TEXTS

CATALOGUE = sorted((Path(gradproof.__file__).parent / "catalogue").glob("*.eqs"))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_texts(name: str) -> None:
    system = parse_system(TEXTS[name])
    text = format_system(system)
    assert parse_system(text) == system
    assert format_system(parse_system(text)) == text


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda p: p.stem)
def test_catalogue(path: Path) -> None:
    system = parse_system(path.read_text(encoding="utf-8"))
    assert parse_system(format_system(system)) == system


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_an_equation_alone_prints_what_parses_to_it(name: str) -> None:
    """Without the system's letters the text may differ, but not the mathematics."""
    system = parse_system(TEXTS[name])
    if any(t.outside is not None for t in system.tensors):
        return
    lines = format_system(system).splitlines()
    declarations = [line for line in lines if line.startswith(("given ", "param "))]
    body = [format_equation(e) for e in system.equations]
    computed = [t for t in system.tensors if t.shape and t not in system.inputs]
    shapes = [f"shape {t.name}[{', '.join(format_expr(n) for n in t.shape)}]" for t in computed]
    again = parse_system("\n".join([*declarations, *shapes, *body]))
    assert [e.value for e in again.equations] == [e.value for e in system.equations]


# ---------------------------------------------------------------- random expressions

ATOMS = ["x[i]", "X[i,j]", "w[j]", "lam", "2", "0.25", "1e-3", "m", "pi", "[i < j]", "[x[i] > 0]", "label[i]"]
atoms = st.sampled_from(ATOMS)


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"({p[0]} + {p[1]})"),
        two.map(lambda p: f"({p[0]} - {p[1]})"),
        two.map(lambda p: f"({p[0]})*({p[1]})"),
        two.map(lambda p: f"({p[0]})/(3 + ({p[1]})**2)"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"(2 + ({e})**2)**(-3/2)"),
        inner.map(lambda e: f"sqrt(1 + ({e})**2)"),
        inner.map(lambda e: f"tanh({e})"),
        inner.map(lambda e: f"(sum[k] ({e})*w[k])"),
        inner.map(lambda e: f"(sum[k<=j] ({e})*X[i,k])"),
        inner.map(lambda e: f"(max[l<n] ({e})*w[l])" if "max" not in e and "prod" not in e else e),
        inner.map(lambda e: f"(prod[l] (({e}) + w[l]))" if "max" not in e and "prod" not in e else e),
        two.map(lambda p: f"where(x[i] > {ATOMS[3]}, {p[0]}, {p[1]})"),
        two.map(lambda p: f"max({p[0]}, {p[1]})"),
    )


expressions = st.recursive(atoms, _extend, max_leaves=8).filter(lambda e: "sum[k" not in e or e.count("sum[k") == 1)


@settings(max_examples=150, deadline=None)
@given(expressions)
@example("-(where(x[i] > lam, x[i], x[i] + X[i,j]))")
def test_random_expressions(text: str) -> None:
    head = "given x[m], X[m, n], w[n], lam, label[m] in n\n"
    system = parse_system(f"{head}shape y[m, n]\ny[i,j] = {text}")
    again = parse_system(format_system(system))
    assert again == system
