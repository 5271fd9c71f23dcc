"""Each function that kernels may call has a form on CUDA."""

from __future__ import annotations

import pytest

import gradproof as gp
from gradproof.errors import InputError
from gradproof.kernels.cuda.mathematics import helpers, library_imports
from gradproof.kernels.cuda.module import cuda_module
from gradproof.kernels.mathematics import BELL, FORMS, NORMAL
from gradproof.loading import load

#: What kernels for the CPU alone call in the place of others.
_OF_THE_CPU = {NORMAL, BELL}


def test_every_function_is_defined_or_imported() -> None:
    called = {f.name for name, f in FORMS.items() if f.origin in ("vector", "numpy") and name not in _OF_THE_CPU}
    text = "\n".join(f"y = {name}(x)" for name in called)
    made = helpers(text)
    for simulated in (False, True):
        lines = library_imports([text, *made], simulated=simulated)
        imported = {n.split(" as ")[-1] for line in lines for n in line.split(" import ")[1].split(", ")}
        defined = {t.split("def ")[1].split("(")[0] for t in made}
        assert called <= imported | defined
        assert not imported & defined


def test_what_is_the_cpus_alone_is_not_called() -> None:
    d = gp.derive(load("gelu"))
    cpu, cuda = (gp.kernel(d, target=target).source for target in ("cpu", "cuda"))
    for name in (FORMS[f].name for f in _OF_THE_CPU):
        assert f"{name}(" in cpu
        assert f"{name}(" not in cuda


def test_fast_functions_are_asked_for() -> None:
    d = gp.derive(load("softmax_cross_entropy"))
    precise, fast = (gp.kernel(d, target="cuda", fast=fast) for fast in (False, True))
    assert "libdevice" not in precise.source
    texts = [cuda_module((k.unit,), "float32", simulated=False, fast=k.fast) for k in (precise, fast)]
    assert "from math import exp, log, prod" in texts[0]
    assert "from numba.cuda.libdevice import fast_expf as exp, fast_logf as log" in texts[1]
    assert "exp 2 + |1.173 x| ulps; log 2**-21.41 where 0.5 <= x <= 2, else 3 ulps" in texts[1]
    assert "libdevice" not in cuda_module((fast.unit,), "float32", simulated=True, fast=True)


def test_fast_exponentials_in_one_pass_are_said() -> None:
    """The header says it where sums are moved by the fast exp, and nowhere else."""
    words = "Sums of exponentials that are found along with a maximum are moved by the fast exp too"
    for name, fast, said in (("softmax", True, True), ("softmax", False, False), ("sigmoid", True, False)):
        k = gp.kernel(gp.derive(load(name)), target="cuda", fast=fast)
        text = cuda_module((k.unit,), "float32", simulated=False, fast=fast)
        assert (words in text) == said, name
        assert ("fast_expf as exp" in text) == fast


def test_what_a_docstring_mentions_is_not_imported() -> None:
    text = cuda_module((gp.kernel(gp.derive(load("softplus")), target="cuda").unit,), "float32", simulated=False)
    assert "log(1 + exp(x))" in text
    assert "from math import exp, log1p, prod" in text


def test_eliminations_stay_precise() -> None:
    k = gp.kernel(gp.derive(load("log_determinant")), target="cuda", fast=True)
    assert "fast_logf" not in cuda_module((k.unit,), "float32", simulated=False, fast=True)


@pytest.mark.parametrize(("target", "dtype"), [("cpu", "float32"), ("cuda", "float64")])
def test_where_there_are_no_fast_functions(target: str, dtype: str) -> None:
    with pytest.raises(InputError, match=f"no fast functions for {target} in {dtype}"):
        gp.kernel(load("softmax"), target, dtype, fast=True)
