"""The command line, run in a folder of its own."""

import sys

import pytest

from gradproof import cli


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs the command line in a folder of its own; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["gradproof", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call
