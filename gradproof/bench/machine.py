"""What a table was made with: processor, threads, versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gradproof import __version__

_PACKAGES = (
    "numpy",
    "numba",
    "llvmlite",
    "scipy",
    "torch",
    "jax",
    "jaxlib",
    "numba-cuda",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "triton",
    "liger-kernel",
)


def machine(threads: int) -> dict[str, str]:
    """Return the machine and the versions as {what: text}."""
    found = {
        "processor": processor_name(),
        "threads": str(threads),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "gradproof": __version__,
    }
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def processor_name() -> str:
    """Return the processor's name, family and widest instructions, as far as the system tells."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    instructions = next((n for f, n in _WIDEST if f in told.get("flags", "").split()), "")
    return ", ".join(
        part for part in (told.get("model name") or platform.processor(), _code(told), instructions) if part
    )


_WIDEST = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"))


def _code(told: dict[str, str]) -> str:
    if "cpu family" not in told:
        return ""
    return f"family {told['cpu family']} model {told.get('model', '?')}"
