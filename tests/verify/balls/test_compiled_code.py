"""Compiled code that would take the memory of an array of the run for floats never gets one."""

import ctypes
import math
import operator
import os
import subprocess
import sys
import textwrap
from functools import lru_cache, partial

import numpy as np
import pytest

from gradproof.verify.balls.compiled import is_compiled
from gradproof.verify.balls.exactly import exact_slopes
from gradproof.verify.balls.trace import Untraceable
from gradproof.verify.calls import Problem
from gradproof.verify.diagnosis.tape.record import Untapeable
from gradproof.verify.diagnosis.tape.run import run_on_tape

X = np.array([1.3, -0.7, 2.6])
_dtype = operator.attrgetter("dtype")

#: A function of C's as Python sees one of a compiled module: it halves what it takes for floats, without a question.
_FOREIGN = """
import ctypes
import numpy as np
import gradproof as gp

class Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("code", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]

@ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object)
def halved(_, array):
    memory = (ctypes.c_double * array.size).from_buffer(array)
    for k in range(array.size):
        memory[k] = 0.5 * memory[k]
    return array

method = Method(b"halved", ctypes.cast(halved, ctypes.c_void_p), 8, None)
make = ctypes.pythonapi.PyCFunction_NewEx
make.argtypes, make.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.py_object], ctypes.py_object
foreign = make(ctypes.addressof(method), None, "foreign")

class Layer:
    def __init__(self):
        self.code = foreign

    def f(self, x):
        return np.sum(self.code(x.copy()) ** 2)

layer = Layer()
"""
_CALLS = {
    "by its name": ("", "lambda x: np.sum(foreign(x.copy()) ** 2)", "0.5 * x"),
    "kept by an object": ("", "layer.f", "0.5 * x"),
    "through memory that is written to": (
        """
        def f(x):
            y = x.copy()
            memory = (ctypes.c_double * y.size).from_buffer(y)
            for k in range(y.size):
                memory[k] = 0.5 * memory[k]
            return np.sum(y ** 2)
        """,
        "f",
        "0.5 * x",
    ),
    "through an address, and the gradient is wrong": (
        """
        def f(x):
            y = x.copy()
            ctypes.memset(y.ctypes.data, 1, 8)
            return np.sum(y ** 2)
        """,
        "f",
        "x",
    ),
}


@pytest.mark.parametrize("how", sorted(_CALLS))
def test_python_goes_on(how, tmp_path):
    more, f, grad = _CALLS[how]
    script = tmp_path / "users.py"
    checked = f"print(gp.check({f}, lambda x: {grad}, [np.array([1.3, -0.7, 2.6])], seed=0))"
    script.write_text("\n".join([_FOREIGN, textwrap.dedent(more), checked]))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert ("wrong (measured)" if "wrong" in how else "right (measured)") in done.stdout
    assert "the memory of an array" in done.stdout


def by_compiled_code(x):
    return np.sum(x**2) if _dtype(x) == np.float64 else np.sum(x**3)


def by_python(x):
    for _ in range(50):
        getattr(x, "dtype", None)
        getattr(x, "dtype")  # noqa: B009
        hasattr(x, "dtype")
    known = (x.dtype, getattr(x, "dtype", None), getattr(x, "dtype"))  # noqa: B009
    told = hasattr(x, "dtype") and all(k == np.float64 for k in known)
    return np.sum(x**2) if told else np.sum(x**3)


def slopes(f):
    problem = Problem(f, lambda x: x, [X], names=["x"])
    return [float(r.mid()) for r in exact_slopes(problem, problem.inputs, None, None).rows]


def test_the_dtype_is_not_told_to_compiled_code():
    with pytest.raises(Untraceable, match=r"compiled code asks for the dtype of an array, at test_compiled_code\.py"):
        slopes(by_compiled_code)
    for _ in range(20):  # Python rewrites the instructions of what runs often
        np.testing.assert_allclose(slopes(by_python), 2 * X)


@pytest.mark.parametrize("read", [lambda x: x.ctypes.data, lambda x: x.data, lambda x: x.__array_interface__, bytes])
def test_memory_is_not_given_away_on_a_tape(read):
    def f(inputs):
        return np.sum(inputs[0]) * (1 + 0 * len(str(read(inputs[0]))))

    if read is not bytes or sys.version_info >= (3, 12):
        with pytest.raises(Untapeable, match="the memory of an array is read"):
            run_on_tape(f, [X], [0])


@lru_cache
def remembered(n):
    return n


@pytest.mark.parametrize(
    "value",
    [
        np.exp, np.linalg.solve, np.random.default_rng(0).normal, math.exp, len, [].append, remembered, slopes, X, dict,
        partial(slopes), _dtype, test_the_dtype_is_not_told_to_compiled_code, "text", None, 3.0, operator,
    ],
)  # fmt: skip
def test_what_is_known_is_not_compiled_code(value):
    assert not is_compiled(value)


def test_other_packages_are():
    torch = pytest.importorskip("torch")
    assert is_compiled(torch.exp)
    assert is_compiled(torch.Tensor.sum)
    with pytest.raises(Untraceable, match=r"compiled code may take .*: torch\.exp, in .*<lambda>"):
        slopes(lambda x: torch.exp(x).sum())


def test_code_that_is_not_called_is_of_no_matter():
    memory = ctypes.create_string_buffer(8)

    def unused(x):
        return type(memory).from_buffer(x)

    assert callable(unused)
    np.testing.assert_allclose(slopes(lambda x: np.sum(x**2)), 2 * X)
