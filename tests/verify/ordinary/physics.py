"""Small physics, geometry and signals: integrators, energies, filters, grids."""

import math
from math import cos, exp, pi, sin, sqrt

import numpy as np

from .case import case, normal, positive


def pendulum(theta0, length):
    dt, theta, omega = 0.05, theta0, 0.0
    for _ in range(10):
        omega -= 9.81 / length * np.sin(theta) * dt
        theta += omega * dt
    return theta**2


def pendulum_math(theta0, length):
    theta, omega = float(theta0), 0.0
    for _ in range(10):
        omega -= 9.81 / float(length) * sin(theta) * 0.05
        theta += omega * 0.05
    return 1 - cos(theta)


def projectile(v, angle):
    vx, vy = v * cos(angle), v * sin(angle)
    x = y = t = 0.0
    while y >= 0 and t < 1:
        x += vx * 0.01
        y += vy * 0.01
        vy -= 9.81 * 0.01
        t += 0.01
    return x


def rk4(y0, k):
    f = lambda y: np.array([y[1], -k * y[0] - 0.1 * y[1]])  # noqa: E731
    y, h = y0, 0.1
    for _ in range(5):
        k1 = f(y)
        k2 = f(y + h / 2 * k1)
        k3 = f(y + h / 2 * k2)
        k4 = f(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y**2)


def lotka_volterra(p, y0):
    a, b, c, d = p
    traj = np.zeros((6, 2))
    traj[0] = y0
    for i in range(5):
        x, y = traj[i]
        traj[i + 1] = traj[i] + 0.1 * np.array([a * x - b * x * y, c * x * y - d * y])
    return traj[-1].sum()


def lorenz(s):
    x, y, z = s
    for _ in range(4):
        x, y, z = x + 0.01 * 10 * (y - x), y + 0.01 * (x * (28 - z) - y), z + 0.01 * (x * y - 8 / 3 * z)
    return x * y + z


def verlet(q, p):
    force = lambda q: -q - q**3  # noqa: E731
    dt = 0.1
    for _ in range(6):
        p += 0.5 * dt * force(q)
        q += dt * p
        p += 0.5 * dt * force(q)
    return 0.5 * np.dot(p, p) + 0.5 * q @ q


def lennard_jones(X):
    energy = 0.0
    for i in range(len(X)):
        for j in range(i + 1, len(X)):
            r2 = np.sum((X[i] - X[j]) ** 2)
            s6 = (1.0 / r2) ** 3
            energy += 4 * (s6 * s6 - s6)
    return energy


def coulomb(X, q):
    d = np.linalg.norm(X[:, None] - X[None], axis=-1)
    i, j = np.triu_indices(len(X), 1)
    return (q[i] * q[j] / d[i, j]).sum()


def gravity_potential(X, m):
    total = 0
    for a in range(len(m)):
        for b in range(a):
            total -= m[a] * m[b] / sqrt((X[a, 0] - X[b, 0]) ** 2 + (X[a, 1] - X[b, 1]) ** 2)
    return total


def springs(X):
    edges = [(0, 1), (1, 2), (2, 0)]
    return sum(0.5 * (np.hypot(*(X[a] - X[b])) - 1.0) ** 2 for a, b in edges)


def heat(u, k):
    u = u.copy()
    for _ in range(4):
        u[1:-1] = u[1:-1] + k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def heat_in_place(u, k):
    for _ in range(3):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return float(u @ u)


def wave_roll(u):
    v = np.zeros_like(u)
    for _ in range(3):
        lap = np.roll(u, 1) + np.roll(u, -1) - 2 * u
        v += 0.1 * lap
        u = u + 0.1 * v
    return (u**2).sum()


def poisson_residual(u, f):
    lap = np.zeros(u.shape)
    lap[1:-1, 1:-1] = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    return np.linalg.norm(lap - f) ** 2


def gauss_seidel(b):
    x = np.zeros(3)
    A = np.array([[4.0, 1, 0], [1, 4, 1], [0, 1, 4]])
    for _ in range(3):
        for i in range(3):
            x[i] = (b[i] - A[i, :i] @ x[:i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x.sum()


def thomas(a, b, c, d):
    n = len(d)
    cp, dp = np.empty(n), np.empty(n)
    cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.empty(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return np.sum(x)


def rotation(angles, v):
    a, b = angles
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    rz = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return (rz @ rx @ v)[0]


def quaternion(q, v):
    w, x, y, z = q / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return np.sum(R.dot(v) ** 3)


def cross_area(a, b, c):
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a))


def angle(u, v):
    return np.arccos(np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))) + np.arctan2(u[1], u[0])


def haversine(p, q):
    lat1, lon1 = np.radians(p)
    lat2, lon2 = np.deg2rad(q)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * np.arcsin(np.sqrt(h)) / 1000


def arm(angles):
    x = y = total = 0.0
    for a in angles:
        total = total + a
        x += math.cos(total)
        y += math.sin(total)
    return math.hypot(x - 1.0, y - 0.5)


def pinhole(P, R):
    cam = P @ R
    uv = cam[:, :2] / cam[:, 2:]
    return np.sum(uv**2)


def planck(T, lam):
    return np.sum(1 / lam**5 / (np.exp(1.4 / (lam * T)) - 1))


def ideal_gas(n, T, V):
    return n * 8.314 * T / V + (n / V) ** 2 * 0.2


def michaelis(vmax, km, s, v):
    return np.sum((vmax * s / (km + s) - v) ** 2)


def arrhenius(A, Ea, T):
    return A * exp(-Ea / (8.314e-3 * T)) + pi


def trapezoid(y, x):
    return np.trapezoid(y, x) ** 2 + np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)


def simpson(y):
    h = 0.5
    return h / 3 * (y[0] + 4 * np.sum(y[1:-1:2]) + 2 * np.sum(y[2:-1:2]) + y[-1])


def polynomial(c, x):
    return np.polyval(c, x).sum() + np.sum(np.vander(x, 3) @ c[:3])


def horner(c, x):
    result = 0
    for a in c[::-1]:
        result = result * x + a
    return result


def interpolation(x, y):
    return np.sum(np.interp(np.array([0.3, 1.4, 2.2]), x, y))


def spline_like(c, x):
    t = x - np.floor(x)
    i = np.floor(x).astype(int)
    return np.sum((1 - t) * c[i] + t * c[i + 1])


def bilinear(img, p):
    i, j = int(p[0]), int(p[1])
    a, b = p[0] - i, p[1] - j
    low = img[i, j] * (1 - b) + img[i, j + 1] * b
    high = img[i + 1, j] * (1 - b) + img[i + 1, j + 1] * b
    return low * (1 - a) + high * a


def gradient_energy(u):
    gy, gx = np.gradient(u)
    return np.sum(gx**2 + gy**2)


def fir(x, h):
    return np.sum(np.convolve(x, h, "same") ** 2)


def iir(x, a):
    y = [x[0]]
    for v in x[1:]:
        y.append(a * y[-1] + (1 - a) * v)
    return np.mean(np.array(y) ** 2)


def dft_power(x):
    n = len(x)
    k = np.arange(n)
    ang = 2 * np.pi * np.outer(k, k) / n
    re, im = np.cos(ang) @ x, np.sin(ang) @ x
    return np.sum((re**2 + im**2) ** 0.5)


def fft_power(x):
    return np.sum(np.abs(np.fft.rfft(x)) ** 2)


def dct(x):
    n = x.size
    C = np.fromfunction(lambda k, i: np.cos(np.pi * (2 * i + 1) * k / (2 * n)), (n, n))
    return np.sum((C @ x) ** 3)


def black_scholes(s, k, sigma):
    d1 = (math.log(s / k) + 0.5 * sigma**2) / sigma
    cdf = lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2)))  # noqa: E731
    return s * cdf(d1) - k * cdf(d1 - sigma)


def binomial_tree(s, sigma):
    n, dt = 4, 0.25
    u = math.exp(sigma * math.sqrt(dt))
    d = 1 / u
    p = (1.01 - d) / (u - d)
    values = [max(s * u**j * d ** (n - j) - 1.0, 0.0) for j in range(n + 1)]
    for step in range(n, 0, -1):
        values = [(p * values[j + 1] + (1 - p) * values[j]) / 1.01 for j in range(step)]
    return values[0]


def present_value(rate, flows):
    return sum(c / (1 + rate) ** t for t, c in enumerate(flows, start=1))


def newton_root(a):
    x = 1.0
    while abs(x * x - a) > 1e-14 and x < 100:
        x = 0.5 * (x + a / x)
    return x


def fixed_point(w, b):
    x = np.zeros(2)
    for _ in range(8):
        x = np.tanh(w @ x + b)
    return x.prod()


def power_iteration(A):
    v = np.ones(A.shape[0])
    for _ in range(6):
        v = A @ v
        v = v / np.linalg.norm(v)
    return v @ A @ v


def eigenvalues(A):
    return np.linalg.eigvalsh(A + A.T)[-1]


def general_eigenvalues(A):
    return np.linalg.eigvals(A).real.max()


def truss(k, f):
    K = np.zeros((3, 3))
    for e, (i, j) in enumerate([(0, 1), (1, 2)]):
        K[np.ix_([i, j], [i, j])] += k[e] * np.array([[1, -1], [-1, 1]])
    K[0, 0] += 1
    return f @ np.linalg.solve(K, f)


def ising(J, s):
    return -np.einsum("i,ij,j->", s, J, s) + np.log(np.prod(2 * np.cosh(J @ s)))


CASES = (
    case(pendulum, 0.7, 1.1),
    case(pendulum_math, 0.7, 1.1),
    case(projectile, 3.0, 0.8),
    case(rk4, normal(2), 1.3),
    case(lotka_volterra, positive(4), positive(2)),
    case(lorenz, normal(3)),
    case(verlet, normal(2), normal(2)),
    case(lennard_jones, np.array([[0.0, 0, 0], [1.1, 0, 0.1], [0.2, 1.3, 0]])),
    case(coulomb, normal(3, 3), normal(3)),
    case(gravity_potential, normal(3, 2), positive(3)),
    case(springs, normal(3, 2)),
    case(heat, normal(6), 0.2),
    case(heat_in_place, normal(6), 0.2),
    case(wave_roll, normal(5)),
    case(poisson_residual, normal(4, 4), normal(4, 4)),
    case(gauss_seidel, normal(3)),
    case(thomas, normal(4, scale=0.1), positive(4), normal(4, scale=0.1), normal(4)),
    case(rotation, normal(2), normal(3)),
    case(quaternion, normal(4), normal(3)),
    case(cross_area, normal(3), normal(3), normal(3)),
    case(angle, normal(3), normal(3)),
    case(haversine, np.array([10.0, 20.0]), np.array([12.0, 25.0])),
    case(arm, normal(3)),
    case(pinhole, normal(3, 3), normal(3, 3)),
    case(planck, 1.2, positive(3)),
    case(ideal_gas, 1.1, 2.0, 0.7),
    case(michaelis, 1.3, 0.6, positive(4), positive(4)),
    case(arrhenius, 1.5, 2.0, 300.0),
    case(trapezoid, normal(4), np.array([0.0, 0.4, 1.1, 1.7])),
    case(simpson, normal(5)),
    case(polynomial, normal(4), normal(3)),
    case(horner, normal(4), 0.7),
    case(interpolation, np.array([0.0, 1.0, 2.0, 3.0]), normal(4)),
    case(spline_like, normal(5), np.array([0.3, 1.6, 2.2])),
    case(bilinear, normal(4, 4), np.array([1.3, 2.4])),
    case(gradient_energy, normal(4, 3)),
    case(fir, normal(6), normal(3)),
    case(iir, normal(5), 0.6),
    case(dft_power, normal(5)),
    case(fft_power, normal(5), lost="complex numbers"),
    case(dct, normal(4)),
    case(black_scholes, 1.1, 1.0, 0.3),
    case(binomial_tree, 1.1, 0.3),
    case(present_value, 0.05, normal(4)),
    case(newton_root, 2.5),
    case(fixed_point, normal(2, 2), normal(2)),
    case(power_iteration, positive(3, 3)),
    case(eigenvalues, normal(3, 3)),
    case(general_eigenvalues, normal(3, 3), lost="need not be symmetric"),
    case(truss, positive(2), normal(3)),
    case(ising, normal(3, 3), normal(3)),
)
