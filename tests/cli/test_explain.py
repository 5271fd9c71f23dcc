"""`gradproof explain`: each line of a generated module leads to its equation, and that to its derivation."""

import re
from functools import partial

import pytest

import gradproof as gp
from gradproof.commands.generated import header_groups, place_of
from gradproof.errors import InputError
from gradproof.kernels import module_source


@pytest.fixture
def run(run):
    return partial(run, "explain")


def module(text, *kinds, wrt=None):
    d = gp.derive(text if not isinstance(text, str) else gp.system(text), wrt=wrt)
    return module_source([gp.kernel(d, what=kind) for kind in kinds])


def line_of(text, words, after=0):
    return 1 + next(k for k, line in enumerate(text.splitlines()) if words in line and k >= after)


LAYER_NORM = module(gp.load("layer_norm"), "forward", "backward")
LOOPS = '''"""Two kernels.

    (1) y[i] = x[i]**2
    (2) d_x[i] = 2*x[i]*d_y[i]
  f_fused(x, d_y) -> y, d_x
"""

def helper(a):
    """a, twice."""
    return 2*a


def f_fused_loops(x, d_y, y, d_x):
    n = x.size
    for i in range(n):
        y[i] = x[i]**2  # (1)
        t = helper(x[i])
        d_x[i] = (
            t * d_y[i]
        )  # (2)
    # (2) d_x[i] = 2*x[i]*d_y[i]
    for i in range(n):
        for k in range(3):
            d_x[i] = helper(x[i])*d_y[i]
    total = 0  # (1), (2)
    done = 1
'''


def numbers(text, words):
    return place_of(text, line_of(text, words), "f.py").numbers


def test_a_comment_at_the_end_names_its_statement_and_the_loop_around_it():
    assert numbers(LOOPS, "y[i] = x[i]**2  #") == (1,)
    assert numbers(LOOPS, "            t * d_y[i]") == (2,)
    assert numbers(LOOPS, "for i in range(n)") == (1, 2)
    assert numbers(LOOPS, "total = 0") == (1, 2)


def test_a_comment_above_names_what_follows():
    assert numbers(LOOPS, "for k in range(3)") == (2,)
    assert numbers(LOOPS, "d_x[i] = helper") == (2,)


def test_helpers_and_lines_before_any_equation_have_none():
    assert numbers(LOOPS, "return 2*a") == ()
    assert numbers(LOOPS, "t = helper") == ()
    assert place_of(LOOPS, line_of(LOOPS, "return 2*a"), "f.py").about == "a, twice."
    assert numbers(LOOPS, "n = x.size") == ()


@pytest.mark.parametrize("name", ["layer_norm", "softmax_cross_entropy_labels", "rnn", "conv1d"])
def test_every_comment_of_a_generated_module_is_found(name):
    text = module(gp.load(name), "forward", "backward")
    lines = text.splitlines()
    found = 0
    for k, line in enumerate(lines, 1):
        named = re.search(r"# \((\d+)\)", line)
        if named:
            place = place_of(text, k, "f.py")
            assert int(named[1]) in place.numbers, line
            found += 1
    assert found >= len(place.group.equations)


def test_a_call_belongs_to_what_it_calls_and_so_does_a_function_s_head():
    lines = LAYER_NORM.splitlines()
    of = {k: place_of(LAYER_NORM, k, "f.py") for k in range(1, len(lines) + 1)}
    heads = {of[k].function: of[k].numbers for k, line in enumerate(lines, 1) if line.startswith("def layer_norm")}
    assert heads["layer_normalisation_forward"] == (1, 2, 3, 4, 5)
    assert heads["layer_normalisation_backward"] == (6, 7, 8, 9)
    assert all(numbers for numbers in heads.values())
    assert not any(of[k].numbers for k, line in enumerate(lines, 1) if "as_array(" in line)


def test_systems_of_one_module_are_kept_apart():
    systems = {"Earlier": "y[i] = x[i]**2", "Later": "z[i] = exp(x[i])"}
    first, second = (
        gp.kernel(gp.derive(gp.system(f'"""{title}."""\ngiven x[n]\n{equation}')), name=title.lower())
        for title, equation in systems.items()
    )
    text = module_source([first, second])
    header = text.split('"""')[1]
    assert [(g.title, g.functions) for g in header_groups(header)] == [("Earlier", ("earlier",)), ("Later", ("later",))]
    start = line_of(text, "def later")
    assert place_of(text, line_of(text, "# (1)", start), "f.py").group.title == "Later"


def test_a_gradient_is_explained_with_the_steps_of_what_went_into_it(run, tmp_path):
    (tmp_path / "f.py").write_text(LAYER_NORM, encoding="utf-8")
    status, out, _ = run(f"f.py:{line_of(LAYER_NORM, '# (7)')}")
    assert status == 0
    assert "in layer_normalisation_backward_" in out
    assert "of: Layer normalisation of the rows of x" in out
    assert "(7) d_x[n,d] = r[n]*(" in out
    assert "deviations from a mean sum to 0" in out
    assert "Adjoint of x" in out
    assert "Adjoint of gamma" not in out


def test_an_equation_of_the_system_is_not_derived(run, tmp_path):
    (tmp_path / "f.py").write_text(LAYER_NORM, encoding="utf-8")
    status, out, _ = run(f"f.py:{line_of(LAYER_NORM, '# (1)')}")
    assert status == 0
    assert "An equation of the system itself" in out


def test_a_system_is_read_from_the_header_or_named(run, tmp_path):
    text = module('"""Nobody knows it."""\ngiven x[n]\nparam w[n]\nL = sum[i] w[i]*x[i]**3', "fused")
    (tmp_path / "f.py").write_text(text, encoding="utf-8")
    status, out, _ = run(f"f.py:{line_of(text, '# (2)')}")
    assert status == 0
    assert "Adjoint of w" in out
    status, _, err = run(f"f.py:{line_of(text, '# (2)')}", "--system", "softmax")
    assert status == 2
    assert "softmax has other equations than the module" in err


def test_declarations_that_the_header_lacks_are_asked_for(run, tmp_path):
    system = "given x[n]\noutside x = 0\ny[i] = x[i+1]**2\nshape y[n]"
    text = module(system, "fused")
    (tmp_path / "f.py").write_text(text, encoding="utf-8")
    (tmp_path / "my.eqs").write_text(system, encoding="utf-8")
    place = f"f.py:{line_of(text, '# (2)')}"
    assert "--system NAME" in run(place)[1]
    assert "Adjoint of x" in run(place, "--system", "my.eqs")[1]


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("f.py", "FILE:LINE"),
        ("none.py:3", "no such file"),
        ("f.py:99", "a line from 1 to 2"),
        ("f.py:1", "no generated module"),
    ],
)
def test_what_names_no_line_is_refused(run, tmp_path, argument, told):
    (tmp_path / "f.py").write_text('"""Mine."""\nx = 1\n', encoding="utf-8")
    status, out, err = run(argument)
    assert (status, out) == (2, "")
    assert told in err


def test_what_is_no_python_is_refused():
    with pytest.raises(InputError, match=r"f\.py is no Python"):
        place_of("def f(:\n", 1, "f.py")
