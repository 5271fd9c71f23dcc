"""Each function that kernels may call has a form on CUDA."""

from __future__ import annotations

from gradproof.kernels.cuda.mathematics import helpers, library_imports
from gradproof.kernels.mathematics import FORMS


def test_every_function_is_defined_or_imported() -> None:
    text = "\n".join(f"y = {f.name}(x)" for f in FORMS.values() if f.origin in ("vector", "numpy"))
    made = helpers(text)
    for simulated in (False, True):
        lines = library_imports([text, *made], simulated=simulated)
        imported = {n.split(" as ")[-1] for line in lines for n in line.split(" import ")[1].split(", ")}
        defined = {t.split("def ")[1].split("(")[0] for t in made}
        assert {f.name for f in FORMS.values() if f.origin in ("vector", "numpy")} <= imported | defined
        assert not imported & defined
