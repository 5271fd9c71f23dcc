"""Classes with a forward and a backward as people write them: (text, name, the gradient is for, verdict)."""

CLASSES = [
    (
        """
        class Layer:
            def __init__(self):
                self.params = {"W": np.ones((4, 3)) / 7, "c": np.zeros(3)}
                self.grads = {}

            def forward(self, x):
                self.x = x
                return np.tanh(x @ self.params["W"] + self.params["c"])

            def backward(self, dout):
                d = dout * (1 - self.forward(self.x) ** 2)
                self.grads["W"] = self.x.T @ d
                self.grads["c"] = d.sum(axis=0)
                return d @ self.params["W"].T
        """,
        "Layer",
        ("x", "W", "c"),
        "right",
    ),
    (
        """
        class Affine:
            def __init__(self):
                self.params = [np.ones((4, 3)) / 7, np.zeros(3)]
                self.grads = [np.zeros((4, 3)), np.zeros(3)]

            def forward(self, x):
                W, b = self.params
                self.x = x
                return x @ W + b

            def backward(self, dout):
                self.grads[0][...] = self.x.T @ dout
                self.grads[1][...] = dout.mean(axis=0)
                return dout @ self.params[0].T
        """,
        "Affine",
        ("x", "params[0]", "params[1]"),
        "wrong",
    ),
    (
        """
        class Lazy:
            def __init__(self):
                self.is_initialized, self.parameters, self.gradients = False, {"W": None}, {}
                self.X = []

            def forward(self, x):
                if not self.is_initialized:
                    self.parameters["W"] = np.full((x.shape[1], 2), 0.3)
                    self.gradients["W"] = np.zeros((x.shape[1], 2))
                    self.is_initialized = True
                self.X.append(x)
                return np.tanh(x @ self.parameters["W"])

            def flush_gradients(self):
                self.X = []
                self.gradients["W"] = np.zeros_like(self.parameters["W"])

            def backward(self, dLdY):
                d = dLdY * (1 - np.tanh(self.X[0] @ self.parameters["W"]) ** 2)
                self.gradients["W"] += self.X[0].T @ d
                return d @ self.parameters["W"].T
        """,
        "Lazy",
        ("x", "W"),
        "right",
    ),
    (
        """
        class Dense:
            def __init__(self, n=4):
                self.weights, self.biases = np.ones((n, 3)) / 7, np.zeros((1, 3))

            def forward(self, x):
                self.inputs = x
                self.output = x @ self.weights + self.biases

            def backward(self, dvalues):
                self.dweights = self.inputs.T @ dvalues
                self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
                self.dinputs = dvalues @ self.weights.T
        """,
        "Dense",
        ("x", "weights", "biases"),
        "right",
    ),
    (
        """
        class Sine:
            def fn(self, z):
                return np.sin(z)

            def grad(self, z):
                return -np.cos(z)
        """,
        "Sine",
        ("z",),
        "wrong",
    ),
    (
        """
        class Squares:
            def forward(self, z, target):
                self.r = z - target
                return np.sum(self.r**2)

            def backward(self, dout=1):
                return 2 * self.r
        """,
        "Squares",
        ("z",),
        "right",
    ),
    (
        """
        from abc import ABC, abstractmethod

        class Base(ABC):
            @abstractmethod
            def forward(self, x): ...
            @abstractmethod
            def backward(self, dout): ...

        class Half(Base):
            def forward(self, x):
                return x / 2

            def backward(self, dout):
                return dout / 2
        """,
        "Half",
        ("x",),
        "right",
    ),
    (
        """
        class Net:
            def __init__(self):
                self.params = {"W": np.ones((4, 3)) / 7, "c": np.zeros(3)}

            def loss(self, x, y=None):
                s = x @ self.params["W"] + self.params["c"]
                if y is None:
                    return s
                p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
                loss = -np.mean(np.log(p[np.arange(len(y)), y]))
                p[np.arange(len(y)), y] -= 1
                grads = {"W": x.T @ p / len(y), "c": p.sum(axis=0)}
                return loss, grads
        """,
        "Net",
        ("W", "c"),
        "wrong",
    ),
]
