"""Systems are checked when they are built, whatever builds them; errors name the equation."""

import pytest
import sympy as sp

from gradproof.derive.conditions import at_least_zero
from gradproof.derive.index import Index, Size
from gradproof.derive.model import Assumption, Equation, Kind, Role, System, Tensor
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Reduce
from gradproof.errors import InputError

m, n = Size("m"), Size("n")
i, j = Index("i", m), Index("j", n)
x, y = Element("x", i), Element("y", i)
X = Tensor("x", (m,))
Y = Tensor("y", (m,), Role.OUTPUT)


def system(*equations: Equation, tensors: tuple[Tensor, ...] = (X, Y), **more: object) -> System:
    return System("", tensors, equations, **more)  # type: ignore[arg-type]


def refusal(*equations: Equation, tensors: tuple[Tensor, ...] = (X, Y), **more: object) -> str:
    with pytest.raises(InputError) as caught:
        system(*equations, tensors=tensors, **more)
    return caught.value.message


def test_a_sound_system() -> None:
    s = system(Equation(1, y, 2 * x))
    assert s.outputs == ("y",)
    assert s.inputs == (X,)
    assert s["x"] == X


def test_undeclared_tensor() -> None:
    assert refusal(Equation(1, y, Element("q", i))) == "equation (1): q is neither declared nor defined"


def test_wrong_rank() -> None:
    assert "x has 1 axes, but 2 indices" in refusal(Equation(1, y, Element("x", i, i)))


def test_an_index_of_another_range_at_the_left() -> None:
    k = Index("k", n)
    assert "runs to n, but axis 0 of y has the size m" in refusal(Equation(3, Element("y", k), Element("x", k)))


def test_an_unbound_index() -> None:
    assert "the index j is neither at the left nor bound" in refusal(Equation(1, y, x * j))


def test_a_bound_index_is_no_free_one() -> None:
    system(Equation(1, y, x * Reduce("sum", j, [j])))


def test_two_definitions() -> None:
    assert "y is already defined by equation (1)" in refusal(Equation(1, y, x), Equation(2, y, 2 * x))


def test_two_start_rows() -> None:
    h = Tensor("h", (m,), Role.STATE)
    row = Element("h", sp.Integer(-1))
    equations = (
        Equation(1, row, sp.S.One, Kind.START),
        Equation(2, row, sp.S.Zero, Kind.START),
        Equation(3, Element("h", i), Element("h", i - 1)),
    )
    assert "h is already defined by equation (1)" in refusal(*equations, tensors=(h,))


def test_use_before_definition() -> None:
    z = Tensor("z", (m,), Role.OUTPUT)
    equations = (Equation(1, y, Element("z", i)), Equation(2, Element("z", i), x))
    assert "z is used before its definition, equation (2)" in refusal(*equations, tensors=(X, Y, z))


def test_a_recurrence_may_read_what_comes_later() -> None:
    h, a = Tensor("h", (m,), Role.STATE), Tensor("a", (m,), Role.OUTPUT)
    system(
        Equation(1, Element("h", sp.Integer(-1)), sp.S.Zero, Kind.START),
        Equation(2, Element("a", i), Element("h", i - 1) + x),
        Equation(3, Element("h", i), Call("tanh", Element("a", i))),
        tensors=(X, h, a),
    )


def test_defined_by_itself() -> None:
    assert "y is defined by itself" in refusal(Equation(1, y, y + x))


def test_reads_that_leave_their_tensor() -> None:
    assert "x is read at -1 in axis 0" in refusal(Equation(1, y, Element("x", i - 1)))
    assert "x is read at m in axis 0" in refusal(Equation(1, y, Element("x", i + 1)))
    assert "x is read at 2*m" in refusal(
        Equation(1, y, Reduce("sum", Element("x", i + Index("q", m) + 2), [Index("q", m)]))
    )


def test_guarded_reads_are_left_to_their_guards() -> None:
    system(Equation(1, y, Iverson(at_least_zero(i - 1)) * Element("x", i - 1)))
    q = Index("q", m)
    system(Equation(1, y, Reduce("sum", Element("x", q - 1), [q], conditions=[at_least_zero(q - 1)])))


def test_real_tensors_do_not_stand_in_indices() -> None:
    assert "x is real and cannot stand in an index of x" in refusal(Equation(1, y, Element("x", x)))


def test_unknown_functions_are_declared() -> None:
    assert "phi is neither" in refusal(Equation(1, y, Call("phi", x)))
    system(Equation(1, y, Call("phi'", x)), functions=("phi",))


def test_gradients_are_of_scalars() -> None:
    w = Tensor("w", (m,), Role.PARAM)
    update = Equation(2, Element("w", i), Grad("y", Element("w", i)), Kind.UPDATE)
    assert "grad of y" in refusal(Equation(1, y, x), update, tensors=(X, Y, w))


def test_inputs_are_not_computed() -> None:
    assert "x comes in and is computed too" in refusal(Equation(1, x, sp.S.One), tensors=(X,))


def test_assumptions_are_checked() -> None:
    assert "assumption about q" in refusal(assumptions=(Assumption("q", Element("q", i), sp.S.One),))


def test_names_are_unique() -> None:
    assert refusal(tensors=(X, X)) == "x is declared twice"
    assert refusal(tensors=(X, Tensor("m", ())), sizes=(m,)) == "m is declared twice"


def test_models_print_as_notation() -> None:
    s = system(Equation(1, y, 2 * x), sizes=(m,))
    assert str(s.equations[0]) == "y[i] = 2*x[i]"
    assert str(s) == "given x[m]\ny[i] = 2*x[i]"
