"""What the tests of the command line share."""

import os
import subprocess
import sys
from pathlib import Path

from gradproof import cli

NOTES = r"""# Notes

The sigmoid is

$$
\sigma(z) = \frac{1}{1 + e^{-z}}
$$

and the loss is

\[
\text{MSE} = \frac{1}{m} \sum_{i=1}^{m} (y_i - \hat{y}_i)^2
\]
"""


def start(*arguments, **options):
    """Start the command line as a process of its own."""
    command = [sys.executable, "-m", "gradproof", *map(str, arguments)]
    path = os.pathsep.join([str(Path(cli.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )
