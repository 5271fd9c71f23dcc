"""Pairs of functions as people write them: (text, name, the gradient is for, verdict)."""

BY_NAME = """
def loss(z, target):
    return np.sum((z - target) ** 2)

def {name}(z, target):
    return {value}
"""

FUNCTIONS = [
    (BY_NAME.format(name="loss_grad", value="2 * (z - target), 2 * (target - z)"), "loss", ("z", "target"), "right"),
    (BY_NAME.format(name="grad_loss", value="2 * (z - target), 2 * (z - target)"), "loss", ("z", "target"), "wrong"),
    (BY_NAME.format(name="dloss", value="2 * (z - target)"), "loss", ("z",), "right"),
    (BY_NAME.format(name="d_loss", value="2 * (target - z)"), "loss", ("target",), "right"),
    (BY_NAME.format(name="loss_prime", value="z - target"), "loss", ("z",), "wrong"),
    (BY_NAME.format(name="backward_loss", value="{'dz': 2 * (z - target)}"), "loss", ("z",), "right"),
    (BY_NAME.format(name="loss_backward", value="{'target': 2 * (z - target)}"), "loss", ("target",), "wrong"),
    (BY_NAME.format(name="gradient", value="[2 * (z - target), None]"), "loss", ("z",), "right"),
    (
        """
        def affine_forward(x, w, b):
            out = x @ w + b
            cache = (x, w, b)
            return out, cache

        def affine_backward(dout, cache):
            x, w, b = cache
            dx, dw, db = dout @ w.T, x.T @ dout, dout.sum(axis=0)
            return dx, dw, db
        """,
        "affine",
        ("x", "w", "b"),
        "right",
    ),
    (
        """
        def affine_forward(x, w, b):
            return x @ w + b, (x, w, b)

        def affine_backward(dout, memory):
            x, w, b = memory
            db = dout.mean(axis=0)
            dw = x.T @ dout
            return db, dw
        """,
        "affine",
        ("b", "w"),
        "wrong",
    ),
    (
        """
        def step_forward(x, w):
            a = np.tanh(x @ w)
            s = np.sin(x)
            return a, s, (x, w, a)

        def step_backward(da, ds, cache):
            x, w, a = cache
            dz = da * (1 - a**2)
            return dz @ w.T + ds * np.cos(x), x.T @ dz
        """,
        "step",
        ("x", "w"),
        "right",
    ),
    (
        """
        def norm(x, eps=1e-5):
            return x / np.sqrt(np.sum(x**2) + eps)

        def norm_backward(dout, x, eps=1e-5):
            r = np.sqrt(np.sum(x**2) + eps)
            return dout / r - x * np.sum(dout * x) / r**3
        """,
        "norm",
        ("x",),
        "right",
    ),
    (
        """
        def nll(params, x, y):
            s = x @ params["W"] + params["b"]
            s = s - s.max(axis=1, keepdims=True)
            return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])

        def nll_grad(params, x, y):
            s = x @ params["W"] + params["b"]
            p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
            p[np.arange(len(y)), y] -= 1
            grads = {"dW": x.T @ p / len(y), "db": p.mean(axis=0), "dS": p}
            return grads
        """,
        "nll",
        ("W", "b"),
        "right",
    ),
    (
        """
        def softmax_loss(w, x, y):
            s = x @ w
            p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[np.arange(len(y)), y]))
            p[np.arange(len(y)), y] -= 1
            dw = x.T @ p
            return loss, dw
        """,
        "softmax_loss",
        ("w",),
        "wrong",
    ),
    (
        """
        def tanh(z):
            return np.tanh(z)

        def tanh_derivative(z):
            return 1 - np.tanh(z) ** 2
        """,
        "tanh",
        ("z",),
        "right",
    ),
    (
        """
        def softmax(z):
            return np.exp(z) / np.exp(z).sum()

        def softmax_jac(z):
            p = softmax(z)
            return np.diag(p) - np.outer(p, p)

        def softmax_grad(z):
            p = softmax(z)
            return np.diag(p) - np.outer(p, p)
        """,
        "softmax_grad",
        ("z",),
        "right",
    ),
    (
        """
        def both(z, eps):
            return eps * np.sum(z**2)

        def both_grad(z, eps):
            return np.append(2 * eps * z, np.sum(z**2))
        """,
        "both",
        ("z", "eps"),
        "right",
    ),
    (
        """
        def squares(y):
            return np.sum(y**2)

        def squares_grad(y):
            return 2 * y
        """,
        "squares",
        ("y",),
        "right",
    ),
    (
        """
        def huber(z, target, delta=1.0):
            r = z - target
            return np.mean(np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))

        def huber_grad(z, target, delta=1.0):
            r = z - target
            return np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / len(r)
        """,
        "huber",
        ("z",),
        "right",
    ),
    (
        """
        def scaled(z, error=3.0):
            return error * np.sum(z**2)

        def scaled_grad(z, error):
            return 2 * error * z
        """,
        "scaled",
        ("z",),
        "right",
    ),
    (
        """
        def difference(z, target):
            return np.sum((z - target) ** 3)

        def difference_grad(the_targets, z):
            return 3 * (z - the_targets) ** 2
        """,
        "difference",
        ("z",),
        "right",
    ),
    (
        """
        def line(x, w, b):
            return np.sum((x @ w + b) ** 2)

        def line_grad(x, w, b):
            r = 2 * (x @ w + b)
            return x.T @ r, r.sum(axis=0), r @ w.T
        """,
        "line",
        ("w", "b", "x"),
        "right",
    ),
    (
        """
        cost = lambda z: np.sum(z**2)
        cost_grad = lambda z: 2 * z
        alias = cost
        """,
        "cost",
        ("z",),
        "right",
    ),
    (
        """
        import gradproof as gp

        def energy(q):
            return np.sum(q**3)

        @gp.gradient_of(energy, inputs=lambda: {"q": np.array([1.0, 2.0])})
        def force(q):
            return -3 * q**2
        """,
        "energy",
        ("q",),
        "wrong",
    ),
    (
        """
        import gradproof as gp

        def scores(q, w):
            return q * w

        @gp.gradient_of(scores, inputs=(np.ones(3), np.arange(3.0)), kind="vjp", wrt="w")
        def pull(v, q, w):
            return v * q
        """,
        "scores",
        ("w",),
        "right",
    ),
]
