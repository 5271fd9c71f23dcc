"""stop(...): the value stays, every derivative treats it as a constant, and every page says so."""

import json

import numpy as np
import pytest

import gradproof as gp
from gradproof.verify.exact import check_derivation
from gradproof.verify.steps import check_steps

STRAIGHT = "param z[N]\ny[n] = z[n] + stop(sign(z[n]) - z[n])"
TARGET = "param w[D]\ngiven x[D], r\nL = (sum[d] w[d]*x[d] - stop(r + sum[d] w[d]*x[d]**2))**2"
SAID = "What stands in stop(...) is held constant: this is not the whole derivative."


def test_straight_through_has_the_value_of_the_sign_and_the_gradient_of_the_identity() -> None:
    system = gp.system(STRAIGHT)
    z = np.array([-2.0, 0.5, 3.0])
    assert np.array_equal(gp.evaluate(system, {"z": z})["y"], np.sign(z))
    assert str(gp.derive(system).gradients["z"]) == "d_z[n] = d_y[n]"
    assert str(gp.jvp(system).gradients["y"]) == "v_y[n] = v_z[n]"


@pytest.mark.parametrize("text", [STRAIGHT, TARGET, "param w[D]\nL = sum[d] stop(w[d])*w[d]**2"])
def test_stops_are_certified_against_the_equations_with_constants_in_their_place(text: str) -> None:
    d = gp.derive(gp.system(text))
    assert [c.verdict for c in check_derivation(d)] == ["right"]
    assert all(c.verdict == "right" for c in check_steps(d))


def test_a_target_network_is_data() -> None:
    """The gradient is that of the system in which the target is given."""
    inputs = {"w": np.array([0.3, -0.2]), "x": np.array([1.0, 2.0]), "r": 0.7}
    found = gp.derive(gp.system(TARGET)).evaluate(inputs)["w"]
    given = gp.derive(gp.system("param w[D]\ngiven x[D], q\nL = (sum[d] w[d]*x[d] - q)**2"))
    target = inputs["r"] + inputs["w"] @ inputs["x"] ** 2
    assert np.allclose(found, given.evaluate({"w": inputs["w"], "x": inputs["x"], "q": target})["w"])


def test_a_second_derivative_does_not_move_what_was_held() -> None:
    d = gp.derive(gp.system("param w\nL = stop(w)*w**2"), order=2)
    assert str(d.gradients["w"]).endswith("= 2*stop(w)")
    assert gp.hvp(gp.system("param w[D]\nL = sum[d] stop(w[d])*w[d]")).gradients["w"].value == 0


def unrolled(windows: int, length: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {"x": (windows * length, 2, 3), "h0": (2, 4), "W": (3, 4), "U": (4, 4), "b": (4,)}
    return {n: rng.normal(size=s) for n, s in shapes.items()}, rng.normal(size=(windows * length, 2, 4))


def test_truncated_backpropagation_is_the_sum_over_windows_that_begin_at_given_states() -> None:
    """Each window by itself, its first state data: the plain recurrent layer knows nothing of stop."""
    length = 3
    inputs, seed = unrolled(3, length, 0)
    truncated = gp.derive(gp.load("rnn_truncated"))
    found = truncated.evaluate({**inputs, "K": length, "d_h": seed})
    plain = gp.derive(gp.load("rnn"))
    states = gp.evaluate(gp.load("rnn"), inputs)["h"]
    total = {w: np.zeros_like(inputs[w]) for w in ("W", "U", "b")}
    for start in range(0, 9, length):
        window = slice(start, start + length)
        first = inputs["h0"] if start == 0 else states[start - 1]
        part = plain.evaluate({**inputs, "x": inputs["x"][window], "h0": first, "d_h": seed[window]})
        total = {w: total[w] + part[w] for w in total}
    for w, expected in total.items():
        assert np.allclose(found[w], expected, rtol=1e-12, atol=1e-12)


def test_truncated_at_the_whole_length_it_is_the_gradient_and_below_it_is_not() -> None:
    inputs, seed = unrolled(2, 3, 1)
    truncated = gp.derive(gp.load("rnn_truncated"))
    whole = gp.derive(gp.load("rnn")).evaluate({**inputs, "d_h": seed})["U"]
    assert np.allclose(truncated.evaluate({**inputs, "K": 6, "d_h": seed})["U"], whole, rtol=1e-12)
    assert not np.allclose(truncated.evaluate({**inputs, "K": 3, "d_h": seed})["U"], whole, rtol=1e-2)


@pytest.mark.parametrize("form", ["plain", "terminal", "latex", "markdown", "html"])
def test_pages_say_what_is_held(form: str) -> None:
    from gradproof.derive.render import render

    for d in (gp.derive(gp.system(TARGET)), gp.jvp(gp.system(TARGET)), gp.hvp(gp.system(TARGET))):
        text = " ".join(render(d, form, width=200).split())
        assert SAID in text
        assert "treated as a constant here" in text
    assert "stop: treated as a constant here" in gp.derive(gp.system(TARGET)).plain(detail=3)


def test_json_names_the_equations_with_stops() -> None:
    assert json.loads(gp.derive(gp.system(TARGET)).json())["stops"] == [1]


def test_a_stop_that_takes_nothing_away_is_not_mentioned() -> None:
    d = gp.derive(gp.system("param w[D]\ngiven x[D]\nL = sum[d] w[d]*stop(x[d])"))
    assert d.stops == ()
    assert SAID not in d.plain()


@pytest.mark.parametrize("name", ["stop", "sg", "stopgrad"])
def test_a_page_may_say_it_too(name: str) -> None:
    from gradproof.derive.latex import read_page

    page = read_page(rf"$$ L = (w - \operatorname{{{name}}}(w + 1))^2 $$")
    assert str(gp.derive(page.chain("L"), wrt="w").gradients["w"]) == "d_w = 2*(w - stop(1 + w))"


def test_no_stationary_point_of_a_part_of_the_gradient() -> None:
    with pytest.raises(gp.NotYet, match=r"a stationary point with stop\(...\) in equation \(1\)"):
        gp.solve(gp.system("param w\nL = (w - stop(w) - 1)**2"), for_="w")


def test_kernels_compute_the_value() -> None:
    pytest.importorskip("numba")
    k = gp.kernel(gp.derive(gp.system(STRAIGHT)), dtype="float64")
    assert "stop" not in k.source.split('"""')[-1]
    found = k(z=np.array([-2.0, 0.5]), d_y=np.array([1.0, 2.0]))
    assert np.array_equal(found["d_z"], [1.0, 2.0])
    assert np.array_equal(found["y"], [-1.0, 1.0])
