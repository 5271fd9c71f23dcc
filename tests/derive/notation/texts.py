"""Systems in the notation that this and later parts of the library meet; every one must round-trip."""

# ruff: noqa: E501 (equations are one line each)

TEXTS = {
    "lstm": """
given x[T,B,D], h0[B,K], c0[B,K]
param Wi[D,K], Wf[D,K], Wo[D,K], Wg[D,K], Ui[K,K], Uf[K,K], Uo[K,K], Ug[K,K], bi[K], bf[K], bo[K], bg[K]
start h[-1,n,k] = h0[n,k]
start c[-1,n,k] = c0[n,k]
gi[t,n,k] = sigmoid(sum[d] x[t,n,d]*Wi[d,k] + sum[j] h[t-1,n,j]*Ui[j,k] + bi[k])
gf[t,n,k] = sigmoid(sum[d] x[t,n,d]*Wf[d,k] + sum[j] h[t-1,n,j]*Uf[j,k] + bf[k])
go[t,n,k] = sigmoid(sum[d] x[t,n,d]*Wo[d,k] + sum[j] h[t-1,n,j]*Uo[j,k] + bo[k])
g[t,n,k] = tanh(sum[d] x[t,n,d]*Wg[d,k] + sum[j] h[t-1,n,j]*Ug[j,k] + bg[k])
c[t,n,k] = gf[t,n,k]*c[t-1,n,k] + gi[t,n,k]*g[t,n,k]
h[t,n,k] = go[t,n,k]*tanh(c[t,n,k])
""",
    "attention": """
given Q[B,H,T,D], K[B,H,S,D], V[B,H,S,E]
e[b,h,i,j] = 1/sqrt(D)*sum[d] Q[b,h,i,d]*K[b,h,j,d]
a[b,h,i,j] = exp(e[b,h,i,j])/sum[l] exp(e[b,h,i,l])
o[b,h,i,v] = sum[j] a[b,h,i,j]*V[b,h,j,v]
""",
    "causal": """
given q[T,D], k[T,D], v[T,D]
s[i,j] = sum[d] q[i,d]*k[j,d]/sqrt(D)
a[i,j] = [j <= i]*exp(s[i,j])/sum[l<=i] exp(s[i,l])
o[i,d] = sum[j<=i] a[i,j]*v[j,d]
""",
    "embedding": """
given tok[T] in V
param E[V,D]
x[t,d] = E[tok[t],d]
""",
    "maxpool": """
given x[N,C,H,W]
given size k, s
shape y[N,C,Ho,Wo]
y[n,c,i,j] = max[u<k, v<k] x[n,c,s*i+u,s*j+v]
""",
    "maxpool_back": """
given x[N,C,H,W], d_y[N,C,Ho,Wo]
given size k, s
shape g[N,C,H,W]
g[n,c,a,b] = sum[i, j, 0 <= a-s*i < k, 0 <= b-s*j < k, (a-s*i, b-s*j) == argmax[u<k, v<k] x[n,c,s*i+u,s*j+v]] d_y[n,c,i,j]
""",
    "conv_back": """
given w[O,C,K,K], d_y[N,O,Ho,Wo]
given size s, p, q
shape g[N,C,H,W]
g[n,c,h,i] = sum[o, u, v, 0 <= (h+p-q*u)/s < Ho, 0 <= (i+p-q*v)/s < Wo, (h+p-q*u) % s == 0, (i+p-q*v) % s == 0] d_y[n,o,(h+p-q*u)/s,(i+p-q*v)/s]*w[o,c,u,v]
""",
    "layernorm": """
given x[m,D], g[D], b[D], eps
mu[i] = mean[d] x[i,d]
v[i] = mean[d] (x[i,d]-mu[i])**2
r[i] = (v[i]+eps)**(-1/2)
xhat[i,d] = (x[i,d]-mu[i])*r[i]
y[i,d] = g[d]*xhat[i,d] + b[d]
""",
    "reverse": """
given x[n]
shape y[n]
y[i] = x[n-1-i]
z[i] = prod[j] (x[j] + [i==j])
w[i] = where(x[i] > 0, x[i], 0.01*x[i])
u[i] = where(i == 0, 1, x[i])
gelu[i] = 0.5*x[i]*(1 + tanh(sqrt(2/pi)*(x[i] + 0.044715*x[i]**3)))
c = max[i] x[i]
l = log(sum[i] exp(x[i] - c)) + c
q = prod[k<n, k != 3] x[k]**2
s = sum[i] x[i]*sum[j<=i] x[j]
""",
    "hmm": """
given e[T,K], A[K,K], p0[K]
start al[-1,k] = p0[k]
al[t,k] = e[t,k]*sum[j] al[t-1,j]*A[j,k]
L = -log(sum[k] al[T-1,k])
""",
    "focal": """
given z[m], y[m], gamma
p[i] = sigmoid(z[i])
L = -1/m * sum[i] (y[i]*(1-p[i])**gamma*log(p[i]) + (1-y[i])*p[i]**gamma*log(1-p[i]))
""",
    "ema": """
given g[n], beta, w[n], alpha, m[n], v[n]
m[i] := beta*m[i] + (1-beta)*g[i]
v[i] := beta*v[i] + (1-beta)*g[i]**2
w[i] := w[i] - alpha*m[i]/(sqrt(v[i]) + 1e-8)
""",
    "outside": """
given x[n], w[k]
outside x = -1
y[i] = x[i]*2 + sum[u] x[i-u]*w[u]
""",
    "pos": """
given th[K]
shape P[T,K]
P[t,k] = cos(t*th[k])
""",
    "sigma": """
given ŷ[m], y[m], σ, λ
L = Σ[i] (ŷ[i] − y[i])²/(2·m·σ²) + λ×σ
""",
    "infonce": """
given u[m,D], v[m,D], tau
s[i,j] = sum[d] u[i,d]*v[j,d]/tau
L = -1/m*sum[i] log(exp(s[i,i])/sum[j] exp(s[i,j]))
""",
    "triplet": """
given a[m,D], p[m,D], n[m,D], margin
L = mean[i] max(0, sum[d] (a[i,d]-p[i,d])**2 - sum[d] (a[i,d]-n[i,d])**2 + margin)
M = max(1, 2, L)
""",
    "groups": """
given x[N,G,C,H], w[G,O,C,k]
given size s
outside x = 0
shape y[N,G,O,Ho]
y[n,g,o,h] = sum[c,u] x[n,g,c,s*h+u-1]*w[g,o,c,u]
""",
    "not": """
given x[n], y[n]
a[i] = [not(0 <= i-2 < n, x[i] > 0)]*y[i] + [not(i < 3)]*x[i] + [i % 2 == 0]*x[i] + [i % 3 != 1]*y[i]
""",
    "conv2d": """
given x[N, C, H, W], w[O, C, K, L], b[O]
given size s, p, q, Ho, Wo
shape y[N, O, Ho, Wo]
outside x = 0
y[n,o,i,j] = sum[c,u,v] x[n,c,s*i+q*u-p,s*j+q*v-p]*w[o,c,u,v] + b[o]
""",
    "rnn": """
given x[T, B, D], W[D, K], U[K, K], h0[B, K], b[K]
start h[-1,n,k] = h0[n,k]
h[t,n,k] = tanh(sum[d] x[t,n,d]*W[d,k] + sum[j] h[t-1,n,j]*U[j,k] + b[k])
e[t,n,k] = [t+1 < T]*h[t,n,k] + [t+1 == T]*2
""",
    "reversed": """
given x[T]
start b[T] = 1
b[t] = x[t]*b[t+1]
""",
    "documented": """
# a comment
'''Title with "quotes" and a \"\"\" inside.
Source: somewhere,
  on two lines.'''
given x[m, 2*n+1], label[m] in n  # another one
assume sum[c] x[i,c] = 1
assume sum[c] x[i,c]**2 = label[i]
y[i] = (x[i,label[i]]
        + 1)   # goes on while a bracket is open
""",
}
