"""Kernels that were made before: found by what they follow from, the same as new ones, and never half of one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gradproof.errors import InputError
from gradproof.kernels import cache, kernel, records
from gradproof.kernels.kept import Kept
from gradproof.kernels.origin import Written

TEXT = "given function f\ngiven size q\ngiven x[n]\nparam w[n]\ny = sum[i] f(w[i])*x[i]/q\n"
CALLS = (
    {"x": np.ones(3), "w": np.arange(3.0)},
    {"x": np.ones(3), "w": np.arange(2.0), "q": 2, "f": abs, "f_prime": abs},
    {"x": np.ones(3), "weights": np.arange(3.0)},
    {"x": np.ones(3, np.float32), "w": np.ones(3), "q": 2, "f": abs, "f_prime": abs},
)


@pytest.fixture
def folder(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv(cache.OVERRIDE, str(tmp_path))
    return tmp_path / "records"


def _again(*arguments, **options):
    """Make a kernel and load its module, twice."""
    first = kernel(*arguments, **options)
    _ = first.module
    return first, kernel(*arguments, **options)


def _error(call) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011  (which one is compared)
        call()
    return f"{caught.type.__name__}: {caught.value}"


def test_a_recorded_kernel_is_the_same_kernel(folder):
    new, old = _again(TEXT, dtype="float64")
    assert new.record is None
    assert old.record is not None
    assert len(list(folder.glob("*.json"))) == 1
    assert (repr(old), old, old.face, old.functions) == (repr(new), new, new.face, new.functions)
    assert old.module is new.module
    for call in CALLS:
        assert _error(lambda: old(**call)) == _error(lambda: new(**call))  # noqa: B023
    assert _error(lambda: old(np.ones(3))) == _error(lambda: new(np.ones(3)))
    assert not {"plan", "unit"} & vars(old).keys()
    assert "program" not in vars(old.origin), "nothing was derived up to here"
    assert old.source == new.source
    assert old.plan.show() == new.plan.show()
    assert old.derivation.plain() == new.derivation.plain()
    assert _error(old.torch) == _error(new.torch)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b'{"check": 1}',
        lambda _: b"\xff\xfe",
        lambda _: b"[" * 100_000,
        lambda data: data.replace(b'"x"', b'"z"', 1),
    ],
)
def test_a_damaged_record_counts_for_nothing_and_is_written_anew(folder, damage):
    new, _ = _again("given x[n]\ny = sum[i] x[i]**2")
    path = next(folder.iterdir())
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    found = kernel("given x[n]\ny = sum[i] x[i]**2")
    assert found.record is None
    assert found.module is new.module
    assert path.read_bytes() == whole


def test_a_record_whose_module_is_gone_or_changed_counts_for_nothing(folder):
    text = "given x[n]\ny = sum[i] x[i]**3"
    _again(text)
    path = next((folder.parent / "kernels").glob("y_*.py"))
    whole = path.read_text()
    for found in (f"{whole}y_fused = None\n", None):
        cache._load.cache_clear()
        cache._module.cache_clear()
        path.unlink()
        if found is not None:
            path.write_text(found)
        k = kernel(text)
        assert k.record is not None
        assert k.module.y_fused is not None
        assert path.read_text() == whole


def test_a_kernel_follows_from_its_text_its_options_and_the_sources(monkeypatch):
    text = Written("given x\ny = x", "<text>", None)

    def key(origin=text, target="cpu", dtype="float32", name="", *, fast=False):
        return records.key(origin, target, dtype, name, fast=fast)

    others = [
        key(replace(text, text="given x\ny = -x")), key(replace(text, source="a.eqs")),
        key(replace(text, what="forward")), key(target="cuda"), key(dtype="float64"), key(name="f"),
        key(target="cuda", fast=True),
    ]  # fmt: skip
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    others.append(key(target="cuda"))
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    found = records._surroundings()
    assert found is not None
    monkeypatch.setattr(records, "_surroundings", lambda: (*found[:-1], "sources that differ"))
    others.append(key())
    monkeypatch.undo()
    assert len({key(), *others}) == 1 + len(others)
    assert key() == key()


def test_sources_are_read_whole(tmp_path, monkeypatch):
    for name in ("derive/a.py", "derive/b.lark", "derive/__pycache__/a.pyc", "kernels/x/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = [
        p.relative_to(tmp_path).as_posix() for part in ("derive", "kernels") for p in records._files(tmp_path / part)
    ]
    assert found == ["derive/a.py", "derive/b.lark", "kernels/x/c.py"]
    monkeypatch.setattr(records, "_PACKAGE", tmp_path)  # and nothing else that is looked for there
    assert records._surroundings.__wrapped__() is None


def test_what_is_refused_leaves_no_record(folder):
    for text, options in (("given x\ny = x +", {}), ("given x\ny = x", {"what": "update"}), ("softmaks", {})):
        assert _error(lambda: kernel(text, **options)) == _error(lambda: kernel(text, **options))  # noqa: B023
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "what", "inputs", "outputs"),
    [
        ("softmax", None, ("z", "d_p"), ("p", "d_z")),
        ("softmax", "forward", ("z",), ("p",)),
        ("given w[n], g[n], alpha\nw[i] := w[i] - alpha*g[i]", None, ("w", "g", "alpha"), ("w",)),
        ("given x[n]\nparam w[n]\nL = sum[i] w[i]*x[i]\nw[i] := w[i] - grad(L, w[i])", "update", ("x", "w"), ("w",)),
        ("given x[n], k in n\ny = x[k]", "forward", ("x", "k"), ("y",)),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_name_or_a_text_is_read_and_derived(text, what, inputs, outputs):
    k = kernel(text, what=what)
    assert (set(k.inputs), k.outputs) == (set(inputs), outputs)


@pytest.mark.usefixtures("folder")
def test_a_file_is_read_again_when_it_changes(tmp_path):
    path = tmp_path / "my.eqs"
    path.write_text("given x[n]\ny = sum[i] x[i]")
    assert _again(path)[1].inputs == ("x",)
    path.write_text("given z[n]\ny = sum[i] z[i]")
    assert kernel(str(path)).inputs == ("z",)
    with pytest.raises(InputError, match="is a page, not a system"):
        kernel(tmp_path / "notes.md")


def test_compiled_code_with_a_name_that_is_unknown_lets_numba_import_all(monkeypatch):
    from numba.core.compiler import CompileResult
    from numba.core.registry import cpu_target

    refreshed = []
    context = cpu_target.target_context
    monkeypatch.setattr(type(context), "refresh", lambda self: refreshed.append(True))
    monkeypatch.setattr(CompileResult, "_rebuild", lambda context, *parts: parts)

    def read(found):
        parts = {"_enabled": True, "_py_func": _error, "_cache_file": SimpleNamespace(load=lambda key: found)}
        return Kept.like(SimpleNamespace(**parts)).load_overload((), context)

    assert read((("malloc",), ["parts"])) == ("parts",)
    assert not refreshed
    assert read((("malloc", "no_such_name"), ["parts"])) == ("parts",)
    assert refreshed
    for damaged in (None, (), ("malloc",), (("malloc",), None), 3):
        assert read(damaged) is None


def test_a_record_is_json(folder):
    _again("given x[n]\ny = sum[i] x[i]", name="total")
    data = json.loads(next(folder.iterdir()).read_text())
    assert data["record"]["face"]["name"] == "total"
    assert data["record"]["face"]["parameters"] == [["x", "x"]]
