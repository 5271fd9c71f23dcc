"""Systems that exercise what the notation has, for the tests of the judge."""

from gradproof import catalogue
from gradproof.derive.notation import parse_system
from tests.entries import SMALL

_TEXTS = {
    "layer norm": """
        given x[m,D], g[D]
        mu[i] = mean[d] x[i,d]
        v[i] = mean[d] (x[i,d] - mu[i])**2
        r[i] = 1/sqrt(v[i] + 0.01)
        y[i,d] = g[d]*(x[i,d] - mu[i])*r[i]
        """,
    "causal attention": """
        given q[T,D], k[T,D], v[T,D]
        s[i,j] = sum[d] q[i,d]*k[j,d]/sqrt(D)
        p[i,j] = [j<=i]*exp(s[i,j]) / sum[l<=i] exp(s[i,l])
        o[i,d] = sum[j] p[i,j]*v[j,d]
        """,
    "strided convolution": """
        given size s, p, Ho
        given x[N,C,H], w[O,C,K]
        outside x = 0
        shape y[N,O,Ho]
        y[n,o,i] = sum[c,u] x[n,c,s*i+u-p]*w[o,c,u]
        """,
    "max-pool": """
        given size s, k
        given x[N,H], t[N,Ho]
        outside x = 0
        shape y[N,Ho]
        y[n,i] = max[u<k] x[n,s*i+u]
        L = sum[n,i] y[n,i]*t[n,i]
        """,
    "embedding": """
        given tok[T] in V
        given E[V,D], u[D]
        y[t] = tanh(sum[d] E[tok[t],d]*u[d])
        """,
    "unknown function": """
        given function phi
        given w[n], x[n]
        z = sum[i] w[i]*x[i]
        a = phi(z)*z
        """,
    "probabilities": """
        given p[n], y[n]
        L = -(sum[i] y[i]*log(p[i])) - sum[i] log(1-p[i])*(1-y[i])
        """,
    "max of two": """
        given x[n], y[n]
        L = sum[i] (max(x[i], y[i])**2 + abs(x[i]))
        """,
    "product": """
        given x[n]
        L = prod[i] (1 + x[i]**2)
        """,
}

SYSTEMS = {
    name: parse_system("\n".join(t.strip() for t in text.strip().splitlines()), name) for name, text in _TEXTS.items()
}
CATALOGUE = {name: parse_system(catalogue.read(name), name) for name in SMALL}
EVERY = {**CATALOGUE, **SYSTEMS}
