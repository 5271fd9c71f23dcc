"""Modules for CUDA: what they launch, and what they say."""

from __future__ import annotations

import ast
import builtins
import re
from functools import cache

import pytest

import gradproof as gp
from gradproof.errors import InputError
from gradproof.kernels import Kernel, module_source
from gradproof.loading import load


@cache
def _kernel(name: str, dtype: str = "float32") -> Kernel:
    return gp.kernel(gp.derive(load(name)), target="cuda", dtype=dtype)


def _launched(name: str) -> list[str]:
    """Return the lines of the host that launch something."""
    return re.findall(
        r"^ +(?:\w+\[.*\]\(|product\(|join\(|fill\().*", _kernel(name).unit.wrapper.function, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("name", "count"), [("sigmoid", 1), ("gelu", 1), ("softmax", 1), ("rms_norm", 2), ("dropout", 1), ("avg_pool2d", 2)]
)
def test_what_runs_together_is_one_launch(name: str, count: int) -> None:
    """A sum over what blocks share is a launch more, which puts their parts together."""
    assert len(_launched(name)) == count


def test_time_is_a_loop_of_the_host_around_products() -> None:
    lines = _kernel("rnn").unit.wrapper.function.splitlines()
    start = next(k for k, line in enumerate(lines) if line.strip().startswith("for t in range(T)"))
    assert any("product(" in line for line in lines[start : start + 4])


def test_lines_carry_the_numbers_of_equations() -> None:
    source = _kernel("softmax_cross_entropy").source
    for number in (1, 2, 3, 4):
        assert f"# ({number})" in source


def test_a_module_is_python_and_the_same_every_time() -> None:
    kernels = [_kernel("softmax_cross_entropy"), _kernel("mlp")]
    text = module_source(kernels)
    ast.parse(text)
    assert text == module_source(kernels)
    assert "numba-cuda alone" in text
    assert "import gradproof" not in text


def test_a_module_holds_what_it_calls() -> None:
    for name in ("sigmoid", "max_pool2d", "attention", "log_determinant"):
        tree = ast.parse(_kernel(name).source)
        defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        launched = {
            n.value.id for n in ast.walk(tree) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
        }
        handed = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id.startswith("join_")}
        assert called <= defined | imported | set(dir(builtins)) | {"real", "kernel", "empty"}, name
        assert defined <= called | launched | handed | {_kernel(name).name}, name


def test_who_makes_products_is_chosen() -> None:
    k = _kernel("mlp")
    auto, cublas, own = (module_source([k], products=p) for p in ("auto", "cublas", "own"))
    assert "    from nvmath.bindings import cublas\nexcept ImportError:\n    cublas = None" in auto
    assert "\nfrom nvmath.bindings import cublas\n" in cublas
    assert "needs numpy, numba-cuda and nvmath-python" in cublas
    assert "cublas" not in own
    assert "def multiply(" in own
    assert "nvmath" not in module_source([_kernel("softmax_cross_entropy")])  # nothing to multiply
    assert "dgemm" in gp.kernel(load("dense"), target="cuda", dtype="float64").source
    with pytest.raises(InputError, match="matrix products cannot be by 'blas'"):
        module_source([k], products="blas")


def test_threads_share_systems_of_equations() -> None:
    """One for each place of a batch; a single one is solved by all threads of a block."""
    many = gp.system("given A[T,n,n], b[T,n]\nsolve x: sum[j] A[t,i,j]*x[t,j] = b[t,i]")
    assert "for t in range(cuda.grid(1), T, cuda.gridsize(1)):\n        solve_rows(" in gp.kernel(many, "cuda").source
    one = _kernel("linear_solve")
    assert "solve_together(" in one.source
    assert "solve_rows(" not in one.source
    assert len([line for line in _launched("linear_solve") if "[1, THREADS, stream](" in line]) == 2


def test_indices_count_on_where_threads_share_places_of_several() -> None:
    """No place is divided in a loop: the indices of the first, and of the step, are found before it."""
    for line in (n for k in _kernel("causal_attention").unit.kernels for n in k.text.splitlines() if "//" in n):
        assert re.match(r" +\w+, \w+ = (place|step)//\w+, (place|step) % \w+$", line), line
