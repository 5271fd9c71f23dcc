from gradproof.derive.interpret.order import Loop, schedule
from gradproof.derive.notation import parse_system


def plan(text):
    return schedule(parse_system(text).definitions)


def test_plain_equations_keep_their_order():
    assert [e.name for e in plan("given x[n]\na[i] = 2*x[i]\nb[i] = a[i] + x[i]")] == ["a", "b"]


def test_a_recurrence_is_a_loop_forwards():
    *_, loop = plan("given x[T]\nstart h[-1] = 0\nh[t] = h[t-1] + x[t]")
    assert isinstance(loop, Loop)
    assert (loop.axes, loop.backwards) == ({"h": 0}, False)


def test_a_recurrence_that_reads_ahead_runs_backwards():
    (loop,) = plan("given x[T]\nshape b[T]\nb[t] = x[t] + [t+1 < T]*b[t+1]")
    assert loop.backwards


def test_tensors_of_one_recurrence_may_have_time_in_different_axes():
    text = """
    given x[T,n]
    shape h[T,n], s[n,T]
    h[t,k] = [t >= 1]*s[k,t-1] + x[t,k]
    s[k,t] = 2*h[t,k]
    """
    (loop,) = plan("\n".join(line.strip() for line in text.strip().splitlines()))
    assert loop.axes == {"h": 0, "s": 1}
    assert [e.name for e in loop.body] == ["h", "s"]


def test_a_recurrence_over_two_axes_is_a_loop_in_a_loop():
    (loop,) = plan("given x[T,n]\nshape h[T,n]\nh[t,l] = x[t,l] + [t >= 1]*h[t-1,l] + [l >= 1]*h[t,l-1]")
    assert isinstance(loop.body[0], Loop)
