"""`gradproof doctor` says what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from gradproof.doctor import State, examine, packages, processor


def findings() -> dict[str, object]:
    return {f.what: f for f in examine()}


def test_what_is_needed_is_found(run) -> None:
    status, out, _ = run("doctor", "--format", "json")
    told = {f["what"]: f for f in json.loads(out)}
    assert status == 0
    assert told["numpy"]["told"] == version("numpy")
    assert told["a small kernel"]["state"] == "found"
    assert {"python", "processor", "threads", "threading layer", "numba-cuda", "torch"} <= set(told)


def test_the_table_is_for_people(run) -> None:
    status, out, _ = run("doctor", "--ascii", "--width", "80")
    assert status == 0
    assert out.startswith("needed\nok gradproof")
    assert "\nGPU\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert out.isascii()


def test_a_missing_package_is_a_fault_with_a_cure(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        if name in {"lark", "torch"}:
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(packages, "version", absent)
    status, out, _ = run("doctor", "--format", "json")
    told = {f["what"]: f for f in json.loads(out)}
    assert status == 1
    assert (told["lark"]["state"], told["lark"]["help"]) == ("broken", "pip install lark")
    assert (told["torch"]["state"], told["torch"]["help"]) == ("absent", "pip install 'gradproof[torch]'")
    assert "a small kernel" not in told  # nothing is imported that needs what is missing


def test_a_folder_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    monkeypatch.setenv("GRADPROOF_CACHE", str(file / "cache"))
    found = findings()["compiled kernels"]
    assert found.state is State.ABSENT
    assert "GRADPROOF_CACHE" in found.help


def test_a_kernel_that_is_wrong_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    import gradproof as gp

    monkeypatch.setattr(gp, "kernel", lambda *_, **__: lambda **_: {"y": 24.0, "d_x": [6.0, 8.0]})
    found = processor._kernel()
    assert found.state is State.BROKEN
    assert "expected y = 25" in found.told


def test_only_slow_threads_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_is_there", lambda module: module.endswith("workqueue"))
    told = {f.what: f for f in processor._threads()}
    assert told["threading layer"].state is State.ABSENT
    assert told["threading layer"].help == "pip install tbb"


def test_a_file_is_not_replaced(run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    status, _, err = run("doctor", "-o", "mine.txt")
    assert status == 2
    assert "mine.txt" in err
    assert (tmp_path / "mine.txt").read_text() == "mine"
