"""The generated module: stands alone, reads well, is the same in every run, and says what is wrong with a call."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradproof.derive.derivation import derive
from gradproof.derive.notation import parse_system
from gradproof.errors import InputError, NotYet
from gradproof.kernels import kernel, module_source
from gradproof.kernels.files import save_module
from gradproof.loading import load

from .support import COMPILED, cosine

SOFTMAX = "given z[m, C], label[m] in C\np[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])\nL = -1/m*sum[i] log(p[i,label[i]])"


def _dense(**options):
    return kernel(derive(load("dense")), dtype="float64", **options)


def test_a_saved_module_needs_only_numpy_and_numba(tmp_path):
    path = tmp_path / "notes_kernels.py"
    save_module([kernel(derive(load("mlp"))), kernel(load("softmax")), kernel(load("tanh"))], path, title="Notes")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert imported <= {"numpy", "numba", "llvmlite", *sys.stdlib_module_names}  # llvmlite comes with numba
    code = (
        "import sys\nfor name in ('gradproof', 'sympy', 'lark', 'flint'): sys.modules[name] = None\n"
        "import numpy as np, notes_kernels as k\n"
        "p = k.softmax_forward(np.zeros((2, 4), np.float32))['p']\nassert p.dtype == np.float32 and (p == 0.25).all()\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "mlp"])
def test_the_text_does_not_depend_on_hash_order(name):
    code = (
        "from gradproof.loading import load\nfrom gradproof.derive.derivation import derive\n"
        "from gradproof.kernels import kernel, module_source\n"
        f"d = derive(load({name!r}))\n"
        "print(module_source([kernel(d, what=w) for w in ('forward', 'backward', 'fused')]))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(texts) == 1


def test_the_text_does_not_depend_on_what_was_made_before():
    def text() -> str:
        return kernel(derive(load("softmax_cross_entropy")), what="backward").source

    first = text()
    for name in ("mlp", "dense", "softmax"):
        _ = kernel(derive(load(name))).source
    assert text() == first


def test_the_header_tells_equations_sizes_and_results():
    source = kernel(derive(load("softmax_cross_entropy"))).source
    header = ast.get_docstring(ast.parse(source))
    assert header.startswith("Softmax cross-entropy")
    assert "softmax_cross_entropy_fused(z, y) -> L, d_z, d_y\n" in f"{header}\n"
    assert "(1) p[i,c] = exp(z[i,c])/sum[k] exp(z[i,k])" in header
    assert "sizes: m, C" in header
    assert "float32" in header


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("given x[n]\ny[i] = exp(x[i])*x[i]", "exp(...) in (1) overflows above 88.7."),
        ("given x[n]\ny[i] = x[i]\nz[i] = sinh(y[i])\nu = sum[i] exp(x[i])", "exp(...) in (3) overflows above 88.7."),
        ("given x[n]\nz[i] = sinh(x[i])", "sinh(...) in (1) overflows above 88.7."),
        ("given x[n, m]\ny[i] = log(1 + sum[j] exp(x[i,j]))", ""),
        ("given x[n], s\ny[i] = exp(-(x[i] - 1)**2/(2*s**2))*exp(-n*abs(s))", ""),
        ("given x[n]\nM = max[i] x[i]\ny = sum[i] exp(x[i] - M)", ""),
    ],
)
def test_the_header_says_which_exponentials_overflow(text, line):
    header = ast.get_docstring(ast.parse(kernel(parse_system(text), what="forward").source))
    assert line in header
    assert ("overflows" in header) == bool(line)


def test_kernels_of_one_system_share_their_equations_in_the_header():
    d = derive(load("softmax_cross_entropy"))
    header = ast.get_docstring(ast.parse(module_source([kernel(d, what=w) for w in ("forward", "backward", "fused")])))
    assert header.count("(1) p[i,c] =") == 1
    assert "softmax_cross_entropy_forward(z, y) -> p, L  by (1), (2)" in header
    assert "softmax_cross_entropy_backward(z, y, p) -> d_z, d_y  by (3), (4)" in header
    assert "softmax_cross_entropy_fused(z, y) -> L, d_z, d_y  by (1) to (4)" in header


def test_the_header_names_indices_as_the_equations_do():
    header = kernel(derive(load("rnn")), dtype="float64").source.split('"""')[1]
    assert "d_U[k,j] = sum" in header
    assert re.search(r"threads share k: \(\d+\), with matrix products", header)
    equations = set(re.findall(r"\w+", " ".join(re.findall(r"\(\d+\) .*", header))))
    assert set(re.findall(r"threads share (\w+):", header)) <= equations


def test_products_under_one_condition_stand_under_one_line():
    source = kernel(derive(load("lstm")), dtype="float64").source
    (found,) = re.findall(r"\n( +)if t \+ 1 < T:\n((?:\1    .*\n)+)", source)
    assert re.findall(r"^ *(\w+)\(  # \(11\)$", found[1], re.MULTILINE) == ["gemm_packed"] * 4


def test_every_statement_bears_the_number_of_its_equation():
    source = kernel(derive(load("mlp"))).source
    functions = [f for f in ast.parse(source).body if isinstance(f, ast.FunctionDef) and f.name.startswith("two_layer")]
    lines = [line for f in functions[:-1] for line in source.splitlines()[f.lineno : f.end_lineno]]
    stored = [line for line in lines if re.match(r" +\w+\[.*\] \+?= |.*gemm\(", line) and "_part[" not in line]
    assert stored
    assert all(re.search(r"  # \(\d+\)$", line) for line in stored)
    numbers = {int(n) for line in lines for n in re.findall(r"# \((\d+)\)$", line)}
    assert numbers == set(range(1, 12))


def test_names_of_any_script_become_identifiers():
    k = kernel(parse_system("given α, ŷ[n], lambda[n]\nreturn[i] = α*ŷ[i] + lambda[i]"), dtype="float64")
    got = k(**{"α": 2.0, "ŷ": np.ones(2), "lambda": np.zeros(2)})
    assert got["return"].tolist() == [2.0, 2.0]
    assert k.source.isascii() or "ŷ" in ast.get_docstring(ast.parse(k.source))
    assert "def return_forward(alpha, y_hat, lambda_, *, out=None, threads=None)" in k.source


def test_kernels_of_one_name_are_told_apart():
    source = module_source([kernel(load("relu")), kernel(load("relu"))])
    functions = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    assert len(functions) == len(set(functions))


def test_a_module_holds_kernels_of_one_type():
    with pytest.raises(InputError, match="one type"):
        module_source([kernel(load("relu")), kernel(load("relu"), dtype="float64")])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"X": np.ones((2, 3), np.float32)},
            TypeError,
            r"X holds float32, expected float64: pass np.asarray\(X, 'float64'\)",
        ),
        ({"X": np.ones(3)}, ValueError, r"X has shape \(3,\), expected 2 axes: \[m, D\]"),
        ({"W": np.ones((4, 5))}, ValueError, r"W has shape \(4, 5\), expected \(3, 5\): \[D, C\]"),
        ({"b": np.ones(4)}, ValueError, r"b has shape \(4,\), expected \(5,\): \[C\]"),
        ({"d_Z": np.ones((3, 5))}, ValueError, r"d_Z has shape \(3, 5\), expected \(2, 5\): \[m, C\]"),
        ({"q": 1}, TypeError, "q"),
    ],
)
def test_a_wrong_argument_is_named(change, error, message):
    given = {"X": np.ones((2, 3)), "W": np.ones((3, 5)), "b": np.ones(5), "d_Z": np.ones((2, 5))}
    assert _dense()(**given)["d_W"].shape == (3, 5)
    with pytest.raises(error, match=message):
        _dense()(**{**given, **change})


def test_labels_out_of_range_are_refused():
    k = kernel(parse_system(SOFTMAX), dtype="float64")
    z = np.zeros((2, 3))
    assert k(z=z, label=np.array([0, 2], np.int8))["L"] == pytest.approx(np.log(3))
    with pytest.raises(ValueError, match="label holds values from 0 to 3, expected 0 to 2"):
        k(z=z, label=np.array([0, 3]))
    with pytest.raises(TypeError, match="label holds float64, expected integers"):
        k(z=z, label=np.array([0.0, 1.0]))


def test_sizes_that_no_shape_gives_are_asked_for():
    k = kernel(parse_system("given x[n]\ngiven size q\nshape y[q]\ny[i] = i/q"), dtype="float64", what="forward")
    assert k(q=4)["y"].tolist() == [0.0, 0.25, 0.5, 0.75]
    with pytest.raises(ValueError, match="the size q is -1, expected an integer of at least"):
        k(q=-1)
    with pytest.raises(TypeError, match="q"):
        k()


def test_arrays_of_any_layout_are_read():
    given = {
        "X": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "W": np.arange(15.0).reshape(5, 3).T,
        "b": np.ones(10)[::2],
    }
    got = kernel(load("dense"), dtype="float64")(**given)
    np.testing.assert_allclose(got["Z"], given["X"] @ given["W"] + given["b"])


def test_inputs_are_left_alone():
    z = np.arange(6.0).reshape(2, 3)
    before = z.copy()
    kernel(load("softmax"), dtype="float64")(z=z)
    assert (z == before).all()


def test_unknown_functions_are_passed_compiled():
    k = kernel(derive(load("neuron")), dtype="float64")
    assert k.functions == ("phi", "phi_prime")
    given = {"w": np.ones(2), "x": np.ones(2), "b": 0.5}
    got = k(**given, phi=COMPILED["phi"], phi_prime=cosine)
    assert got["a"] == pytest.approx(np.sin(2.5))
    assert got["d_b"] == pytest.approx(np.cos(2.5))
    with pytest.raises(TypeError, match=r"phi is .*, expected a function compiled with numba.njit"):
        k(**given, phi=np.sin, phi_prime=cosine)


def test_nan_and_infinity_behave_as_ieee():
    k = kernel(
        parse_system("given x[n]\nm = max[i] x[i]\ns = sum[i] x[i]\nr[i] = relu(x[i])\nq[i] = 1/x[i]"), dtype="float64"
    )
    got = k(x=np.array([1.0, np.nan, 2.0]))
    assert np.isnan(got["m"])
    assert np.isnan(got["s"])
    assert np.isnan(got["r"][1])
    assert k(x=np.array([0.0, -0.0]))["q"].tolist() == [np.inf, -np.inf]
    assert k(x=np.array([]))["m"] == -np.inf


def test_a_false_bracket_makes_its_product_zero_whatever_stands_in_it():
    text = "given x[n]\ny[i] = [x[i] > 0]*log(x[i])\ns = sum[i, x[i] > 0] 1/x[i]"
    got = kernel(parse_system(text), dtype="float64")(x=np.array([-1.0, 0.0, 2.0]))
    assert got["y"].tolist() == [0.0, 0.0, np.log(2.0)]
    assert got["s"] == 0.5


def test_the_first_of_equal_maxima_is_taken():
    text = "given x[n]\nshape first[n], least[n]\nfirst[i] = [i == argmax[k] x[k]]\nleast[i] = [i == argmin[k] x[k]]"
    k = kernel(parse_system(text), dtype="float64")
    assert k(x=np.array([1.0, 3.0, 3.0, 1.0]))["first"].tolist() == [0, 1, 0, 0]
    assert k(x=np.array([1.0, 3.0, 3.0, 1.0]))["least"].tolist() == [1, 0, 0, 0]
    assert k(x=np.full(2, -np.inf))["first"].tolist() == [1, 0]


def test_float32_sums_do_not_lose_digits():
    x = np.full(1_000_000, 0.1, np.float32)
    got = kernel(parse_system("given x[n]\ns = sum[i] x[i]"))(x=x)["s"]
    assert got == np.float32(np.float64(np.float32(0.1)) * 1_000_000)


def test_results_are_the_same_in_every_run():
    k = kernel(load("softmax"))
    z = np.random.default_rng(0).normal(size=(7, 9)).astype(np.float32)
    assert k(z=z)["p"].tobytes() == k(z=z)["p"].tobytes()


def test_saving_refuses_to_overwrite(tmp_path):
    path = tmp_path / "k.py"
    k = kernel(load("relu"))
    assert k.save(path) == path
    assert path.read_text() == k.source
    path.write_text("precious")
    with pytest.raises(InputError, match="not overwritten"):
        k.save(path)
    assert path.read_text() == "precious"
    k.save(path, force=True)
    assert path.read_text() == k.source
    assert [p.name for p in tmp_path.iterdir()] == ["k.py"]


def test_what_is_not_there_is_said():
    with pytest.raises(InputError, match="metal"):
        kernel(load("relu"), target="metal")
    with pytest.raises(NotYet, match="no CUDA kernel takes a function yet, and phi is one"):
        kernel(load("neuron"), target="cuda")
    with pytest.raises(InputError, match="float16"):
        kernel(load("relu"), dtype="float16")
    with pytest.raises(InputError, match="needs a derivation"):
        kernel(load("relu"), what="backward")
    with pytest.raises(InputError, match="no kernel is called"):
        kernel(derive(load("relu")), what="sideways")
    with pytest.raises(NotYet, match="gradient that has not been derived"):
        kernel(load("sgd"), what="update")


def test_importing_the_package_loads_neither_sympy_nor_numba():
    code = "import sys, gradproof.kernels\nassert not {'sympy', 'numba', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
