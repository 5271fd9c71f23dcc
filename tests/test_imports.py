"""Imports point one way: cli -> {kernels, verify} -> derive. Held over the syntax trees, lazy imports included."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gradproof"

# Each room, and the rooms it may import from. A room is a folder or module directly under gradproof/.
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "derive": {"errors"},
    "kernels": {"errors", "files", "derive", "loading"},
    "verify": {"errors", "derive", "loading"},
    "catalogue": {"errors"},
    "loading": {"errors", "files", "catalogue", "derive"},
    "__init__": {"errors", "derive", "kernels", "verify", "loading"},
    "bench": {"__init__", "errors", "catalogue", "loading", "derive", "kernels"},
    "doctor": {"__init__", "bench", "kernels"},
    "commands": {
        "__init__",
        "errors",
        "files",
        "catalogue",
        "loading",
        "derive",
        "kernels",
        "verify",
        "bench",
        "doctor",
    },
    "plugin": {"verify"},
    "cli": {"__init__", "commands", "errors"},
    "__main__": {"cli"},
}

FORBIDDEN = {"derive": {"numba"}, "commands": {"sympy"}, "cli": {"sympy", "numba", "rich"}}


def room_of(path):
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported(tree):
    """Each imported module with its line; `from gradproof import catalogue` is gradproof.catalogue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            if node.module == "gradproof":
                names = {alias.name for alias in node.names} - {"__version__"}
                yield from ((f"gradproof.{name if name in MAY_IMPORT else '__init__'}", node.lineno) for name in names)
            else:
                yield node.module, node.lineno


def offences(path):
    room = room_of(path)
    for module, line in imported(ast.parse(path.read_text(encoding="utf-8"))):
        top, _, rest = module.partition(".")
        target = rest.split(".")[0] or "__init__"
        if top == "gradproof" and target != room and target not in MAY_IMPORT[room]:
            allowed = ", ".join(sorted(MAY_IMPORT[room])) or "nothing"
            yield f"{path.relative_to(PACKAGE.parent)}:{line}: {room} may import {allowed}; not {target}"
        if top in FORBIDDEN.get(room, ()):
            yield f"{path.relative_to(PACKAGE.parent)}:{line}: {room} knows nothing of {top}"


def test_every_room_is_known():
    found = {room_of(path) for path in PACKAGE.rglob("*.py")}
    assert found == set(MAY_IMPORT)


def test_imports_point_one_way():
    found = [offence for path in sorted(PACKAGE.rglob("*.py")) for offence in offences(path)]
    assert not found, "\n" + "\n".join(found)


def test_an_offence_names_file_line_and_what_is_allowed(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path / "gradproof")
    path = tmp_path / "gradproof" / "kernels" / "bad.py"
    path.parent.mkdir(parents=True)
    path.write_text("import math\n\ndef f():\n    from gradproof.verify import check\n")
    allowed = "derive, errors, files, loading"
    assert list(offences(path)) == [f"gradproof/kernels/bad.py:4: kernels may import {allowed}; not verify"]


def modules_after(code):
    script = f"import sys\n{code}\nprint(*sorted(sys.modules), sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


HEAVY = {"sympy", "numba", "numpy", "lark", "flint", "rich"}


@pytest.mark.parametrize(
    "code",
    [
        "import gradproof",
        "import gradproof; dir(gradproof); gradproof.derive; gradproof.load",
        "import gradproof.kernels, gradproof.verify",
        "from gradproof.cli import _invoke; sys.argv[1:] = ['list']; _invoke()",
        "from gradproof.cli import _invoke; sys.argv[1:] = ['--help']; _invoke()",
        "from gradproof.cli import _invoke; sys.argv[1:] = ['verify', '--help']; _invoke()",
    ],
)
def test_the_light_stays_light(code):
    assert not modules_after(code) & HEAVY


def test_the_public_face_is_complete_and_stable():
    import gradproof as gp

    for name in gp.__all__:
        first, second = getattr(gp, name), getattr(gp, name)
        assert first is second
        assert callable(first), name
    with pytest.raises(AttributeError, match="no attribute 'drive'"):
        gp.drive  # noqa: B018
