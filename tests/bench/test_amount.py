"""What a kernel cannot avoid: bytes and operations, counted from its equations."""

import pytest

from gradproof.bench.amount import Amount, amount_of
from gradproof.bench.case import Case
from gradproof.bench.limits import Limits, Streams


def of(text, dtype="float32", **sizes):
    return amount_of(Case("test", text, sizes, dtype))


def test_a_product_and_its_two_gradients():
    found = of("given A[M, K], B[K, N]\nC[i,j] = sum[k] A[i,k]*B[k,j]", M=3, K=5, N=7)
    assert found.operations == 3 * 2 * 3 * 5 * 7
    assert found.read == 4 * (15 + 35 + 21)
    assert found.written == 4 * (21 + 15 + 35)


def test_float64_is_twice_as_wide():
    narrow, wide = (of("given x[n]\ny[i] = exp(x[i])", dtype, n=100) for dtype in ("float32", "float64"))
    assert (wide.read, wide.written) == (2 * narrow.read, 2 * narrow.written)


def test_a_sum_inside_is_done_once_a_row_not_once_an_entry():
    found = of("given x[m, n]\nparam w[n]\ny[i,j] = w[j] - sum[k] x[i,k]*exp(x[i,k])", m=10, n=20)
    assert found.operations == 2 * 10 * 20


@pytest.mark.parametrize(("bound", "share"), [("", 1.0), ("<=i", 0.5)])
def test_conditions_leave_a_share(bound, share):
    found = of(f"given P[T, T], V[T]\nO[i] = sum[j{bound}] P[i,j]*V[j]", T=200)
    # P*V, and P again for the gradient of V; the gradient of P sums nothing.
    assert found.operations == pytest.approx(share * 2 * 2 * 200 * 200, rel=0.03)


def test_known_zeros_are_not_multiplied():
    text = "given A[T, T], V[T, F]\nP[i,j] = [j <= i]*A[i,j]\nO[i,f] = sum[j] P[i,j]*V[j,f]"
    found = of(text, T=100, F=10)
    assert found.operations == pytest.approx((0.5 + 0.5 + 0.5) * 2 * 100 * 100 * 10, rel=0.35)


def test_of_a_table_the_rows_that_are_looked_up_are_read():
    found = of("given tok[T] in V\nparam E[V, D]\nx[t,d] = E[tok[t],d]", T=8, V=1000, D=16)
    assert found.read == 8 * 8 + 4 * 8 * 16 + 4 * 8 * 16
    assert found.written == 4 * 8 * 16 + 4 * 1000 * 16


def test_what_is_updated_is_counted_apart():
    found = of("given g[n], alpha\nparam w[n]\nw[j] := w[j] - alpha*g[j]", n=100)
    assert (found.read, found.written, found.in_place) == (404, 0, 400)


def test_the_limit_is_the_slower_of_memory_and_product():
    machine = Limits(2, (Streams(1000, 200.0, 100.0, 400.0), Streams(10**9, 20.0, 10.0, 40.0)), {"float32": 1e3})
    assert Amount(100, 100, 0, 0, "float32").limit(machine) == (1.0, "copy")
    assert Amount(2000, 0, 0, 0, "float32").limit(machine) == (200.0, "read")
    assert Amount(0, 0, 100, 0, "float32").limit(machine) == (0.5, "in place")
    assert Amount(100, 100, 0, 5000, "float32").limit(machine) == (5.0, "product")
