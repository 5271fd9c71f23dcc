"""PyTorch: its own backward is judged, of Functions, of modules, and of any function of tensors."""

import numpy as np
import pytest

import gradproof as gp

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, d):
        (y,) = ctx.saved_tensors
        return d * y


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx, d):
        x, w = ctx.saved_tensors
        return d * w * 2, d * x


class OnceOnly(torch.autograd.Function):
    """x^3, with a backward that autograd cannot see through rightly: a constant of the point."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, d):
        (x,) = ctx.saved_tensors
        return d * 3 * x.detach() ** 2


class Forgets(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(w)
        return x * w

    @staticmethod
    def backward(ctx, d):
        (w,) = ctx.saved_tensors
        return d * w, None


def double(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def test_a_right_function_is_measured():
    report = gp.check(Exp.apply, [double(3, 2)])
    assert (report.verdict, report.strength) == ("right", "measured")
    assert gp.check(Exp.apply, None, [double(3, 2)]).verdict == "right"


def test_a_wrong_input_is_named_as_in_forward():
    report = gp.check(Twice.apply, [double(3), double(3)])
    assert report.verdict == "wrong"
    assert set(report.wrong) == {"x"}
    assert "2 times too large" in str(report.diagnosis[0])


def test_a_gradient_that_is_none_is_a_claim_of_zero():
    report = gp.check(Forgets.apply, [double(3), double(3)])
    assert set(report.wrong) == {"w"}


def test_a_detached_output_is_a_claim_of_zero():
    report = gp.check(lambda x: (x.detach() ** 2).sum(), [double(3)])
    assert report.verdict == "wrong"


def test_double_backward():
    assert gp.check(Exp.apply, [double(3)], order=2).verdict == "right"
    once = gp.check(OnceOnly.apply, [double(3)])
    twice = gp.check(OnceOnly.apply, [double(3)], order=2)
    assert (once.verdict, twice.verdict) == ("right", "wrong")
    assert twice.reason.startswith("double backward:")


def test_a_module_has_its_parameters_as_inputs():
    layer = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Dropout(0.5))
    report = gp.check(layer, [torch.randn(5, 4)])
    assert report.verdict == "right"
    assert any("float64" in note for note in report.notes)
    assert "measured: functions of torch do not run in ball arithmetic" in report.notes


class Scaled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(3))
        self.norm = torch.nn.BatchNorm1d(3)

    def forward(self, x):
        return Twice.apply(self.norm(x), self.w)


def test_a_module_with_a_wrong_function_inside():
    report = gp.check(Scaled(), [torch.randn(5, 3)])
    assert report.verdict == "wrong"
    assert "w" not in report.wrong
    assert "x" in report.wrong


def test_float32_is_judged_by_its_algorithm():
    assert gp.check(lambda x: (x**2).sum(), [torch.randn(50)]).verdict == "right"
    assert gp.check(Twice.apply, [torch.randn(3), torch.randn(3)]).severity == "mistake"


def test_float32_alone_where_float64_does_not_run():
    weights = torch.randn(4, 3)
    report = gp.check(lambda x: torch.tanh(x @ weights).sum(), [torch.randn(2, 4)])
    assert report.verdict == "right"
    assert any("does not run in float64" in note for note in report.notes)


def test_overflow_in_float32_is_told_as_such():
    report = gp.check(lambda x: torch.log1p(torch.exp(x)).sum(), [torch.tensor([1.0, 95.0])])
    assert (report.verdict, report.severity) == ("wrong", "overflow")
    assert report.wrong["x"].tolist() == [[1]]


def test_half_precision():
    assert gp.check(lambda x: torch.tanh(x).sum(), [torch.randn(5).half()]).verdict == "right"
    assert gp.check(lambda x: torch.sin(x).sum(), [torch.randn(5).bfloat16()]).verdict == "right"


def test_a_gradient_of_ones_own_on_tensors():
    x, w = double(4, 3), double(3)

    def loss(w, x):
        return torch.tanh(x @ w).sum()

    def right(w, x):
        return x.T @ (1 - torch.tanh(x @ w) ** 2)

    assert gp.check(loss, right, [w, x], wrt=["w"]).verdict == "right"
    assert gp.check(loss, lambda w, x: -right(w, x), [w, x], wrt=["w"]).verdict == "wrong"


def test_whole_numbers_and_settings_pass_through():
    table, index = double(5, 2), torch.tensor([0, 3, 3])
    report = gp.check(lambda table, index, p: table[index].abs().pow(p).sum(), [table, index, 3])
    assert report.verdict == "right"
    assert np.shape(report.wrong) == ()


def test_several_outputs():
    report = gp.check(lambda x: (x.sin(), (x**2).sum()), [double(3)])
    assert report.verdict == "right"


# ------------------------------------------------------------ half precision


def summed(x):
    return (3 * x.to(torch.bfloat16)).sum()


def hidden(x):
    """A type that neither the value nor the gradient shows."""
    h = x.to(torch.bfloat16)
    return torch.dot(h, h.sin()).double()


@pytest.mark.parametrize("f", [summed, hidden])
def test_bfloat16_inside_a_function_is_no_mistake(f):
    for seed in (7, 1, 5):
        torch.manual_seed(seed)
        report = gp.check(f, [double(3)], seed=seed)
        assert report.verdict != "wrong", str(report)
        assert "the gradient is computed in bfloat16: it is judged to the rounding of that type" in report.notes


def test_bfloat16_inputs_are_judged_in_float64():
    x = torch.randn(5).to(torch.bfloat16)
    assert gp.check(lambda x: (x.tanh() * x.exp()).sum(), [x]).verdict == "right"
    assert gp.check(Twice.apply, [x, x + 1]).wrong.keys() == {"x"}


def test_a_function_of_bfloat16_alone_is_judged_to_its_rounding():
    def f(x):
        if x.dtype != torch.bfloat16:
            raise TypeError("bfloat16 is needed")
        return 3 * x

    report = gp.check(f, [torch.randn(3).to(torch.bfloat16)])
    assert report.verdict != "wrong", str(report)
    assert "the gradient is computed in bfloat16: it is judged to the rounding of that type" in report.notes
