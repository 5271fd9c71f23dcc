"""The verbs beside the three: measuring, explaining a line, looking at the machine, and the catalogue's list."""

from __future__ import annotations

import sys
from typing import Any

import click

from gradproof.commands import choices, complete
from gradproof.commands.choices import names
from gradproof.commands.options import appearance, list_of_names, one_of, output, output_of, subject


@click.command("bench")
@subject
@list_of_names("--sizes", "NAME=N", "Sizes, as T=64,H=256; the others are usual ones")
@click.option(
    "--against",
    multiple=True,
    metavar="PEER",
    shell_complete=complete.peers,
    help=f"Of {', '.join(choices.PEERS)}; comma list, or repeated. Default: numpy,torch,jax. "
    f"On a GPU, of {', '.join(choices.DEVICE_PEERS)}. Default: torch,cupy.",
)
@one_of("--target", choices.TARGETS, "Where all run.", "cpu")
@one_of("--dtype", choices.DTYPES, "The numbers to compute with.", "float32")
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True, help="How many all may use.")
@click.option("--quick", is_flag=True, help="Fewer and shorter turns.")
@one_of("--format", choices.TABLE_FORMATS, "Default: terminal on a terminal, plain in a pipe, a file's by its name.")
@appearance
@output
def bench_verb(subject: str, **options: Any) -> int:
    """Measure a kernel, forward and backward, beside PyTorch, JAX and NumPy, and beside what this machine can do.

    \b
    Each library runs in a process of its own, all in turns, on the same inputs; those that are not
    installed are said. Every result is compared with the same work in float64.

    \b
    Exit status: 0 measured, 1 our results are wrong, 2 bad input, 3 our kernel does not run.

    \b
    Examples:
      gradproof bench sigmoid
      gradproof bench lstm --sizes T=64,B=32,H=256 --against torch,jax
      gradproof bench layer_norm --dtype float64 --quick
      gradproof bench layer_norm --target cuda --against torch,torch.compile
      gradproof bench my.eqs --sizes n=100000 --format json -o my.json
    """  # noqa: D301
    from gradproof.commands.bench import DEFAULT_PEERS, Options, bench

    target = options["target"]
    against = names(options["against"], "--against") or DEFAULT_PEERS[target]
    asked = Options(options["sizes"], against, options["dtype"], options["threads"], options["quick"], target)
    return bench(subject, asked, options["format"], output_of(options))


@click.command("explain")
@click.argument("place", metavar="FILE:LINE", shell_complete=complete.modules)
@click.option(
    "--system",
    metavar="SUBJECT",
    shell_complete=complete.systems,
    help="What the module was made of, where its header does not tell.",
)
@click.option("--detail", type=click.IntRange(1, 3), metavar="1..3", default=3, show_default=True, help="How much.")
@appearance
@output
def explain_verb(place: str, **options: Any) -> int:
    """Print the derivation behind a line of a generated module.

    \b
    Each line of a generated module stands under the number of its equation, and the header lists the
    equations. The system is found again by its title in the catalogue, or read from the header, and is
    derived again; nothing in the module is run.

    \b
    Examples:
      gradproof kernels lstm -o lstm_kernels.py
      gradproof explain lstm_kernels.py:212
      gradproof explain my_kernels.py:40 --system my.eqs
    """  # noqa: D301
    from gradproof.commands.explain import explain

    return explain(place, options["system"], options["detail"], output_of(options))


@click.command("doctor")
@one_of("--format", choices.DOCTOR_FORMATS, "Default: terminal on a terminal, plain in a pipe, a file's by its name.")
@appearance
@output
def doctor_verb(**options: Any) -> int:
    """Say what is installed and what this machine has, and what to do where something is missing.

    \b
    Looks at Python and the packages, the processor and its threads, the folder of compiled kernels,
    runs one small kernel, and looks for a GPU, its driver and its compiler, and for optional libraries.

    \b
    Exit status: 0 all that gradproof needs is there, 1 something that it needs is not.

    \b
    Examples:
      gradproof doctor
      gradproof doctor --format json
    """  # noqa: D301
    from gradproof.commands.doctor import doctor

    return doctor(options["format"], output_of(options))


@click.command("list")
@click.option("--width", type=click.IntRange(40, 1000), metavar="N", help="Columns; default: the terminal's.")
def list_verb(width: int | None) -> int:
    """Show the catalogue: name, title, and what comes in with which sizes.

    \b
    Examples:
      gradproof list
      gradproof list | grep softmax
    """  # noqa: D301
    from gradproof.commands.listing import listing

    sys.stdout.write(listing(width) + "\n")
    return 0


VERBS = (bench_verb, explain_verb, doctor_verb, list_verb)
