"""The same bounds and special values where the processor has less: without AVX-512, and without fused multiply-adds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import pytest

_BASE = "+64bit,+cmov,+cx8,+fxsr,+mmx,+sse2"
_HASWELL = f"{_BASE},+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+popcnt,+sse4.2"
PROCESSORS = {"haswell": _HASWELL, "x86-64": _BASE}


@pytest.mark.slow
@pytest.mark.skipif("x86_64" not in llvmlite.binding.get_default_triple(), reason="names features of x86")
@pytest.mark.parametrize("name", PROCESSORS)
def test_a_lesser_processor_computes_as_well(name, tmp_path):
    here = llvmlite.binding.get_host_cpu_features()
    if not all(here.get(f.strip("+")) for f in PROCESSORS[name].split(",")):
        pytest.skip(f"this processor has not all that {name} has")
    settings = {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": PROCESSORS[name], "GRADPROOF_CACHE": str(tmp_path)}
    files = [str(Path(__file__).with_name(f"test_{n}.py")) for n in ("accuracy", "special_values")]
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-q", "-p", "no:cacheprovider", *files]
    chosen = ["-k", "(whole_range or special_values and float32) and (exp or log or sigmoid or cos)"]
    done = subprocess.run([*command, *chosen], env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
