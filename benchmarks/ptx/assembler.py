"""What `ptxas` says of a kernel: registers, and what did not fit in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

#: The columns, in order.
COLUMNS = ("registers", "spilled")


@cache
def ptxas() -> str | None:
    """Return where `ptxas` is: in the package nvidia-cuda-nvcc, or on the path."""
    packages = Path(sysconfig.get_path("purelib")) / "nvidia"
    found = next(iter(sorted(packages.glob("*/bin/ptxas"))), None) or shutil.which("ptxas")
    return str(found) if found else None


def version() -> str:
    """Return the version of `ptxas`; "" where there is none."""
    path = ptxas()
    if path is None:
        return ""
    said = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"V([\d.]+)", said)
    return found[1] if found else ""


def assembled(text: str, capability: tuple[int, int]) -> dict[str, str]:
    """Return the registers of a thread and the bytes it spills, by column.

    Raises:
        RuntimeError: this `ptxas` does not take the text; one that is older than the compiler does not.
    """
    path = ptxas()
    if path is None:
        return dict.fromkeys(COLUMNS, "")
    with tempfile.TemporaryDirectory(prefix="gradproof-ptx-") as folder:
        source = Path(folder) / "kernel.ptx"
        source.write_text(text, encoding="utf-8")
        command = [path, "-v", f"-arch=sm_{capability[0]}{capability[1]}", "-o", f"{folder}/kernel.cubin", str(source)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{path} takes no such PTX (the package nvidia-cuda-nvcc has one that does): {done.stderr}")
    return read(done.stdout + done.stderr)


def read(said: str) -> dict[str, str]:
    """Return the figures in what `ptxas -v` says: of the kernel, and of the worst of its functions."""
    registers = [int(n) for n in re.findall(r"Used (\d+) registers", said)]
    spills = re.findall(r"(\d+) bytes spill stores, (\d+) bytes spill loads", said)
    worst = [max((int(s[k]) for s in spills), default=0) for k in (0, 1)]
    return {
        "registers": str(max(registers)) if registers else "",
        "spilled": f"{worst[0]}+{worst[1]} B" if any(worst) else "0",
    }
