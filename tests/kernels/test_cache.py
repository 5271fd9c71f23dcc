"""Generated modules on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from gradproof.kernels import cache

SOURCE = (
    '"""A module."""\nimport numpy as np\nfrom numba import njit\n@njit(cache=True)\ndef f(x):\n    return x + 1.0\n'
)


def _folder(monkeypatch, tmp_path: Path) -> Path:
    monkeypatch.setenv(cache.OVERRIDE, str(tmp_path))
    return tmp_path / "kernels"


def test_one_file_for_each_content(monkeypatch, tmp_path):
    folder = _folder(monkeypatch, tmp_path)
    assert cache.load(SOURCE, "m") is cache.load(SOURCE, "m")
    assert cache.load(SOURCE + "A = 1\n", "m").A == 1
    assert len(list(folder.glob("m_*.py"))) == 2


def test_a_damaged_file_is_written_anew(monkeypatch, tmp_path):
    folder = _folder(monkeypatch, tmp_path)
    path = cache._write(SOURCE, "m", tmp_path)
    path.write_text("half a fi")
    assert cache._write(SOURCE, "m", tmp_path).read_text() == SOURCE
    assert [p.suffix for p in folder.iterdir()] == [".py"]


def test_a_second_writer_leaves_the_time_alone(monkeypatch, tmp_path):
    _folder(monkeypatch, tmp_path)
    first = cache._write(SOURCE, "m", tmp_path).stat().st_mtime
    (tmp_path / "kernels" / cache._write(SOURCE, "m", tmp_path).name).unlink()
    assert cache._write(SOURCE, "m", tmp_path).stat().st_mtime == first


def test_a_read_only_folder_is_no_reason_to_fail(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv(cache.OVERRIDE, str(blocked))
    assert cache.load(SOURCE + "B = 2\n", "m").B == 2


def test_processes_at_once_agree_and_compiled_code_is_kept(tmp_path):
    code = (
        "import sys\nimport numpy as np\nfrom gradproof.kernels import kernel\n"
        "k = kernel('sigmoid', 'cpu', 'float64', 'forward')\nprint(k(z=np.zeros(3))['a'].tolist())\n"
        "f = getattr(k.module, k.name + '_a_rows')\nprint(sum(f.stats.cache_hits.values()))\n"
        "print([n for n in ('sympy', 'lark', 'gradproof.derive', 'numba.np.linalg') if n in sys.modules])"
    )
    environment = os.environ | {cache.OVERRIDE: str(tmp_path)}
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [p.communicate()[0].split("\n") for p in started]
    assert all(p.returncode == 0 for p in started)
    assert all(o[0] == "[0.5, 0.5, 0.5]" for o in outputs)
    time.sleep(0.01)
    again = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert again.stdout.split("\n")[1:3] == ["1", "[]"]  # neither derived, nor has numba got ready to compile
    names = sorted(p.name.split("_")[0] for p in (tmp_path / "kernels").glob("*.py"))
    assert names == ["logistic", "mathematics"]  # the kernel, and the functions that all kernels of a type share
