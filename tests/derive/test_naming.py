"""Names of seeds and adjoints."""

import gradproof as gp
from gradproof.derive.naming import seed_names


def test_each_output_has_a_seed_of_its_own() -> None:
    system = gp.system("given x[n]\ny[i] = 2*x[i]\nu[i] = sin(x[i])")
    assert seed_names(system, ("y", "u")) == {"y": "d_y", "u": "d_u"}
    assert str(gp.derive(system).gradients["x"]) == "d_x[i] = 2*d_y[i] + d_u[i]*cos(x[i])"
