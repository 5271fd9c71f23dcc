import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import gradproof

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def installed_files():
    """The files of a regular installation, or None: not installed, or installed as a link to this tree."""
    try:
        files = metadata.files("gradproof") or []
    except metadata.PackageNotFoundError:
        return None
    found = {file.as_posix() for file in files if file.parts[0] == "gradproof"}
    return found or None


def test_the_extras_are_there():
    extras = {"torch", "jax", "cuda", "cublas", "plots", "test", "dev"}
    assert set(PROJECT["project"]["optional-dependencies"]) == extras


def test_what_is_imported_at_run_time_is_required():
    required = {re.split(r"[<>=\[ ]", line)[0] for line in PROJECT["project"]["dependencies"]}
    assert required == {"click", "lark", "numba", "numpy", "python-flint", "rich", "sympy"}


def test_each_requirement_has_a_lower_bound():
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    assert [line for line in lines if ">=" not in line] == ["gradproof[test]"]


def test_the_changelog_knows_this_version():
    assert f"## {gradproof.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.skipif(installed_files() is None, reason="gradproof is run from the tree, not from an installed wheel")
def test_the_wheel_holds_every_file_of_the_package():
    tree = (ROOT / "gradproof").rglob("*")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in tree
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert wanted <= installed_files()
