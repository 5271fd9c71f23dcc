"""The process: what hangs, exits, crashes, prints or fails on import ends as a finding, and nothing is left running."""

import os
import signal
import subprocess
import sys
import time

import pytest

from gradproof.errors import InputError
from gradproof.verify.modules.results import Request
from gradproof.verify.modules.run import judge_module

HEAD = "import numpy as np\ngradproof_inputs = {'z': np.array([1.0, 2.0])}\n"

PAIR = """
def {name}(z):
    return np.sum(z * z)

def {name}_grad(z):
    {line}
    return 2 * z
"""


def module(tmp_path, text):
    path = tmp_path / "layer.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_every_way_to_misbehave_ends_as_a_finding(tmp_path):
    lines = {
        "loops": "import time; time.sleep(600)",
        "leaves": "import os; os._exit(7)",
        "exits": "raise SystemExit(4)",
        "interrupts": "raise KeyboardInterrupt",
        "prints": "print('hello')",
        "reads": "input()",
        "good": "pass",
    }
    text = "".join(PAIR.format(name=name, line=line) for name, line in lines.items())
    found = judge_module(Request(str(module(tmp_path, text)), timeout=8)).results
    told = {r.pair.name: (r.verdict, r.report.reason if r.report else r.skipped) for r in found}
    assert [r.pair.name for r in found] == list(lines)
    assert told["loops"] == ("undecided", "not finished within 8 s, in line 8: import time; time.sleep(600)")
    assert told["leaves"] == ("undecided", "the code ended the process (status 7)")
    assert told["exits"][0] in ("undecided", "skipped")
    assert "exit" in told["exits"][1].lower()
    assert told["interrupts"] == ("skipped", "the code raises KeyboardInterrupt()")
    assert told["prints"][0] == told["good"][0] == "right"
    (prints,) = (r.report for r in found if r.pair.name == "prints")
    assert any("prints" in note and "'hello'" in note for note in prints.notes)
    assert told["reads"][0] == "undecided"
    assert "EOFError" in told["reads"][1]


def test_a_module_that_ends_its_process_on_import_is_bad_input(tmp_path):
    with pytest.raises(InputError, match=r"ends its process \(status 3\)"):
        judge_module(Request(str(module(tmp_path, "import os\nos._exit(3)"))))


def test_a_module_in_a_package_may_import_its_neighbours(tmp_path):
    package = tmp_path / "net"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("def twice(z):\n    return 2 * z\n")
    path = module(package, "from .other import twice\n" + PAIR.format(name="f", line="return twice(z)"))
    (result,) = judge_module(Request(str(path))).results
    assert result.verdict == "right"


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_behind(tmp_path, how):
    mark = tmp_path / "pid"
    line = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    path = module(tmp_path, PAIR.format(name="f", line=line))
    command = [sys.executable, "-m", "gradproof", "verify", str(path)]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: mark.exists() and mark.read_text())
    parent.send_signal(how)
    parent.wait(20)
    child = int(mark.read_text())
    wait_for(lambda: not alive(child))


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
