r"""The terminal face: three verbs named after the three folders, and the tools beside them. No mathematics.

What a verb needs is imported when it runs: `gradproof --help` and `gradproof list` load neither SymPy nor numba.
It stands on click, not typer: typer's current releases load pydantic for every verb, which costs 0.1 s each time.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from gradproof import __version__
from gradproof.commands import choices, complete
from gradproof.commands.choices import names
from gradproof.commands.options import appearance, list_of_names, one_of, output, output_of, show_completion, subject
from gradproof.commands.outcome import status_of
from gradproof.commands.tools import VERBS


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gradproof", message="%(prog)s %(version)s")
@click.option(
    "--completion",
    type=click.Choice(choices.SHELLS),
    callback=show_completion,
    is_eager=True,
    expose_value=False,
    help='Print the completion script of a shell: eval "$(gradproof --completion bash)".',
)
def app() -> None:
    """From equations to derivations you can read, kernels you can run, and a verdict on every gradient.

    \b
    SUBJECT is one of
      softmax         a name in the catalogue (gradproof list)
      my.eqs          a file in gradproof's notation
      notes.md        a Markdown page with LaTeX equations
      my_layer.py     a Python module with gradients written by hand (verify)
      'y = tanh(x)'   an equation in quotes, in the notation or in LaTeX
      -               a system in the notation, from standard input

    \b
    Examples:
      gradproof list
      gradproof derive softmax_cross_entropy
      gradproof kernels mlp -o mlp_kernels.py
      gradproof verify notes.md
      gradproof verify my_layer.py
      gradproof bench lstm --against torch

    Exit status: 0 right, 1 wrong, 2 bad input, 3 undecided.
    """  # noqa: D301


@app.command("derive")
@subject
@list_of_names("--of", "NAME", "The output to differentiate")
@list_of_names("--wrt", "NAME", "With respect to what")
@list_of_names("--without", "NAME", "Do not use this assumption")
@click.option("--detail", type=click.IntRange(1, 3), metavar="1..3", default=2, show_default=True, help="How much.")
@one_of("--format", choices.FORMATS, "Default: terminal on a terminal, plain in a pipe, a file's by its name.")
@click.option(
    "--order", type=click.IntRange(1), metavar="1|2", default=1, help="2: the second derivative, the Hessian."
)
@click.option("--hvp", is_flag=True, help="The Hessian times a direction v, which comes in.")
@click.option(
    "--jvp", is_flag=True, help="Forward mode: the derivative of the output along a direction v of the input."
)
@click.option("--jacobian", is_flag=True, help="The derivative of one output for every entry of one input.")
@click.option(
    "--gauss-newton", metavar="OUTPUT", help="The Gauss-Newton matrix, through this output of a network, times v."
)
@click.option(
    "--through-time",
    metavar="STATE",
    help="How the last row of a recurrent state depends on the earlier ones: Jacobians, and a bound.",
)
@click.option("--shapes", is_flag=True, help="Show the shape of each tensor at its equation.")
@click.option("--memory", is_flag=True, help="Show what is to be saved from the forward pass, and its memory.")
@one_of("--kinks", choices.KINKS, "Convention where there is no derivative, as for relu at 0.", "torch")
@click.option("--compare", metavar="OTHER", help="Say whether OTHER, a system or a backward pass, computes the same.")
@click.option(
    "--claim", metavar="TEXT", help="Say whether TEXT, left = right, holds of the system and its gradients d_x."
)
@list_of_names("--solve", "NAME", "Set the gradient for this to zero, and solve")
@list_of_names("--rename", "NAME=NAME", "What a name of OTHER is called in SUBJECT")
@appearance
@output
def derive_verb(subject: str, **options: Any) -> int:
    """Derive gradients, step by step; with an option the second derivative, or the derivative along a direction.

    \b
    Examples:
      gradproof derive sigmoid
      gradproof derive softmax_cross_entropy --wrt z --detail 3
      gradproof derive notes.md --of Loss --wrt w
      gradproof derive mlp --shapes --memory
      gradproof derive sigmoid --order 2
      gradproof derive softmax_cross_entropy --wrt z --hvp
      gradproof derive softmax --jvp
      gradproof derive tanh --jacobian
      gradproof derive logistic_regression --gauss-newton z
      gradproof derive rnn --through-time h
      gradproof derive mlp --format latex -o mlp.tex
      gradproof derive notes.md -o notes.html
      gradproof derive dense --format eqs | gradproof derive - --of d_W
      gradproof derive 'y = tanh(x)' --compare 'y = 2*sigmoid(2*x) - 1'
      gradproof derive softmax --compare paper.eqs --rename out=p
      gradproof derive softmax --claim 'sum[c] d_z[i,c] = 0'
      gradproof derive examples/ridge.eqs --solve w,b

    \b
    Exit status of --compare and --claim: 0 proved, or certified at points; 1 refuted, 2 bad input, 3 undecided.
    """  # noqa: D301
    from gradproof.commands.deriving import deriving

    return deriving(subject, options, output_of(options))


@app.command("kernels")
@subject
@one_of("--target", choices.TARGETS, "What to generate for.", "cpu")
@one_of("--dtype", choices.STORED, "The numbers of the arrays; half precision is for cuda.", "float32")
@one_of(
    "--products", choices.PRODUCTS, "Who makes matrix products on cuda: auto is cuBLAS where it is installed.", "auto"
)
@click.option("--fast", is_flag=True, help="Let exp, log, sin and cos be CUDA's fast ones; their errors are told.")
@output
def kernels_verb(subject: str, **options: Any) -> int:
    """Generate one readable Python module that needs numpy and numba alone.

    \b
    Examples:
      gradproof kernels dense
      gradproof kernels notes.md -o kernels.py
      gradproof kernels mlp --dtype float64 -o mlp_kernels.py --force
    """  # noqa: D301
    from gradproof.commands.kernels import kernels

    return kernels(
        subject, options["target"], options["dtype"], options["products"], output_of(options), fast=options["fast"]
    )


@app.command("verify")
@subject
@click.option("--seed", type=click.IntRange(0), metavar="N", default=0, show_default=True, help="Of random points.")
@list_of_names("--only", "NAME", "Of a Python module, these pairs alone")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    default=60,
    show_default=True,
    help="How long a pair of a Python module may take.",
)
@click.option("--budget", metavar="N", help="Evaluations for a pair of a Python module, or a time as 10s.")
@click.option(
    "--against",
    metavar="SYSTEM",
    shell_complete=complete.systems,
    help="Set a Python module's gradients beside this system, by the names and shapes of their inputs.",
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes for a page; default: as many as cores.")
@one_of("--format", choices.TABLE_FORMATS, "Default: terminal on a terminal, plain in a pipe, a file's by its name.")
@appearance
@output
def verify_verb(subject: str, **options: Any) -> int:
    """Derive, generate, and check every gradient and every kernel; judge the hand-written gradients of a Python module.

    \b
    In a module (NAME.py), which runs in a process of its own, these are found:
      loss with loss_grad, grad_loss or dloss; f_forward with f_backward and a cache; a class with
      forward and backward; a function that returns (loss, grads); a torch.autograd.Function; a
      jax.custom_vjp; and what @gp.gradient_of(loss, inputs=...) says. Inputs are those of the
      module's gradproof_inputs = {"x": array, ...}, or made of the shapes that docstrings state.

    \b
    Exit status: 0 all right, 1 something is wrong, 2 bad input, 3 something is undecided.

    \b
    Examples:
      gradproof verify softmax_cross_entropy
      gradproof verify notes.md
      gradproof verify mlp --seed 7 --format json
      gradproof verify my_layer.py
      gradproof verify my_layer.py --only affine,Dense --timeout 10
      gradproof verify my_layer.py --against lstm
    """  # noqa: D301
    from gradproof.commands.module import Options
    from gradproof.commands.verify import verify

    of_module = Options(
        names(options["only"], "--only"),
        options["seed"],
        options["timeout"],
        int(options["budget"]) if (options["budget"] or "").isdigit() else options["budget"],
        options["against"] or "",
        options["jobs"],
    )
    return verify(subject, of_module, options["format"], output_of(options))


for verb in VERBS:
    app.add_command(verb)


def _invoke() -> int:
    """Parse the command line and run the verb; click tells wrong usage itself."""
    try:
        status = app.main(prog_name="gradproof", standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return status if isinstance(status, int) else 0


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(status_of(_invoke))
