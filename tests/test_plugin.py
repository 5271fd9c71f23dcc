"""The pytest plugin, as a user's test run meets it."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import gradproof

TESTS = """
import numpy as np
import pytest

Z = np.array([0.5, -1.0, 2.0])

def loss(z):
    return np.sum(z**2)

def test_right(assert_gradient):
    assert_gradient(loss, lambda z: 2 * z, [Z])

@pytest.mark.gradproof(seed=7)
def test_wrong(assert_gradient):
    assert_gradient(loss, lambda z: z, [Z])

def test_imported():
    import gradproof as gp

    gp.assert_gradient(loss, lambda z: 3 * z, [Z])
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What pytest says of TESTS, and the properties it leaves by test."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "test_user.py").write_text(TESTS)
    done = start(folder, "-q", "--strict-markers", "--junit-xml=out.xml", "test_user.py")
    cases = ET.parse(folder / "out.xml").getroot().iter("testcase")  # noqa: S314  (pytest wrote it)
    found = {case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")} for case in cases}
    return done.returncode, done.stdout, found


def start(folder, *arguments):
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(Path(gradproof.__file__).parents[1]),
    }
    command = [sys.executable, "-m", "pytest", "-p", "gradproof.plugin", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_wrong_gradient_fails_with_its_report_and_no_traceback_of_ours(ran):
    status, out, _ = ran
    assert status == 1
    assert "1 passed" in out
    assert "2 failed" in out
    wrong = out[out.index("_ test_wrong _") : out.index("_ test_imported _")]
    assert "gradient wrong (certified)" in wrong
    assert "half of what it should be" in wrong
    assert ">       assert_gradient(loss, lambda z: z, [Z])" in wrong
    assert "judge.py" not in out
    assert "plugin.py" not in out


def test_the_plain_import_reads_as_well(ran):
    _, out, _ = ran
    imported = out[out.index("_ test_imported _") :]
    assert "gradient wrong (certified)" in imported
    assert ">       gp.assert_gradient(loss, lambda z: 3 * z, [Z])" in imported


def test_the_verdict_is_left_in_the_junit_file(ran):
    _, _, found = ran
    assert found["test_right"] == {
        "gradproof_verdict": "right",
        "gradproof_strength": "certified",
        "gradproof_seed": "0",
    }
    assert found["test_wrong"]["gradproof_seed"] == "7"


def test_it_loads_nothing_heavy_and_is_told_in_the_help(tmp_path):
    done = start(tmp_path, "--help")
    assert "--gradproof-budget" in done.stdout
    script = "import sys, gradproof.plugin\nprint(*sys.modules)"
    path = {**os.environ, "PYTHONPATH": str(Path(gradproof.__file__).parents[1])}
    listed = subprocess.run([sys.executable, "-c", script], env=path, capture_output=True, text=True, check=True)
    assert not {"numpy", "sympy", "numba", "flint"} & set(listed.stdout.split())
